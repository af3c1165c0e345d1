#!/usr/bin/env python3
"""Make a Piper voice readable for sherpa-onnx: a token table, and the metadata it looks for inside the ONNX file."""

import argparse
import json
from pathlib import Path

# Field numbers of ONNX's protobuf schema: ModelProto.metadata_props, and key and value of each entry.
METADATA_PROPS, ENTRY_KEY, ENTRY_VALUE = 14, 1, 2
LENGTH_DELIMITED = 2


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, payload):
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(payload)) + payload


def metadata(settings):
    """Protobuf reads repeated fields wherever they stand, so the entries may simply follow the model."""
    entries = {
        "model_type": "vits",
        "comment": "piper",
        "language": "English",
        "voice": settings["espeak"]["voice"],
        "has_espeak": "1",
        "n_speakers": str(settings["num_speakers"]),
        "sample_rate": str(settings["audio"]["sample_rate"]),
    }
    pairs = (field(ENTRY_KEY, key.encode()) + field(ENTRY_VALUE, value.encode()) for key, value in entries.items())
    return b"".join(field(METADATA_PROPS, pair) for pair in pairs)


def token_table(settings):
    return "".join(f"{symbol} {ids[0]}\n" for symbol, ids in settings["phoneme_id_map"].items())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the Piper voice; its settings stand beside it in NAME.json")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write; tokens.txt is put beside it")
    options = parser.parse_args()

    settings = json.loads(options.model.with_name(options.model.name + ".json").read_text(encoding="utf-8"))
    options.out.write_bytes(options.model.read_bytes() + metadata(settings))
    options.out.with_name("tokens.txt").write_text(token_table(settings), encoding="utf-8")


if __name__ == "__main__":
    main()
