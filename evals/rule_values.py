"""How the rule baseline fills arguments: quantities with units, words of enumerations, quoted texts, clock times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evals.items import Action, Device
from evals.rule_clauses import Clause
from evals.rule_words import ALIKE_STEMS, stems, verbs
from inference.quantities import Quantity
from inference.text import canonical_words
from inference.units import UNIT_BY_WORD, convert
from inference.words import split_words

_OPENING, _CLOSING = "\"'\u201c\u2018", "\"'\u201d\u2019"
_QUOTED = re.compile(rf"(?<!\w)[{_OPENING}]([^{_CLOSING}]+)[{_CLOSING}](?!\w)")
_CALLED = re.compile(r"\b(?:called|named|labell?ed|titled|saying|says|as)\s+([\w@.:/-]*\w)", re.IGNORECASE)
# A name of its own has a capital or a digit inside the sentence.
_OWN_NAME = re.compile(r"(?<=\s)([A-Za-z][\w.:/-]*[A-Z\d_]\w*|[A-Z][\w.:/-]*\w)(?<!/s)")
_LAST_WORD = re.compile(r"\b(?:to|for|from|the|of)\s+([A-Za-z][\w.:/-]*)\W*$")
_BETWEEN = frozenset("is to of the a with called named name number as using".split())
_PUNCTUATION = ".,;:!?\"'"
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|o'clock|h)?(?!\w)", re.IGNORECASE)
_NAMED_TIMES = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_SHARES = {
    "half": 0.5, "halfway": 0.5, "a third": 1 / 3, "third": 1 / 3, "two thirds": 2 / 3, "quarter": 0.25,
    "three quarters": 0.75, "maximum": 1.0, "max": 1.0, "full": 1.0, "fully": 1.0, "highest": 1.0, "top": 1.0,
    "minimum": 0.0, "min": 0.0, "lowest": 0.0,
}  # fmt: skip
_NO = frozenset("off no not without disable disabled deactivate stop false never don't dont".split())
_ENDS = frozenset("maximum max full fully highest top minimum min lowest half halfway".split())
_DEFAULT_STEP = 0.1
_PERCENT = frozenset({"percent", "%"})


@dataclass(frozen=True, slots=True)
class Filled:
    """Arguments for one action; how many that it needs were not said; which of the clause's numbers were used."""

    arguments: dict[str, Any]
    missing: int
    numbers_used: int
    explained: frozenset[str]


def fill(clause: Clause, device: Device, action: Action, said_before: Mapping[str, Any]) -> Filled:
    """Find values for an action's arguments in a clause.

    Args:
        clause: where to look.
        device: its state is what relative values start from.
        action: whose arguments are to be filled.
        said_before: arguments of the calls before, for what is needed and not said again: "go to shelf 3 and check it".
    """
    filler = _Filler(clause, device)
    arguments, _ = filler.members(action.arguments, action.required)
    repeated = {name: said_before[name] for name in action.required if name in said_before}
    arguments = {**repeated, **arguments}
    missing = len(action.required - arguments.keys())
    return Filled(arguments, missing, len(filler.used), frozenset(filler.explained))


