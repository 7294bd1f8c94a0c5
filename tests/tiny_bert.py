"""Makes tiny encoders with BERT's shape and random weights, and computes in NumPy what they should compute."""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from inference import encoder_setup

WIDTH, HIDDEN, LAYERS, HEADS = 96, 64, 6, 12
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "move", "the", "shelf", "##s", "check", "!", "ä"]
_ADAPTED = ("encoder.layer.0.attention.self.query", "encoder.layer.3.intermediate.dense")

Tensors = dict[str, np.ndarray]


def tiny_bert(seed: int = 0, words: Sequence[str] = WORDS) -> Tensors:
    """Make the tensors of an encoder for a vocabulary."""
    random = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(0, 0.2, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": matrix(len(words), WIDTH),
        "embeddings.position_embeddings.weight": matrix(512, WIDTH),
        "embeddings.token_type_embeddings.weight": matrix(2, WIDTH),
        "embeddings.LayerNorm.weight": 1 + matrix(WIDTH),
        "embeddings.LayerNorm.bias": matrix(WIDTH),
        "pooler.dense.weight": matrix(WIDTH, WIDTH),
    }
    for layer in range(LAYERS):
        beginning = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            tensors[f"{beginning}attention.self.{name}.weight"] = matrix(WIDTH, WIDTH)
            tensors[f"{beginning}attention.self.{name}.bias"] = matrix(WIDTH)
        for name, rows, columns in (
            ("attention.output", WIDTH, WIDTH),
            ("intermediate", HIDDEN, WIDTH),
            ("output", WIDTH, HIDDEN),
        ):
            tensors[f"{beginning}{name}.dense.weight"] = matrix(rows, columns)
            tensors[f"{beginning}{name}.dense.bias"] = matrix(rows)
        for name in ("attention.output", "output"):
            tensors[f"{beginning}{name}.LayerNorm.weight"] = 1 + matrix(WIDTH)
            tensors[f"{beginning}{name}.LayerNorm.bias"] = matrix(WIDTH)
    return tensors


def tiny_adapters(names: Sequence[str] = _ADAPTED, seed: int = 7) -> Tensors:
    """Thin matrices for some of the tiny encoder's matrices."""
    random = np.random.default_rng(seed)
    original = tiny_bert()
    return {
        f"{name}.{part}": random.standard_normal(shape, dtype=np.float32) * 0.2
        for name in names
        for part, shape in (
            ("down", (2, original[f"{name}.weight"].shape[1])),
            ("up", (original[f"{name}.weight"].shape[0], 2)),
        )
    }


def tiny_changes(names: Sequence[str] = _ADAPTED, seed: int = 7) -> Tensors:
    """What is added to some of the tiny encoder's matrices, as whole numbers and a scale for each row."""
    random = np.random.default_rng(seed)
    original = tiny_bert()
    changes: Tensors = {}
    for name in names:
        rows, columns = original[f"{name}.weight"].shape
        changes[f"{name}.change"] = random.integers(-127, 128, (rows, columns), np.int8)
        changes[f"{name}.scale"] = random.uniform(1e-3, 3e-3, (rows, 1)).astype(np.float32)
    return changes


def adapted(tensors: Tensors, stored: Tensors) -> Tensors:
    """The tensors with the products of adapters, or the changes, added."""
    result = dict(tensors)
    for key, values in stored.items():
        name, _, part = key.rpartition(".")
        if part == "up":
            result[f"{name}.weight"] = result[f"{name}.weight"] + values @ stored[f"{name}.down"]
        if part == "change":
            result[f"{name}.weight"] = result[f"{name}.weight"] + values * stored[f"{name}.scale"]
    return result


def safetensors(tensors: Tensors, metadata: dict[str, str] | None = None) -> bytes:
    """Write tensors as 32-bit floats, and whole numbers as bytes."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"} if metadata is None else metadata}
    data = b""
    for name, values in tensors.items():
        begin = len(data)
        kind, stored = ("I8", "i1") if values.dtype == np.int8 else ("F32", "<f4")
        data += values.astype(stored).tobytes()
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def write_wheel(
    path: Path, monkeypatch: pytest.MonkeyPatch, tensors: Tensors, words: Sequence[str] = WORDS
) -> Path:
    """Write a package like the real one with a tiny encoder in it, which set-up takes for the authentic one."""
    weights, vocabulary = safetensors(tensors), "\n".join(words).encode()
    monkeypatch.setattr(encoder_setup, "_WEIGHTS_SHA256", hashlib.sha256(weights).hexdigest())
    monkeypatch.setattr(encoder_setup, "_VOCABULARY_SHA256", hashlib.sha256(vocabulary).hexdigest())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/model/model.safetensors", weights)
        archive.writestr("package/model/vocab.txt", vocabulary)
    return path


def reference_states(tensors: Tensors, tokens: Sequence[int]) -> np.ndarray:
    """Compute BERT in NumPy, from the original tensors: one row a token."""

    def linear(values: np.ndarray, name: str) -> np.ndarray:
        product: np.ndarray = values @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]
        return product

    def norm(values: np.ndarray, name: str) -> np.ndarray:
        centred = values - values.mean(-1, keepdims=True)
        scaled = centred / np.sqrt(values.var(-1, keepdims=True) + 1e-12)
        normal: np.ndarray = scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]
        return normal

    def heads(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(tokens), HEADS, -1).transpose(1, 0, 2)

    values = (
        tensors["embeddings.word_embeddings.weight"][list(tokens)]
        + tensors["embeddings.position_embeddings.weight"][: len(tokens)]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    values = norm(values, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            heads(linear(values, f"{name}.attention.self.{part}")) for part in ("query", "key", "value")
        )
        weights = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH / HEADS))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(1, 0, 2).reshape(len(tokens), WIDTH)
        values = norm(
            values + linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
        )
        inner = linear(values, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        values = norm(values + linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    return values


def reference_vector(tensors: Tensors, tokens: Sequence[int]) -> np.ndarray:
    """Compute mean pooling and normalisation of the states as well."""
    mean = reference_states(tensors, tokens).mean(0)
    unit: np.ndarray = mean / np.linalg.norm(mean)
    return unit
