"""Reads the lexicon files: device families, their functions, and how vendors and people speak of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LEXICON_FOLDER = Path(__file__).parent / "lexicon"
_POOL_FOLDER = "pools"
_POOL_MARK = "@"

UNIT_LONG = {
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "km": "kilometer", "ft": "foot", "deg": "degree",
    "rad": "radian", "percent": "percent", "s": "second", "ms": "millisecond", "minute": "minute", "hour": "hour",
    "kg": "kilogram", "g": "gram", "degC": "degC", "degF": "degF", "m/s": "meter/second", "km/h": "kilometer/hour",
    "rpm": "revolutions_per_minute", "V": "volt", "A": "ampere", "W": "watt", "kW": "kilowatt", "Hz": "hertz",
    "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "Mbit/s": "megabit/second", "bar": "bar",
    "kPa": "kilopascal", "l": "liter", "ml": "milliliter", "ppm": "ppm", "lux": "lux", "dB": "decibel",
    "dBm": "decibelmilliwatt", "K": "kelvin",
}  # fmt: skip


Choices = tuple[tuple[str, str], ...]
Pool = tuple[tuple[str, ...], ...]
"""Choices of one sort: of each the vendor's constant, and what else people call it."""


@dataclass(frozen=True)
class ParameterWords:
    """A parameter as the lexicon describes it. `kind` is int, num, enum, list, bool or str.

    `pool` has the sort of its choices, or examples of its texts, where a device has only some of them.
    """

    key: str
    kind: str
    required: bool
    unit: str | None = None
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    string_class: str = ""
    names: tuple[str, ...] = ()
    pool: Pool = ()


@dataclass(frozen=True)
class FunctionWords:
    """One function with everything that is said about it.

    `implied` joins pairs of a parameter's key and a choice (`yes` and `no` for a bool) to a phrase that means them without naming them;
    `raises` and `lowers` pair a numeric parameter's key with a phrase that moves it from where it is; `output` describes
    the number that the function returns.
    """

    family: str
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    parameters: tuple[ParameterWords, ...]
    says: tuple[str, ...]
    questions: tuple[str, ...]
    references: tuple[str, ...]
    missing: tuple[str, ...]
    raises: tuple[tuple[str, str], ...] = ()
    lowers: tuple[tuple[str, str], ...] = ()
    implied: tuple[tuple[Choices, str], ...] = ()
    output: ParameterWords | None = None


@dataclass
class Family:
    """A device family of one field; `remarks` are said beside a wish and ask for nothing themselves."""

    field_name: str
    names: tuple[str, ...]
    kind: str
    functions: list[FunctionWords] = field(default_factory=list)
    remarks: tuple[str, ...] = ()


_CHOICE = re.compile(r"\(([^()]*)\)")


def spin(text: str, rng: random.Random) -> str:
    """Resolve the `(a/b/)` choices of a text."""
    while match := _CHOICE.search(text):
        text = text[: match.start()] + rng.choice(match[1].split("/")) + text[match.end() :]
    return " ".join(text.split())


def read_lexicon(folder: Path = LEXICON_FOLDER) -> list[Family]:
    """Read every lexicon file.

    Raises:
        ValueError: a line that the format does not allow; names the file and the line.
    """
    pools: dict[str, Pool] = {}
    for path in sorted((folder / _POOL_FOLDER).glob("*.txt")):
        pools |= _read_pools(path)
    families: list[Family] = []
    for path in sorted(folder.glob("*.txt")):
        families.extend(_read_file(path, pools))
    return families


def _read_pools(path: Path) -> dict[str, Pool]:
    pools: dict[str, list[tuple[str, ...]]] = {}
    name = ""
    for line in path.read_text().splitlines():
        if line.startswith("# pool:"):
            name = line.removeprefix("# pool:").strip()
            pools[name] = []
        elif line.strip() and not line.startswith("#"):
            pools[name].append(_alternatives(line))
    return {name: tuple(entries) for name, entries in pools.items()}


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"\s*\|\s*", text) if part.strip())


class _Reader:
    """Collects the lines of one file into families."""

    def __init__(self, field_name: str, pools: Mapping[str, Pool]) -> None:
        self.families: list[Family] = []
        self._field_name = field_name
        self._pools = pools
        self._draft: dict[str, list[str]] = {}

    def line(self, text: str) -> None:
        """Take one line.

        Raises:
            ValueError: no known marker, or a parameter that cannot be read.
        """
        if text.startswith("# family:"):
            self.close()
            names = _alternatives(text.removeprefix("# family:").strip())
            self.families.append(Family(self._field_name, names, "device"))
        elif text.startswith("kind:"):
            self.families[-1].kind = text.removeprefix("kind:").strip()
        elif text.startswith("c "):
            self.families[-1].remarks += _alternatives(text[2:])
        elif text.startswith("* "):
            self.close()
            self._draft["*"] = [text[2:]]
        elif text[:2] in {"d ", "p ", "s ", "q ", "r ", "m ", "v ", "+ ", "- ", "o "}:
            self._draft.setdefault(text[0], []).append(text[2:])
        elif text and not text.startswith("#"):
            raise ValueError("no known marker")

    def close(self) -> None:
        """Finish the function that is being read."""
        if self._draft:
            self.families[-1].functions.append(
                _function(self.families[-1].names[0], self._draft, self._pools)
            )
            self._draft = {}


