#!/usr/bin/env python3
"""Turn a CTranslate2 fp16 Whisper model into the ggml f16 file that whisper.cpp loads.

The weights in the package are OpenAI's own, only stored in another container; written in the order of OpenAI's
checkpoint, the result is the published ggml-base.bin byte for byte, which setup proves by its checksum.
"""

import argparse
import math
import struct
from pathlib import Path

import numpy as np

GGML_MAGIC = 0x67676D6C
FILE_TYPE_F16 = 1
TENSOR_TYPES = {np.dtype("<f4"): 0, np.dtype("<f2"): 1}
CT2_VERSION = 6
CT2_DTYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}

SAMPLE_RATE = 16000
FFT_BINS = 201
# whisper.cpp makes up the special tokens by itself; the file holds only the byte-pair tokens before them.
BPE_TOKENS = 50257

# Slaney's mel scale: linear up to 1 kHz, which is mel 15, and 27 mel for each factor of 6.4 above it.
MEL_LINEAR = 200.0 / 3.0
MEL_LOG_START = 15.0
MEL_LOG_STEP = math.log(6.4) / 27.0


class Cursor:
    """Reads the few value kinds of a CTranslate2 file, one after the other."""

    def __init__(self, data):
        self.data = memoryview(data)
        self.at = 0

    def number(self, code):
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return value

    def raw(self, size):
        piece = self.data[self.at : self.at + size]
        if len(piece) != size:
            raise ValueError("the model file ends too early")
        self.at += size
        return piece

    def text(self):
        return bytes(self.raw(self.number("H"))).rstrip(b"\0").decode()


def read_variables(data):
    """Returns every variable of a version 6 CTranslate2 file by its name."""
    cursor = Cursor(data)
    version, spec = cursor.number("I"), cursor.text()
    cursor.number("I")  # revision of the spec: the names below are the same in all of them
    if version != CT2_VERSION or spec != "WhisperSpec":
        raise ValueError(f"cannot read version {version} of {spec}")
    variables = {}
    for _ in range(cursor.number("I")):
        name = cursor.text()
        shape = [cursor.number("I") for _ in range(cursor.number("B"))]
        dtype = np.dtype(CT2_DTYPES[cursor.number("B")])
        variables[name] = np.frombuffer(cursor.raw(cursor.number("I")), dtype).reshape(shape)
    return variables


class Source:
    """The variables under the names that OpenAI gave them."""

    def __init__(self, variables):
        self.variables = variables

    def layers(self, stack):
        count = 0
        while f"{stack}/layer_{count}/ffn/linear_0/weight" in self.variables:
            count += 1
        return count

    def pair(self, theirs, ours):
        yield f"{ours}.weight", self.variables[f"{theirs}/weight"]
        yield f"{ours}.bias", self.variables[f"{theirs}/bias"]

    def norm(self, theirs, ours):
        yield f"{ours}.weight", self.variables[f"{theirs}/gamma"]
        yield f"{ours}.bias", self.variables[f"{theirs}/beta"]

    def conv(self, theirs, ours):
        yield f"{ours}.weight", self.variables[f"{theirs}/weight"]
        # The loader adds this bias to a two-dimensional tensor and wants the same rank.
        yield f"{ours}.bias", self.variables[f"{theirs}/bias"].astype("<f4").reshape(-1, 1)

    def projections(self, theirs, ours, names):
        """Splits one fused projection into its equal parts. A key has no bias in Whisper: its part is all zero."""
        weights = np.split(self.variables[f"{theirs}/weight"], len(names))
        biases = np.split(self.variables[f"{theirs}/bias"], len(names))
        for name, weight, bias in zip(names, weights, biases):
            yield f"{ours}.{name}.weight", weight
            if name != "key":
                yield f"{ours}.{name}.bias", bias
            elif bias.any():
                raise ValueError(f"{theirs} has a key bias: not a Whisper model")

    def self_attention(self, layer, block):
        yield from self.norm(f"{layer}/self_attention/layer_norm", f"{block}.attn_ln")
        yield from self.projections(f"{layer}/self_attention/linear_0", f"{block}.attn", ["query", "key", "value"])
        yield from self.pair(f"{layer}/self_attention/linear_1", f"{block}.attn.out")

    def cross_attention(self, layer, block):
        yield from self.norm(f"{layer}/attention/layer_norm", f"{block}.cross_attn_ln")
        yield from self.projections(f"{layer}/attention/linear_0", f"{block}.cross_attn", ["query"])
        yield from self.projections(f"{layer}/attention/linear_1", f"{block}.cross_attn", ["key", "value"])
        yield from self.pair(f"{layer}/attention/linear_2", f"{block}.cross_attn.out")

    def block(self, stack, number):
        layer, block = f"{stack}/layer_{number}", f"{stack}.blocks.{number}"
        yield from self.norm(f"{layer}/ffn/layer_norm", f"{block}.mlp_ln")
        yield from self.pair(f"{layer}/ffn/linear_0", f"{block}.mlp.0")
        yield from self.pair(f"{layer}/ffn/linear_1", f"{block}.mlp.2")
        yield from self.self_attention(layer, block)
        if stack == "decoder":
            yield from self.cross_attention(layer, block)

    def tensors(self):
        """All tensors in the order of OpenAI's checkpoint: any order loads, only this one gives the known checksum."""
        for stack in ("decoder", "encoder"):
            encodings = self.variables[f"{stack}/position_encodings/encodings"]
            yield f"{stack}.positional_embedding", encodings.astype("<f4")
        yield "decoder.token_embedding.weight", self.variables["decoder/embeddings/weight"]
        for number in range(self.layers("decoder")):
            yield from self.block("decoder", number)
        yield from self.norm("decoder/layer_norm", "decoder.ln")
        yield from self.conv("encoder/conv1", "encoder.conv1")
        yield from self.conv("encoder/conv2", "encoder.conv2")
        for number in range(self.layers("encoder")):
            yield from self.block("encoder", number)
        yield from self.norm("encoder/layer_norm", "encoder.ln_post")


