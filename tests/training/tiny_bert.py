"""A random BERT so small that tests can train it, in the form of the package that carries the real one."""

from __future__ import annotations

import re
import string
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save, save_file

LAYERS, WIDTH, HIDDEN = 6, 96, 64
RANK = 2
SPREAD = 0.05

_MATRICES = {
    "attention.self.query": (WIDTH, WIDTH),
    "attention.self.key": (WIDTH, WIDTH),
    "attention.self.value": (WIDTH, WIDTH),
    "attention.output.dense": (WIDTH, WIDTH),
    "intermediate.dense": (HIDDEN, WIDTH),
    "output.dense": (WIDTH, HIDDEN),
}
_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


def vocabulary() -> list[str]:
    """Special tokens where BERT has them, every character, and the words of the lexicon."""
    free = [f"[unused{number}]" for number in range(99)]
    specials = ["[PAD]", *free, "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = string.ascii_lowercase + string.digits
    said = " ".join(
        path.read_text("utf-8").lower() for path in sorted(Path("training/lexicon").glob("*.txt"))
    )
    words = sorted({word for word in re.findall(r"[a-z]+", said) if len(word) > 1})
    return [*specials, *string.punctuation, *characters, *(f"##{one}" for one in characters), *words]


def write_wheel(path: Path) -> Path:
    """Write a package with random weights."""
    draw = np.random.default_rng(1)

    def matrix(*shape: int) -> np.ndarray:
        return draw.normal(0, SPREAD, shape).astype(np.float32)

    words = vocabulary()
    tensors = {
        "embeddings.word_embeddings.weight": matrix(len(words), WIDTH),
        "embeddings.position_embeddings.weight": matrix(512, WIDTH),
        "embeddings.token_type_embeddings.weight": matrix(2, WIDTH),
        "embeddings.LayerNorm.weight": 1 + matrix(WIDTH),
        "embeddings.LayerNorm.bias": matrix(WIDTH),
    }
    for layer in range(LAYERS):
        for name, shape in _MATRICES.items():
            tensors[f"encoder.layer.{layer}.{name}.weight"] = matrix(*shape)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = matrix(shape[0])
        for name in _NORMS:
            tensors[f"encoder.layer.{layer}.{name}.weight"] = 1 + matrix(WIDTH)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = matrix(WIDTH)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/model/model.safetensors", save(tensors))
        archive.writestr("package/model/vocab.txt", "\n".join(words))
    return path


def write_adapters(path: Path) -> Path:
    """Write thin matrices for all of its matrices, as tuning the encoder does."""
    draw = np.random.default_rng(2)
    adapters = {
        f"encoder.layer.{layer}.{name}.{part}": draw.normal(0, 0.2, shape).astype(np.float16)
        for layer in range(LAYERS)
        for name, (rows, columns) in _MATRICES.items()
        for part, shape in (("down", (RANK, columns)), ("up", (rows, RANK)))
    }
    save_file(adapters, path, {"scale": "12.5", "none_cosine": "0.3"})
    return path
