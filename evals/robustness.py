"""Writes changed copies of evaluation items, to see what a small change of sentence or description costs.

    python -m evals.robustness ITEMS… --change typos --out FILE [--unchanged FILE] [--part test]

| change | what becomes different |
|---|---|
| typos | one or two words are misspelt, never ids, numbers or texts that must be copied |
| lower | no capitals and no punctuation, as a speech recogniser writes |
| renamed | the functions' names are meaningless codes; what is said of them stays |
| shuffled | actions, arguments and states stand in another order |
| distractors | ten more functions, taken from other devices of the same suite |

What is expected stays the same. The same items give the same copies every time. Grade them with `parley eval`, beside
what `--unchanged` writes: the same items as they were, without those that the change cannot touch.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from evals.items import Item
from evals.loading import load_items
from evals.robust_devices import add_distractors, renamed, shuffled
from evals.robust_sentences import lower, typos

OneChange = Callable[[Item, random.Random], Item | None]
"""Returns the changed item, None where there is nothing that this change could touch."""

_ONE_BY_ONE: dict[str, OneChange] = {"typos": typos, "lower": lower, "renamed": renamed, "shuffled": shuffled}
CHANGES = (*_ONE_BY_ONE, "distractors")


def change_items(items: Sequence[Item], change: str) -> list[Item]:
    """Return changed copies of all items that a change can touch, in the same order, with ids and tags of their own.

    Args:
        items: whole suites, because distractors come from the other devices of an item's suite.
        change: one of `CHANGES`.

    Raises:
        KeyError: there is no such change.
    """
    if change == "distractors":
        changed: Iterable[Item | None] = add_distractors(items)
    else:
        one = _ONE_BY_ONE[change]
        changed = [one(item, random.Random(f"{change} {item.id}")) for item in items]  # noqa: S311 - repeatable
    return [
        item.model_copy(update={"id": f"{item.id}~{change}", "tags": (*item.tags, change)})
        for item in changed
        if item is not None
    ]


def _write(items: Sequence[Item], file: Path) -> None:
    with file.open("w", encoding="utf-8") as output:
        for item in items:
            written = item.model_dump(mode="json", exclude={"suite"}, exclude_defaults=True)
            # Ids are told apart within one file only, and an item must say what it expects, even if that is nothing.
            named = {"id": f"{item.suite}: {item.id}", "expected": written.get("expected", [])}
            output.write(json.dumps({**written, **named}, ensure_ascii=False) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("items", nargs="+", type=Path, help="files or folders of items")
    parser.add_argument("--change", required=True, choices=CHANGES)
    parser.add_argument("--out", required=True, type=Path, help="where to write the copies (.jsonl)")
    parser.add_argument("--unchanged", type=Path, help="where to write the same items as they were")
    parser.add_argument("--part", choices=("dev", "test"), help="only items of this part")
    options = parser.parse_args(arguments)
    items = load_items(options.items, part=options.part)
    changed = change_items(items, options.change)
    _write(changed, options.out)
    if options.unchanged:
        touched = {(item.suite, item.id.removesuffix(f"~{options.change}")) for item in changed}
        _write([item for item in items if (item.suite, item.id) in touched], options.unchanged)
    print(f"Wrote {len(changed)} of {len(items)} items to {options.out}; the change touches no others.")


if __name__ == "__main__":
    main()
