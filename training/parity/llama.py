"""What llama.cpp says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.progress import track

from inference.llama_cpp_model import LlamaCppModel
from inference.llama_loading import open_gguf
from inference.ports import Prompt
from training.parity.expected import CONTINUED_TOKENS


def differing_tokens(gguf: Path, expected: Mapping[str, list[int]]) -> list[tuple[str, list[int], list[int]]]:
    """Return each string that llama.cpp splits otherwise, with the ids that are expected and those it gives."""
    model = open_gguf(gguf, what="The model", remedy="Write it with training.export_gguf.", n_ctx=512)
    try:
        pairs = [
            (text, ids, list(model.tokenize(text.encode(), add_bos=False, special=True)))
            for text, ids in expected.items()
        ]
    finally:
        model.close()
    return [(text, ids, found) for text, ids, found in pairs if ids != found]


def continuations(gguf: Path, prompts: Iterable[str]) -> list[str]:
    """Continue each prompt as the run-time does, but without a grammar."""
    model = LlamaCppModel(gguf)
    try:
        return [
            model.generate(Prompt(prompt, "", ""), maximum_tokens=CONTINUED_TOKENS).text
            for prompt in track(list(prompts), description=gguf.name)
        ]
    finally:
        model.close()