def _read_file(path: Path, pools: Mapping[str, Pool]) -> list[Family]:
    reader = _Reader(path.stem, pools)
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            reader.line(line.strip())
        except (ValueError, IndexError) as error:
            raise ValueError(f"{path.name}:{number}: {line.strip()[:60]!r}: {error}") from error
    reader.close()
    return reader.families


def _function(family: str, draft: dict[str, list[str]], pools: Mapping[str, Pool]) -> FunctionWords:
    def texts(marker: str) -> tuple[str, ...]:
        return tuple(text for line in draft.get(marker, []) for text in _alternatives(line))

    parameters = tuple(_parameter(line, pools) for line in draft.get("p", []))
    keys = {parameter.key for parameter in parameters}

    def moves(marker: str) -> tuple[tuple[str, str], ...]:
        pairs = []
        for line in draft.get(marker, []):
            key, _, phrases = line.partition(":")
            if key.strip() not in keys:
                raise ValueError(
                    f"{key.strip()!r} is no parameter of this function ({', '.join(sorted(keys))})"
                )
            pairs += [(key.strip(), phrase) for phrase in _alternatives(phrases)]
        return tuple(pairs)

    outputs = [_parameter(line, pools) for line in draft.get("o", [])]
    implied = tuple(pair for line in draft.get("v", []) for pair in _implied(line, parameters))
    for phrase in (*texts("s"), *texts("q"), *(phrase for _, phrase in implied)):
        unknown = set(re.findall(r"{(\w+)}", phrase)) - keys
        if unknown:
            raise ValueError(
                f"{phrase[:40]!r} names {unknown.pop()!r}, which is no parameter ({', '.join(sorted(keys))})"
            )
    return FunctionWords(
        family=family,
        names=texts("*"),
        descriptions=texts("d"),
        parameters=parameters,
        says=texts("s"),
        questions=texts("q"),
        references=texts("r"),
        missing=texts("m"),
        raises=moves("+"),
        lowers=moves("-"),
        implied=implied,
        output=outputs[0] if outputs else None,
    )


def _implied(line: str, parameters: Sequence[ParameterWords]) -> Iterator[tuple[Choices, str]]:
    head, _, phrases = line.partition(":")
    allowed = {one.key: ("yes", "no") if one.kind == "bool" else one.choices for one in parameters}
    choices = dict(pair.split("=", 1) for pair in head.split())
    for key, choice in choices.items():
        if choice not in allowed.get(key, ()):
            raise ValueError(f"{key}={choice} is no choice of this function ({allowed})")
    for phrase in _alternatives(phrases):
        if any("{" + key + "}" in phrase for key in choices):
            raise ValueError(f"{phrase[:40]!r} names a parameter that stands before the colon")
        yield tuple(choices.items()), phrase


def _parameter(line: str, pools: Mapping[str, Pool]) -> ParameterWords:
    head, *others = _alternatives(line)
    key, _, rest = head.partition(":")
    key = key.strip()
    required = not key.endswith("?")
    key = key.rstrip("?")
    names = (key.replace("_", " "), *others)
    kind, _, detail = rest.strip().partition(" ")
    if kind in {"int", "num"}:
        unit, bounds = detail.split()
        low, high = bounds.split("..")
        return ParameterWords(
            key,
            kind,
            required,
            None if unit == "-" else UNIT_LONG.get(unit, unit),
            float(low),
            float(high),
            names=names,
        )
    if detail.startswith(_POOL_MARK):
        pool = pools.get(detail.strip().removeprefix(_POOL_MARK))
        if pool is None or kind not in {"enum", "list", "str"}:
            raise ValueError(f"{detail} is no pool of choices or texts ({', '.join(sorted(pools))})")
        choices = () if kind == "str" else tuple(entry[0] for entry in pool)
        return ParameterWords(
            key, kind, required, choices=choices, string_class=detail, names=names, pool=pool
        )
    if kind in {"enum", "list"}:
        return ParameterWords(key, kind, required, choices=tuple(detail.strip().split("/")), names=names)
    if kind == "bool":
        return ParameterWords(key, kind, required, names=names)
    if kind == "str":
        return ParameterWords(key, kind, required, string_class=detail.strip() or "text", names=names)
    raise ValueError(f"unknown type {kind!r} of parameter {key}")