class _Filler:
    def __init__(self, clause: Clause, device: Device) -> None:
        self.clause = clause
        self.used: set[int] = set()
        self.explained: set[str] = set()
        self._taken: set[str] = set()
        self._device = device

    def members(
        self, schemas: Mapping[str, Mapping[str, Any]], required: frozenset[str]
    ) -> tuple[dict[str, Any], int]:
        """Fill an object's members, needed ones first."""
        found: dict[str, Any] = {}
        for name in sorted(schemas, key=lambda name: name not in required):
            value = self._value(name, schemas[name], is_required=name in required)
            if value is None and name not in required and self._is_left_over(name, schemas, found):
                # "two espressos": the number is for the only argument that could take it.
                value = self._value(name, schemas[name], is_required=True)
            if value is not None:
                found[name] = value
                self.explained.update(stems(name))
        missing = len(required - found.keys())
        return found, missing

    def _is_left_over(
        self, name: str, schemas: Mapping[str, Mapping[str, Any]], found: Mapping[str, Any]
    ) -> bool:
        takes_numbers = [
            other
            for other, schema in schemas.items()
            if other not in found and schema.get("type") in ("integer", "number")
        ]
        return takes_numbers == [name] and len(self.clause.quantities) == len(self.used) + 1

    def _value(self, name: str, schema: Mapping[str, Any], *, is_required: bool) -> Any:
        value: Any = None
        match schema.get("type"):
            case _ if schema.get("enum"):
                value = next(self._choices(schema["enum"]), None)
            case "boolean":
                value = self._boolean(name, is_required=is_required)
            case "integer" | "number":
                value = self._number(name, schema, is_required=is_required)
            case "string":
                value = self._text(name, schema, is_required=is_required)
            case "array":
                below = schema.get("items") or {}
                if below.get("enum"):
                    value = list(self._choices(below["enum"])) or None
                elif (one := self._value(name, below, is_required=is_required)) is not None:
                    value = [one]
            case "object":
                required = frozenset(schema.get("required") or ())
                values, missing = self.members(schema.get("properties") or {}, required)
                value = values if values and not missing else None
        return value

    def _choices(self, choices: list[Any]) -> Iterator[Any]:
        """Yield the choices that the clause names, in the order in which it does."""
        padded = f" {' '.join(self.clause.words)} "
        said = stems(self.clause.text)
        places: list[tuple[int, int, Any]] = []
        for choice in choices:
            words = " ".join(split_words(str(choice)))
            place = padded.find(f" {words} ")
            if place < 0 and words and set(stems(words)) and set(stems(words)) <= set(said):
                place = len(padded) + said.index(stems(words)[0])
            if place >= 0 and words:
                places.append((place, -len(words), choice))
        for _, _, choice in sorted(places, key=lambda found: found[:2]):
            self.explained.update(stems(str(choice)))
            yield choice

    def _boolean(self, name: str, *, is_required: bool) -> bool | None:
        is_named = bool(set(stems(name)) & set(stems(self.clause.text)))
        said = verbs(self.clause.words)
        if not (is_required or is_named):
            return None
        if said & {"off", "mute", "lock", "close"} or _NO & set(self.clause.words):
            return False
        return True if said & {"on", "start", "open"} or is_named else None

    def _number(self, name: str, schema: Mapping[str, Any], *, is_required: bool) -> int | float | None:
        unit = _unit_of(name, schema)
        if (moved := self._moved(name, schema, unit)) is not None:
            return moved
        high = _bound(schema, "maximum")
        fitting: list[tuple[float, int, float]] = []
        for index, quantity in enumerate(self.clause.quantities):
            if index in self.used:
                continue
            # Pint takes percent and degrees both for pure numbers.
            is_comparable = (quantity.unit in _PERCENT) == (unit in _PERCENT) or quantity.unit is None
            value = convert(quantity.value, quantity.unit, unit) if is_comparable else None
            if value is None and unit is None:
                value = quantity.value
            if value is None and is_required and quantity.unit in _PERCENT and high is not None:
                value = quantity.value / 100 * high
            if value is None or not _is_inside(schema, value):
                continue
            is_named = self._is_beside(name, schema, quantity)
            if is_required or is_named or (quantity.unit and unit):
                rank = (0 if is_named else 1) + (0 if (quantity.unit is None) == (unit is None) else 0.5)
                fitting.append((rank, index, value))
        if fitting:
            _, index, value = min(fitting)
            self.used.add(index)
            return _whole(schema, value)
        return self._share(schema) if is_required else None

    def _is_beside(self, name: str, schema: Mapping[str, Any], quantity: Quantity) -> bool:
        """Whether a word of the argument stands just before or after the quantity."""
        place = self.clause.lower.find(quantity.text)
        before = stems(self.clause.lower[:place])[-2:]
        after = stems(self.clause.lower[place + len(quantity.text) :])[:1]
        named = set(stems(canonical_words(name))) | set(stems(str(schema.get("description", "")))[:3])
        return bool(named & {*before, *after})

    def _share(self, schema: Mapping[str, Any]) -> int | float | None:
        low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
        if high is None or low is None:
            return None
        for words, share in sorted(_SHARES.items(), key=lambda entry: -len(entry[0])):
            if re.search(rf"\b{words}\b", self.clause.lower):
                self.explained.update(stems(words))
                value = low + share * (high - low) if low < 0 or share == 0 else share * high
                return _whole(schema, value)
        return None

    def _moved(self, name: str, schema: Mapping[str, Any], unit: str | None) -> int | float | None:
        """Compute a new value from the present one: "ten percent brighter", "a bit warmer"."""
        current = self._device.state.get(name)
        said = verbs(self.clause.words) & {"up", "down"}
        is_absolute = re.search(r"\b(?:to|at)\b(?! the)", self.clause.lower)
        if isinstance(current, bool) or not isinstance(current, int | float) or len(said) != 1 or is_absolute:
            return None
        if set(self.clause.words) & _ENDS:
            return None
        low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
        amount = _DEFAULT_STEP * ((high - low) if high is not None and low is not None else current)
        for index, quantity in enumerate(self.clause.quantities):
            if quantity.unit in _PERCENT and unit not in _PERCENT:
                amount = current * quantity.value / 100
            elif quantity.unit in {None, "degree"} or quantity.unit == unit or unit is None:
                amount = quantity.value
            else:
                continue
            self.used.add(index)
            break
        value = current + (amount if "up" in said else -amount)
        value = min(value, high) if high is not None else value
        return _whole(schema, max(value, low) if low is not None else value)

    def _text(self, name: str, schema: Mapping[str, Any], *, is_required: bool) -> str | None:
        if schema.get("format") == "time" or re.search(r"HH:MM", str(schema)):
            return self._clock()
        if quoted := _QUOTED.search(self.clause.text):
            self.explained.update(stems(quoted[1]))
            return quoted[1]
        found = self._after_its_name(name)
        if found is None and (called := _CALLED.search(self.clause.text)):
            found = called[1]
        if found is None and is_required:
            candidates = [match[1] for match in _OWN_NAME.finditer(self.clause.text)]
            found = next((text for text in candidates if self._is_own_name(text)), None)
        if found is not None:
            self._taken.add(found)
            self.explained.update(stems(found))
        elif is_required:
            # The last resort explains nothing: "of Peru" is no reason to take a question for an order.
            last = _LAST_WORD.search(self.clause.text)
            found = last[1] if last and self._is_own_name(last[1]) else None
        return found

    def _is_own_name(self, text: str) -> bool:
        return text not in self._taken and not set(stems(text.lower())) & ALIKE_STEMS

    def _after_its_name(self, name: str) -> str | None:
        """Return the word that follows the argument's name in the clause: "password s3cret"."""
        named = set(stems(canonical_words(name)))
        words = [word.strip(_PUNCTUATION) for word in self.clause.text.split()]
        for index, word in enumerate(words[:-1]):
            if not named & set(stems(word)):
                continue
            following = [other for other in words[index + 1 :] if other.lower() not in _BETWEEN]
            if following and following[0] not in self._taken and not set(stems(following[0].lower())) & named:
                return following[0]
        return None

    def _clock(self) -> str | None:
        for word, time in _NAMED_TIMES.items():
            if word in self.clause.words:
                return time
        for match in _CLOCK.finditer(self.clause.text):
            hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
            if not (match[2] or half) or hour > 23 or minute > 59:  # noqa: PLR2004 - a clock's limits
                continue
            hour = hour % 12 + 12 * half.startswith("p") if half[:1] in {"a", "p"} else hour
            self.explained.update(stems(match[0]))
            return f"{hour:02}:{minute:02}"
        return None


def _unit_of(name: str, schema: Mapping[str, Any]) -> str | None:
    """Return an argument's unit: as given, or by the last word of its name, or by "in seconds" in its description."""
    if isinstance(schema.get("unit"), str):
        return str(schema["unit"])
    words = canonical_words(name).split()
    if len(words) > 1 and words[-1] in UNIT_BY_WORD:
        return UNIT_BY_WORD[words[-1]]
    said = re.search(r"\bin (?:whole )?([a-z]+)", str(schema.get("description", "")).lower())
    return UNIT_BY_WORD.get(said[1]) if said else None


def _bound(schema: Mapping[str, Any], term: str) -> float | None:
    value = schema.get(term)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_inside(schema: Mapping[str, Any], value: float) -> bool:
    low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
    return (low is None or value >= low) and (high is None or value <= high)


def _whole(schema: Mapping[str, Any], value: float) -> int | float:
    return round(value) if schema.get("type") == "integer" else value
