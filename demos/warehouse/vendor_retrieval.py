"""Is the right function of a brand found by the search alone, without the language model?

    python -m demos.warehouse.vendor_retrieval [--notes given|native|unglossed] [--vendors brockmann xinghuo]

The sentences are those of `vendor_suite` that ask for one function. `native` takes all English away from the notes,
`unglossed` switches the glosses off as well.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from rich.progress import track

from demos.warehouse.vendor_modes import operation_of
from demos.warehouse.vendor_notes import NOTES, with_notes
from demos.warehouse.vendor_suite import PARTS, sentences
from demos.warehouse.vendors import VENDORS
from device_agent.signatures import chunks, index_key
from firmware_api_specs.loader import load
from inference.search_text import without_numbers
from inference.settings import InferenceSettings, open_finder
from rag.api_index import ApiIndex

_CANDIDATES = 5


def run(index: ApiIndex, vendors: Sequence[str], parts: Sequence[str], notes: str, show: int) -> Counter[str]:
    """Count sentences, and those whose function comes first or among the first five, by language of the notes.

    Returns:
        Counts under "{language} total", "{language} first" and "{language} among five".
    """
    counts: Counter[str] = Counter()
    for vendor in track(vendors, description=f"notes {notes}"):
        language = load(with_notes(vendor, "given")).language
        description = load(with_notes(vendor, notes))
        index.build(vendor, index_key(description), chunks(description))
        for part in parts:
            for _, sentence, wanted in sentences(PARTS[part]):
                if wanted is None or len(wanted) != 1:
                    continue
                found = index.retrieve(vendor, without_numbers(sentence), _CANDIDATES)
                operations = [operation_of(vendor, candidate.key) for candidate in found]
                counts[f"{language} total"] += 1
                counts[f"{language} first"] += operations[:1] == [wanted[0][0]]
                counts[f"{language} among five"] += wanted[0][0] in operations
                if operations[:1] != [wanted[0][0]] and show > 0:
                    show -= 1
                    print(f"{vendor}: {sentence} -> {found[0].key}")
    return counts


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--notes", choices=NOTES, default="given")
    parser.add_argument("--part", choices=tuple(PARTS), default="test", help="which sentences")
    parser.add_argument("--vendors", nargs="+", default=tuple(VENDORS), choices=tuple(VENDORS))
    parser.add_argument("--show", type=int, default=0, help="print this many wrong answers")
    arguments = parser.parse_args()
    index = ApiIndex(None, open_finder(InferenceSettings.from_environment()))
    counts = run(index, arguments.vendors, (arguments.part,), arguments.notes, arguments.show)
    for language in sorted({name.split()[0] for name in counts}):
        total, first, five = (counts[f"{language} {name}"] for name in ("total", "first", "among five"))
        print(f"notes in {language}: first {first / total:.1%}, among five {five / total:.1%} of {total}")


if __name__ == "__main__":
    main()
