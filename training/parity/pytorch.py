"""What the training tokenizer and PyTorch say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from inference.program_prompt import END
from training.data.splits import Split
from training.export_gguf import load_checkpoint
from training.lexicon import read_lexicon
from training.mixture import blocks, split_families
from training.model import TinyLlama
from training.parity.expected import CONTINUED_TOKENS, Expected, Greedy
from training.parity.texts import strings
from training.tokenizer import load_tokenizer


def expected(folder: Path, string_count: int, prompt_count: int, threads: int) -> Expected:
    """Split strings, and continue prompts about families that were never trained on, in float32."""
    torch.set_num_threads(threads)
    model, _ = load_checkpoint(folder)
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    _, held_out = split_families(read_lexicon())
    stream = blocks(held_out, "parity", Split.UNSEEN)
    asked: list[tuple[str, str]] = []
    while len(asked) < prompt_count:
        block = next(stream)
        asked += [(block.prefix + question, answer) for question, answer in block.items]
    return Expected(
        tokens={text: _ids(tokenizer, text) for text in strings(string_count)},
        continuations=[greedy(model, tokenizer, *pair) for pair in asked[:prompt_count]],
    )


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def greedy(model: TinyLlama, tokenizer: Tokenizer, prompt: str, guess: str) -> Greedy:
    """Continue a prompt by the most probable token, until the end token or the limit.

    One pass reads a whole guess of what comes and tells up to where it is right, and one token more. So a good guess
    makes it fast; the result does not depend on it.
    """
    read, draft = _ids(tokenizer, prompt), _ids(tokenizer, guess)[:CONTINUED_TOKENS]
    end = tokenizer.token_to_id(END)
    written: list[int] = []
    gaps: list[float] = []
    while len(written) < CONTINUED_TOKENS and end not in written:
        tokens = torch.tensor([read + written + draft])
        length = tokens.shape[1]
        positions, causal = (
            torch.arange(length)[None],
            torch.ones((1, length, length), dtype=torch.bool).tril(),
        )
        hidden = model(tokens, positions, causal)[0, len(read) + len(written) - 1 :]
        top = model.logits(hidden).topk(2)
        best: list[int] = top.indices[:, 0].tolist()
        right = next((place for place, token in enumerate(draft) if token != best[place]), len(draft))
        written += best[: right + 1]
        gaps += (top.values[:, 0] - top.values[:, 1]).tolist()[: right + 1]
        draft = best[right + 1 :]
    count = min(CONTINUED_TOKENS, written.index(end) + 1 if end in written else CONTINUED_TOKENS)
    kept = [token for token in written[:count] if token != end]
    return Greedy(
        prompt=prompt,
        text=_text(tokenizer, kept),
        ends=[len(_text(tokenizer, kept[: number + 1])) for number in range(len(kept))],
        gaps=[round(gap, 4) for gap in gaps[:count]],
    )


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def _text(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """Decode; what ends inside a character is left out, as the run-time does."""
    text: str = tokenizer.decode(list(ids), skip_special_tokens=False)
    return text.replace("\ufffd", "")
