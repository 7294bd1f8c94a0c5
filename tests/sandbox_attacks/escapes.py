"""Programs that want something they were not given: files, secrets, other functions, or the agent itself (`escapes.txt`).

Each one works in CPython: the tests run it there behind the door it names, see the damage, and then run it in the sandbox.
The programs know two functions of their device, `measure` and `move`; the device also has `unlock`, which they may not call.
The secret is `TOKEN` in the agent's module, `PARLEY_CANARY` in its environment, in `token.txt`, in the name of its
folder and in its arguments.

In the file, `== kind` starts a class of attacks and `-- name | door | damage | end` an attack; the program follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sandbox.errors import ForbiddenError, ProgramError

Door = Literal["stripped", "all", "shared", "file"]
Damage = Literal["leak", "file", "reach", "host", "odd", "changed", "trap", "end", "output"]
_ENDS = {"ForbiddenError": ForbiddenError, "ProgramError": ProgramError, "harmless": None}


@dataclass(frozen=True, slots=True)
class Escape:
    """One attack.

    Attributes:
        name: what is tried, in a few words.
        kind: the class of attack, for the table in docs/security.md.
        door: how the agent in CPython runs it: with a few harmless builtins, with all of them, in the agent's own
            namespace, or as the bytes of a file.
        damage: what it does there: a call carries the secret; a file is written; another function is called; the agent
            is changed; a call carries what JSON cannot hold; a call's arguments change after it was made; the next
            program is tricked; the agent ends; the agent's output is forged.
        ends: how it ends in the sandbox: with exactly this error, or None for an end at which nothing happened.
        source: the program.
    """

    name: str
    kind: str
    door: Door
    damage: Damage
    ends: type[ProgramError] | None
    source: str


def _read() -> Iterator[Escape]:
    text = Path(__file__).with_suffix(".txt").read_bytes().decode()
    for section in text.removeprefix("== ").split("\n== "):
        kind, *attacks = section.split("\n-- ")
        for attack in attacks:
            head, _, source = attack.partition("\n")
            name, door, damage, end = head.split(" | ")
            if door not in get_args(Door) or damage not in get_args(Damage):
                raise ValueError(f"escapes.txt: {name}: {door} | {damage}")
            yield Escape(name, kind.strip(), door, damage, _ENDS[end], source.strip("\n") + "\n")


ESCAPES = tuple(_read())
