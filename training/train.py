#!/usr/bin/env python3
"""Trains the second reader of utterances (src/ai/semantic_reader.h) from the corpus beside this file.

    train.py train             heads and adapters from the whole corpus -> protocols/semantic_reader.json
    train.py cross-validate    each family of phrasing judged by a model that never saw it -> thresholds.json, figures

The encoder (all-MiniLM-L6-v2) stays as it is but for a low-rank change of its matrices (LoRA); on it stands one linear
head per concept. Both are learned together, for sentence likeness alone cannot tell "no pain" from "pain". README.md
here says more.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
ENCODER = ROOT / "models" / "sentence-encoder"
OUT = ROOT / "protocols" / "semantic_reader.json"
THRESHOLDS = HERE / "thresholds.json"

WIDTH, HEADS, LAYERS, PIECES_MAX = 384, 12, 6, 96
RANK, ADAPTER_SCALE, LOGIT_SCALE = 8, 2.0, 5.0
EPOCHS, BATCH, RATE, POSITIVE_WEIGHT, DROPOUT = 6, 32, 2e-3, 3.0, 0.1
FOLDS, EXAMPLES_PER_CONCEPT = 4, 10
MATRICES = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
            "intermediate.dense", "output.dense"]
LENGTHS = (16, 24, 32, 48, 64, PIECES_MAX)


def load_corpus():
    known = {c["id"]: c for c in json.loads((ROOT / "protocols" / "concepts.json").read_text())["concepts"]}
    rows, seen = [], set()
    for path in sorted((HERE / "corpus").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            where = f"{path.name}:{number}"
            for field in ("family", "question", "utterance", "concepts", "kind"):
                if field not in row:
                    sys.exit(f"{where}: no {field}")
            unknown = set(row["concepts"]) - set(known)
            if unknown:
                sys.exit(f"{where}: unknown concepts {sorted(unknown)}")
            if (row["question"], row["utterance"]) in seen:
                sys.exit(f"{where}: the same utterance twice")
            seen.add((row["question"], row["utterance"]))
            rows.append(row)
    return rows, known


class WordPieces:
    """As src/ai/word_pieces.cpp."""

    def __init__(self):
        lines = (ENCODER / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self.ids = {piece: number for number, piece in enumerate(lines)}

    def encode(self, text):
        ids = [self.ids["[CLS]"]]
        for word in re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower()):
            ids += self.pieces_of(word)
        return ids[: PIECES_MAX - 1] + [self.ids["[SEP]"]]

    def pieces_of(self, word):
        pieces, at = [], 0
        while at < len(word):
            end = len(word)
            while end > at and ("##" if at else "") + word[at:end] not in self.ids:
                end -= 1
            if end == at:
                return [self.ids["[UNK]"]]
            pieces.append(self.ids[("##" if at else "") + word[at:end]])
            at = end
        return pieces


def input_of(row):
    return row["question"].replace("_", " ") + ": " + row["utterance"]


class Encoder:
    def __init__(self):
        self.weights = {k: jnp.asarray(v) for k, v in load_file(ENCODER / "model.safetensors").items()
                        if v.dtype == np.float32}

    def start(self, concepts, seed):
        """Parameters before learning: adapters that change nothing, heads that say no."""
        random = np.random.default_rng(seed)
        learned = {}
        for layer in range(LAYERS):
            for matrix in MATRICES:
                rows, columns = self.weights[f"encoder.layer.{layer}.{matrix}.weight"].shape
                down = random.normal(0, 1 / np.sqrt(columns), (RANK, columns))
                learned[f"{layer}.{matrix}.down"] = jnp.asarray(down, jnp.float32)
                learned[f"{layer}.{matrix}.up"] = jnp.zeros((rows, RANK), jnp.float32)
        learned["head.weights"] = jnp.asarray(random.normal(0, 0.05, (WIDTH, concepts)), jnp.float32)
        learned["head.bias"] = jnp.full(concepts, -4.0, jnp.float32)
        return learned

    def norm(self, x, name):
        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        return (x - mean) / jnp.sqrt(variance + 1e-12) * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def vectors(self, learned, ids, key=None):
        """Of length 1, one for each row of ids (0 is padding)."""
        w = self.weights
        count, length = ids.shape
        mask = (ids > 0) | (jnp.arange(length)[None] == 0)

        def drop(x, place):
            if key is None:
                return x
            keep = jax.random.bernoulli(jax.random.fold_in(key, place), 1 - DROPOUT, x.shape)
            return x * keep / (1 - DROPOUT)

        def dense(x, layer, matrix):
            name = f"encoder.layer.{layer}.{matrix}"
            plain = x @ w[name + ".weight"].T + w[name + ".bias"]
            adapted = (x @ learned[f"{layer}.{matrix}.down"].T) @ learned[f"{layer}.{matrix}.up"].T
            return plain + ADAPTER_SCALE * adapted

        def heads(x):
            return x.reshape(count, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        x = (w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:length]
             + w["embeddings.token_type_embeddings.weight"][0])
        x = drop(self.norm(x, "embeddings.LayerNorm"), 0)
        hidden = jnp.where(mask, 0, -1e9)[:, None, None, :]
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}."
            q, k, v = (heads(dense(x, layer, "attention.self." + n)) for n in ("query", "key", "value"))
            seen = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS) + hidden, -1) @ v
            seen = seen.transpose(0, 2, 1, 3).reshape(count, length, WIDTH)
            seen = drop(dense(seen, layer, "attention.output.dense"), 2 * layer + 1)
            x = self.norm(seen + x, prefix + "attention.output.LayerNorm")
            inner = jax.nn.gelu(dense(x, layer, "intermediate.dense"), approximate=False)
            x = self.norm(drop(dense(inner, layer, "output.dense"), 2 * layer + 2) + x, prefix + "output.LayerNorm")
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / jnp.linalg.norm(mean, axis=-1, keepdims=True)

    def logits(self, learned, ids, key=None):
        return LOGIT_SCALE * self.vectors(learned, ids, key) @ learned["head.weights"] + learned["head.bias"]


def batches(ids, chosen, random=None):
    """Rows of like length together; in random order when learning."""
    order = sorted(chosen, key=lambda i: len(ids[i]) + (random.integers(0, 6) if random is not None else 0))
    groups = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
    if random is not None:
        random.shuffle(groups)
    for group in groups:
        length = next(n for n in LENGTHS if n >= max(len(ids[i]) for i in group))
        padded = np.zeros((BATCH, length), np.int32)
        for place, i in enumerate(group):
            padded[place, : len(ids[i])] = ids[i]
        yield group, padded


def learn(encoder, ids, labels, chosen, seed=0):
    learned = encoder.start(labels.shape[1], seed)
    random = np.random.default_rng(seed)
    steps = EPOCHS * (len(chosen) // BATCH + 1)
    rate = optax.warmup_cosine_decay_schedule(0, RATE, steps // 10, steps, RATE * 0.02)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=0.01))
    state = optimiser.init(learned)

    def loss(learned, padded, wanted, key):
        z = encoder.logits(learned, padded, key)
        return -(POSITIVE_WEIGHT * wanted * jax.nn.log_sigmoid(z) + (1 - wanted) * jax.nn.log_sigmoid(-z)).sum(1).mean()

    @jax.jit
    def step(learned, state, padded, wanted, key):
        value, gradient = jax.value_and_grad(loss)(learned, padded, wanted, key)
        change, state = optimiser.update(gradient, state, learned)
        return optax.apply_updates(learned, change), state, value

    key, taken = jax.random.PRNGKey(seed), 0
    for epoch in range(EPOCHS):
        began, total, count = time.time(), 0.0, 0
        for group, padded in batches(ids, chosen, random):
            wanted = np.zeros((BATCH, labels.shape[1]), np.float32)
            wanted[: len(group)] = labels[group]
            learned, state, value = step(learned, state, padded, wanted, jax.random.fold_in(key, taken))
            total, count, taken = total + float(value), count + 1, taken + 1
        print(f"  epoch {epoch + 1} of {EPOCHS}: loss {total / count:.3f}, {time.time() - began:.0f} s", flush=True)
    return learned


def apply(function, ids, chosen, width):
    out = np.zeros((len(ids), width), np.float32)
    for group, padded in batches(ids, chosen):
        out[group] = np.asarray(function(padded))[: len(group)]
    return out[chosen]


def fold_of(family):
    return int(hashlib.md5(family.encode()).hexdigest(), 16) % FOLDS


def choose_thresholds(rows, concepts, known, scores):
    """The lowest logit at which quiet utterances stay quiet (one in 300 for a concept, one in 500 for a concern that is
    no emergency's sign) and at least half of the findings are right (three in five for what is no emergency)."""
    quiet = np.array([not row["concepts"] for row in rows])
    thresholds = {}
    for place, concept in enumerate(concepts):
        s = scores[:, place]
        wanted = np.array([concept in row["concepts"] for row in rows])
        emergency = known[concept]["type"] == "emergency"
        floor = np.quantile(s[quiet], 1 - (1 / 300 if emergency else 1 / 500))
        best = None
        for candidate in np.sort(s[s >= max(floor, -1.0)]):
            fired = s >= candidate
            if wanted[fired].mean() >= (0.5 if emergency else 0.6):
                best = float(candidate)
                break
        thresholds[concept] = round(best if best is not None else 9.0, 3)
    return thresholds


def report(rows, concepts, scores, thresholds):
    labels = np.array([[c in row["concepts"] for c in concepts] for row in rows])
    fired = scores >= np.array([thresholds[c] for c in concepts])
    quiet = ~labels.any(1)
    print(f"{'concept':18s} {'lines':>5s} {'found':>6s} {'right':>6s}")
    for place, concept in enumerate(concepts):
        right = labels[:, place] & fired[:, place]
        print(f"{concept:18s} {labels[:, place].sum():5d} {right.sum() / max(1, labels[:, place].sum()):6.2f} "
              f"{right.sum() / max(1, fired[:, place].sum()):6.2f}")
    print(f"all: {(labels & fired).sum() / labels.sum():.3f} of the findings found; "
          f"{(labels & fired).any(1)[~quiet].mean():.3f} of the lines that hold one; "
          f"something found in {fired[quiet].any(1).mean():.4f} of the {quiet.sum()} lines that hold none")


def cross_validate(rows, known, concepts, ids, labels, encoder):
    scores = np.zeros(labels.shape, np.float32)
    folds = np.array([fold_of(row["family"]) for row in rows])
    for fold in range(FOLDS):
        print(f"fold {fold + 1} of {FOLDS}", flush=True)
        learned = learn(encoder, ids, labels, np.where(folds != fold)[0])
        judge = jax.jit(lambda padded: encoder.logits(learned, padded))
        held = np.where(folds == fold)[0]
        scores[held] = apply(judge, ids, held, len(concepts))
    thresholds = choose_thresholds(rows, concepts, known, scores)
    report(rows, concepts, scores, thresholds)
    THRESHOLDS.write_text(json.dumps(thresholds, indent=1) + "\n")


def in_bytes(numbers):
    scale = float(np.abs(numbers).max()) or 1.0
    whole = np.clip(np.round(numbers / scale * 127), -127, 127).astype(np.int8)
    return base64.b64encode(whole.tobytes()).decode(), scale


def examples_of(rows, concepts, vectors):
    """For each concept, examples that lie apart: the next is always the one farthest from those taken."""
    examples = []
    for concept in concepts:
        places = [i for i, row in enumerate(rows) if concept in row["concepts"] and len(row["utterance"]) < 120]
        taken = []
        while places and len(taken) < EXAMPLES_PER_CONCEPT:
            nearest = [max((float(vectors[i] @ vectors[j]) for j in taken), default=0.0) for i in places]
            taken.append(places.pop(int(np.argmin(nearest))))
        for i in taken:
            text, scale = in_bytes(vectors[i])
            examples.append({"concept": concept, "text": rows[i]["utterance"], "scale": scale, "vector": text})
    return examples


def export(rows, concepts, learned, vectors, thresholds):
    adapters = []
    for layer in range(LAYERS):
        for matrix in MATRICES:
            down, up = np.asarray(learned[f"{layer}.{matrix}.down"]), np.asarray(learned[f"{layer}.{matrix}.up"])
            down_text, down_scale = in_bytes(down)
            up_text, up_scale = in_bytes(ADAPTER_SCALE * up)
            adapters.append({"tensor": f"encoder.layer.{layer}.{matrix}.weight", "rank": RANK, "rows": up.shape[0],
                             "columns": down.shape[1], "down_scale": down_scale, "down": down_text,
                             "up_scale": up_scale, "up": up_text})
    weights, bias = LOGIT_SCALE * np.asarray(learned["head.weights"]), np.asarray(learned["head.bias"])
    heads = [{"concept": concept, "threshold": thresholds[concept], "bias": float(bias[place]),
              "weights": base64.b64encode(weights[:, place].astype("<f4").tobytes()).decode()}
             for place, concept in enumerate(concepts)]
    lists = {"adapters": adapters, "heads": heads, "examples": examples_of(rows, concepts, vectors)}
    parts = [f' "{name}": [\n  ' + ",\n  ".join(json.dumps(e) for e in entries) + "\n ]" for name, entries in lists.items()]
    OUT.write_text('{"version": 1, "made_by": "training/train.py",\n' + ",\n".join(parts) + "\n}\n")
    print(f"{OUT.relative_to(ROOT)}: {OUT.stat().st_size // 1024} KiB")


def train(rows, concepts, ids, labels, encoder):
    thresholds = json.loads(THRESHOLDS.read_text())
    everything = np.arange(len(rows))
    learned = learn(encoder, ids, labels, everything)
    vectors = apply(jax.jit(lambda padded: encoder.vectors(learned, padded)), ids, everything, WIDTH)
    export(rows, concepts, learned, vectors, thresholds)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("word", choices=["train", "cross-validate"])
    word = arguments.parse_args().word
    rows, known = load_corpus()
    concepts = list(known)
    pieces, encoder = WordPieces(), Encoder()
    ids = [pieces.encode(input_of(row)) for row in rows]
    labels = np.array([[c in row["concepts"] for c in concepts] for row in rows], np.float32)
    print(f"{len(rows)} utterances in {len({r['family'] for r in rows})} families, {len(concepts)} concepts", flush=True)
    if word == "train":
        train(rows, concepts, ids, labels, encoder)
    else:
        cross_validate(rows, known, concepts, ids, labels, encoder)


if __name__ == "__main__":
    main()