def hertz_of_mel(mel):
    return mel * MEL_LINEAR if mel < MEL_LOG_START else 1000.0 * math.exp(MEL_LOG_STEP * (mel - MEL_LOG_START))


def mel_filters(bands):
    """Triangular filters of equal area over the bins of a 400-point FFT."""
    top = MEL_LOG_START + math.log(SAMPLE_RATE / 2 / 1000.0) / MEL_LOG_STEP
    edges = np.array([hertz_of_mel(top * step / (bands + 1)) for step in range(bands + 2)])
    # Exactly the highest bin: a rounding error here would leave a crumb in the last filter on some machines.
    edges[-1] = SAMPLE_RATE / 2
    bins = np.linspace(0.0, SAMPLE_RATE / 2, FFT_BINS)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / (middle - low)
    falling = (high - bins) / (high - middle)
    # Rounded before the areas are made equal and again after it, as the published numbers were.
    triangles = np.maximum(0.0, np.minimum(rising, falling)).astype("<f4")
    filters = (triangles * (2.0 / (high - low))).astype("<f4")
    # Adding zero turns a negative zero into the positive one of the published file.
    return filters + np.float32(0.0)


def bytes_of_letters():
    """GPT-2 spells each byte as one visible letter: printable bytes as themselves, the rest from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {chr(byte): byte for byte in visible}
    hidden = (byte for byte in range(256) if byte not in visible)
    letters.update({chr(256 + index): byte for index, byte in enumerate(hidden)})
    return letters


def read_tokens(path):
    letters = bytes_of_letters()
    lines = path.read_text(encoding="utf-8").split("\n")[:BPE_TOKENS]
    # The last byte-pair token is the empty one; the vocabulary spells its name out instead.
    return [bytes(letters[letter] for letter in line) for line in lines[:-1]] + [b""]


def write_header(out, source, filters, tokens):
    variables = source.variables
    vocabulary, text_state = variables["decoder/embeddings/weight"].shape
    audio_context, audio_state = variables["encoder/position_encodings/encodings"].shape
    text_context = variables["decoder/position_encodings/encodings"].shape[0]
    head_size = 64  # the same in every Whisper model
    out.write(struct.pack("<I", GGML_MAGIC))
    sizes = [vocabulary, audio_context, audio_state, audio_state // head_size, source.layers("encoder"), text_context]
    sizes += [text_state, text_state // head_size, source.layers("decoder"), filters.shape[0], FILE_TYPE_F16]
    out.write(struct.pack("<11i", *sizes))
    out.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
    out.write(struct.pack("<i", len(tokens)))
    for token in tokens:
        out.write(struct.pack("<I", len(token)) + token)


def write_tensor(out, name, values):
    # Vectors stay in full precision: whisper.cpp adds and multiplies with them directly.
    array = values.astype("<f4") if values.ndim < 2 else values
    label = name.encode()
    out.write(struct.pack("<3i", array.ndim, len(label), TENSOR_TYPES[array.dtype]))
    out.write(struct.pack(f"<{array.ndim}i", *reversed(array.shape)))
    out.write(label + array.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocabulary.txt of the model")
    parser.add_argument("--out", type=Path, required=True, help="the ggml file to write")
    parser.add_argument("parts", type=Path, nargs="+", help="model.bin, or its parts in order")
    options = parser.parse_args()

    source = Source(read_variables(b"".join(part.read_bytes() for part in options.parts)))
    bands = source.variables["encoder/conv1/weight"].shape[1]
    with options.out.open("wb") as out:
        write_header(out, source, mel_filters(bands), read_tokens(options.vocabulary))
        for name, values in source.tensors():
            write_tensor(out, name, values)


if __name__ == "__main__":
    main()
