"""How often the right function is found: recall at 1 and at 5, for the product's search and for simpler ones.

    python -m evals.retrieval ITEMS… [--base-encoder GGUF] [--part test] [--limit 100]

Only items with one device and one expected call count. Compared are shared words, BM25, the encoder before it was tuned
alone and added to BM25 (as z-scores, 0.75 of the shared words' weight), and the tuned encoder as device agents use it.
The untuned encoder is made by `parley setup encoder --plain --out FILE`; without it two rows are left out. The last line
is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from device_agent.signatures import chunks, index_key
from evals.baselines import telling_words
from evals.items import Item
from evals.loading import load_items
from evals.scores import Count
from evals.things import Thing, thing_of
from inference.encoder import LlamaCppEncoder
from inference.notation import MAXIMUM_CANDIDATES
from inference.ports import Encoder
from inference.search_text import without_numbers
from inference.settings import InferenceSettings, open_finder
from inference.words import split_words
from rag.api_index import ApiIndex, Chunk

FEW = 5
_LEXICAL_WEIGHT = 0.75

Scores = NDArray[np.float64]
Search = Callable[[str], Sequence[str]]
"""Returns the names of a device's functions, best first."""


@dataclass(frozen=True, slots=True)
class Recall:
    """How often the right function came first, and how often among the best five."""

    first: Count
    few: Count


def fitting(items: Sequence[Item]) -> list[Item]:
    """Return the items that speak to one device and expect one call."""
    return [item for item in items if len(item.addressed) == 1 and len(item.expected) == 1]


def measure(items: Sequence[Item], encoder: Encoder, base: Encoder | None) -> dict[str, Recall]:
    """Search for every item in every way; returns each way's recall.

    Args:
        items: as `fitting` returns them.
        encoder: the product's.
        base: the same before it was tuned; None leaves its ways out.

    Raises:
        ModelError: an encoder failed.
    """
    ranks: dict[str, list[int | None]] = {}
    searches: dict[str, dict[str, Search]] = {}
    things: dict[str, Thing] = {}
    with closing(ApiIndex(None, encoder)) as index:
        for item in track(items, description="searching", console=Console(stderr=True)):
            device = item.addressed[0]
            if device.key not in things:
                things[device.key] = thing_of(device)
                searches[device.key] = _searches(things[device.key], index, base)
            wanted = item.expected[0].action
            for way, search in searches[device.key].items():
                found = [things[device.key].actions.get(name, ("",))[0] for name in search(item.utterance)]
                ranks.setdefault(way, []).append(found.index(wanted) if wanted in found else None)
    return {
        way: Recall(
            Count(sum(rank == 0 for rank in placed), len(placed)),
            Count(sum(rank is not None and rank < FEW for rank in placed), len(placed)),
        )
        for way, placed in ranks.items()
    }


def _searches(thing: Thing, index: ApiIndex, base: Encoder | None) -> dict[str, Search]:
    """Make every way of searching one device's functions."""
    described = chunks(thing.description)
    words = _shared_words(described)
    bm25 = _bm25(described)
    ways: dict[str, Search] = {"shared words": _ranked(described, words), "BM25": _ranked(described, bm25)}
    if base is not None:
        dense = _dense(described, base)
        ways["untuned encoder"] = _ranked(described, dense)
        ways["untuned encoder + BM25"] = _ranked(
            described,
            lambda sentence: _z_scores(dense(sentence)) + _LEXICAL_WEIGHT * _z_scores(bm25(sentence)),
        )
    key = index_key(thing.description)
    index.build(key, key, described)

    def as_the_product(sentence: str) -> list[str]:
        found = index.retrieve_clauses(key, without_numbers(sentence), MAXIMUM_CANDIDATES)
        return [candidate.key for candidate in found.candidates]

    ways["tuned encoder, as the product"] = as_the_product
    return ways


def _ranked(described: Sequence[Chunk], score: Callable[[str], Scores]) -> Search:
    """Rank by a score; equal scores keep the order of the description."""

    def search(sentence: str) -> list[str]:
        order = np.argsort(-score(without_numbers(sentence)), kind="stable")
        return [described[place].key for place in order]

    return search


def _shared_words(described: Sequence[Chunk]) -> Callable[[str], Scores]:
    known = [telling_words(chunk.words) for chunk in described]
    return lambda sentence: np.array([len(telling_words(sentence) & words) for words in known], dtype=float)


def _bm25(described: Sequence[Chunk]) -> Callable[[str], Scores]:
    index = bm25s.BM25()
    index.index([split_words(chunk.words) for chunk in described], show_progress=False)

    def score(sentence: str) -> Scores:
        words = split_words(sentence)
        if not words:
            return np.zeros(len(described))
        return np.asarray(index.get_scores(words), dtype=np.float64)

    return score


def _dense(described: Sequence[Chunk], encoder: Encoder) -> Callable[[str], Scores]:
    vectors = encoder.embed([chunk.text for chunk in described])
    return lambda sentence: np.asarray(vectors @ encoder.embed([sentence])[0], dtype=np.float64)


def _z_scores(values: Scores) -> Scores:
    spread = float(values.std())
    standardised: Scores = (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
    return standardised


def print_recalls(recalls: dict[str, Recall]) -> None:
    """Print the table, and the same as one JSON object in the last line."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "items", "recall@1", "95 %", f"recall@{FEW}", "95 %"):
        table.add_column(heading, justify="left" if heading == "" else "right")
    written = {}
    for way, recall in recalls.items():
        table.add_row(way, str(recall.first.total), *_columns(recall.first), *_columns(recall.few))
        written[way] = {
            "items": recall.first.total,
            "recall_1": recall.first.right,
            "recall_1_interval": _rounded(recall.first),
            f"recall_{FEW}": recall.few.right,
            f"recall_{FEW}_interval": _rounded(recall.few),
        }
    Console(width=110).print(table)
    print(json.dumps({"retrieval": written}, ensure_ascii=False))


def _columns(count: Count) -> tuple[str, str]:
    low, high = count.interval or (0.0, 0.0)
    return f"{count.share or 0.0:.1%}", f"{low:.1%} to {high:.1%}"


def _rounded(count: Count) -> list[float]:
    return [round(end, 4) for end in count.interval or ()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("items", nargs="+", type=Path, help="files or folders of items")
    parser.add_argument("--base-encoder", type=Path, help="GGUF of the encoder before it was tuned")
    parser.add_argument("--part", choices=("dev", "test"), help="only items of this part")
    parser.add_argument("--limit", type=int, help="only the first items, this many")
    options = parser.parse_args(arguments)
    items = fitting(load_items(options.items, part=options.part, limit=options.limit))
    if not items:
        parser.error("no item speaks to one device and expects one call")
    base = LlamaCppEncoder(options.base_encoder) if options.base_encoder else None
    print_recalls(measure(items, open_finder(InferenceSettings.from_environment()), base))


if __name__ == "__main__":
    main()
