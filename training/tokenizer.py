"""Trains and loads the byte-level tokenizer: digits stand alone, no merge crosses a word, special tokens mark parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

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
