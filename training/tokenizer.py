"""Trains and loads the byte-level tokenizer: digits stand alone, no merge crosses a word, special tokens mark parts.

python -m training.tokenizer --out build/model/tokenizer.json [--tiny]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from training.lexicon import read_lexicon
from training.mixture import split_families, texts

VOCABULARY, SAMPLE_BLOCKS = 3072, 9000
TINY_VOCABULARY, TINY_SAMPLE_BLOCKS = 1024, 300
SPECIAL_TOKENS = (
    "<|pad|>", "<|end|>", "<|docs|>", "<|ask|>", "<|hint|>", "<|code|>", "<|site|>", "<|kinds|>", "<|goal|>", "<|plan|>",
)  # fmt: skip


def train_tokenizer(texts: Iterable[str], vocabulary_size: int) -> Tokenizer:
    """Learn merges from a stream of prompts and answers."""
    tokenizer = finish(Tokenizer(models.BPE()))
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def finish(tokenizer: Tokenizer) -> Tokenizer:
    """Set what stands around the merges: how text is split before them, and joined after."""
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer written by `Tokenizer.save`."""
    return Tokenizer.from_file(str(path))


def write_tokenizer(path: Path, vocabulary: int = VOCABULARY, blocks: int = SAMPLE_BLOCKS) -> None:
    """Learn a tokenizer from a sample of what is trained on, the same one for every run, and write it atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    families, _ = split_families(read_lexicon())
    train_tokenizer(texts(families, "tokenizer", blocks), vocabulary).save(str(temporary))
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--tiny", action="store_true", help="small and of a small sample, to test the pipeline"
    )
    arguments = parser.parse_args()
    if arguments.tiny:
        write_tokenizer(arguments.out, TINY_VOCABULARY, TINY_SAMPLE_BLOCKS)
    else:
        write_tokenizer(arguments.out)


if __name__ == "__main__":
    main()
