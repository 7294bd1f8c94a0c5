"""Names that a program can write, for the names of an API that it cannot: `make-drink` is written `make_drink`."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Sequence


def is_program_name(name: str) -> bool:
    """Whether a generated program can write this name."""
    return name.isidentifier() and not keyword.iskeyword(name)


_BUILT_IN = frozenset(dir(builtins))


def program_name(name: str, taken: Collection[str], *, is_function: bool = False) -> str:
    """Return a Python identifier for a name, as near to it as possible and different from those in `taken`.

    A function must not be called like one of the language's own, such as `open`: programs would call that one.
    """
    # Python reads identifiers in this normal form, so a program could not write any other.
    normal = unicodedata.normalize("NFKC", name)
    base = "".join(character if f"_{character}".isidentifier() else " " for character in normal)
    base = re.sub(" +", "_", base)
    if not base.strip("_"):
        base = "unnamed"
    if not is_program_name(base) or (is_function and base in _BUILT_IN):
        # An underscore more makes an identifier of a keyword and of what starts with a digit.
        base = f"{base}_" if base.isidentifier() else f"_{base}"
    chosen, number = base, 1
    while chosen in taken:
        number += 1
        chosen = f"{base}_{number}"
    return chosen


def program_names(names: Sequence[str], *, are_functions: bool = False) -> tuple[str, ...]:
    """Return a different Python identifier for each of `names`, in their order.

    Names that can stay do so, and the others go round them.
    """

    def written(index: int, taken: Collection[str]) -> str:
        return program_name(names[index], taken, is_function=are_functions)

    chosen: dict[int, str] = {}
    for index in sorted(range(len(names)), key=lambda index: written(index, ()) != names[index]):
        chosen[index] = written(index, chosen.values())
    return tuple(chosen[index] for index in range(len(names)))
