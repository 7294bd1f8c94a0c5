"""The tables of docs/security.md count the attacks that there are."""

import re
from collections import Counter
from pathlib import Path

from sandbox.session import DEFAULT_LIMITS
from tests.sandbox_attacks.bombs import BOMBS
from tests.sandbox_attacks.escapes import ESCAPES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_tables_count_the_attacks() -> None:
    rows = dict(
        re.findall(r"^\| (?:\*\*)?([a-z' ]+?)(?:\*\*)? \| (?:\*\*)?(\d+)(?:\*\*)? \|$", PAGE, re.MULTILINE)
    )
    counted = Counter(attack.kind for attack in (*ESCAPES, *BOMBS))
    counted |= {"all escapes": len(ESCAPES), "all bombs": len(BOMBS)}
    assert {kind: int(number) for kind, number in rows.items()} == dict(counted)


def test_the_limits_are_those_of_the_code() -> None:
    limits = DEFAULT_LIMITS
    for text in (
        f"computing time {limits.seconds:g} s",
        f"heap {limits.memory_bytes // 2**20} MiB",
        f"{limits.recursion_depth} nested calls",
        f"{limits.calls} calls to the device",
        f"arguments of {limits.argument_bytes // 2**10} KiB",
        f"a kept program of {limits.dump_bytes // 2**20} MiB",
    ):
        assert text in " ".join(PAGE.split()), text
