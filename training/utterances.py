"""Reads the folder `utterances`: things with their functions, and what people say that means calls of them, or none.

The lexicon's phrases are put together by rules; these sentences were each written as one, by hand. `FORMAT.md` beside them
tells how.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from inference.reader_input import DOWN, NO, UP, YES, is_pointed_at_choices
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, prepare
from inference.values import ITEM_JOINT, choice_words, fit_said
from training.lexicon import UNIT_LONG

UTTERANCES_FOLDER = Path(__file__).parent / "utterances"
CHANGEABLE = "~"

_BETWEEN = re.compile(r"\s+\|\s+")
_NUMBER = re.compile(r"(?P<kind>int|num)(?: (?P<unit>[^\s.]\S*))? (?P<low>-?[\d.]+?)\.\.(?P<high>-?[\d.]+)")
CHANGE = re.compile(rf"(?P<way>{UP}|{DOWN})(?: (?P<amount>-?[\d.]+))?")
_SCALARS = {"bool": ParameterKind.BOOLEAN, "text": ParameterKind.STRING}


@dataclass(frozen=True)
class SpokenCall:
    """A call that is asked for: which of the thing's functions, and what was said for its parameters, by their names."""

    function: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Utterance:
    """A sentence, and the calls that it asks for in their order; none where the thing must not act on it."""

    text: str
    calls: tuple[SpokenCall, ...]

    @cached_property
    def prepared(self) -> Sentence:
        """The sentence as models read it."""
        return prepare(self.text)


@dataclass
class SpokenThing:
    """A thing with all that it can do, and what people say to it."""

    name: str
    functions: list[FunctionSignature] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)


def read_things(folder: Path = UTTERANCES_FOLDER) -> list[SpokenThing]:
    """Read every file of the folder.

    Raises:
        ValueError: a line that the format does not allow; names the file, the line and what is allowed.
    """
    return [thing for path in sorted(folder.glob("*.txt")) for thing in read_file(path)]


def read_file(path: Path) -> list[SpokenThing]:
    """Read the things of one file; raises as `read_things` does."""
    reader = _Reader()
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            reader.line(line.strip())
        except ValueError as error:
            raise ValueError(f"{path.name}:{number}: {line.strip()[:70]!r}: {error}") from error
    reader.close()
    return reader.things


class _Reader:
    """Collects lines into things. Sentences of several calls wait for the thing's last function."""

    def __init__(self) -> None:
        self.things: list[SpokenThing] = []
        self._waiting: list[tuple[str, list[str]]] = []

    def line(self, text: str) -> None:
        """Take one line."""
        marker, _, rest = text.partition(" ")
        parts = _BETWEEN.split(f" {rest}" if rest.startswith("|") else rest)
        if marker == "#":
            self.close()
            self.things.append(SpokenThing(parts[0].strip()))
        elif not text:
            return
        elif marker not in {"*", "p", "s", "x", "m"} or not self.things:
            raise ValueError("a line begins with one of # * p s x m, the first with #")
        elif marker == "*":
            description = " ".join(parts[1:])
            self._thing.functions.append(FunctionSignature(parts[0].strip(), description))
        elif marker == "x":
            self._thing.utterances += [Utterance(one, ()) for one in parts]
        elif not self._thing.functions:
            raise ValueError("parameters and sentences stand below their function (a line with *)")
        elif marker == "p":
            self._parameter(parts)
        elif marker == "m":
            self._waiting.append((parts[0], parts[1:]))
        else:
            index = len(self._thing.functions) - 1
            call = SpokenCall(index, _values(parts[0], self._thing.functions[index]))
            self._take(parts[1:], (call,))

    def close(self) -> None:
        """Finish the thing that is being read."""
        waiting, self._waiting = self._waiting, []
        for head, sentences in waiting:
            self._take(sentences, tuple(self._call(one.strip()) for one in head.split(" ; ")))

    @property
    def _thing(self) -> SpokenThing:
        return self.things[-1]

    def _take(self, sentences: list[str], calls: tuple[SpokenCall, ...]) -> None:
        if not sentences:
            raise ValueError("sentences stand behind the values, each behind ' | '")
        self._thing.utterances += [Utterance(one, calls) for one in sentences]

    def _call(self, text: str) -> SpokenCall:
        name, _, values = text.partition(" ")
        names = [function.name for function in self._thing.functions]
        if name not in names:
            raise ValueError(f"{name!r} is no function of {self._thing.name!r} ({', '.join(names)})")
        index = names.index(name)
        return SpokenCall(index, _values(values, self._thing.functions[index]))

    def _parameter(self, parts: list[str]) -> None:
        head, _, kind = parts[0].partition(":")
        key, description = head.strip(), " ".join(parts[1:])
        if not key or not kind:
            raise ValueError("a parameter is written 'p key: TYPE | description'")
        function = self._thing.functions[-1]
        made = _parameter(key.rstrip("?"), kind.strip(), description, required=not key.endswith("?"))
        self._thing.functions[-1] = FunctionSignature(
            function.name, function.description, (*function.parameters, made)
        )


def _parameter(name: str, kind: str, description: str, *, required: bool) -> Parameter:
    changeable = kind.endswith(CHANGEABLE)
    kind = kind.removesuffix(CHANGEABLE).strip()
    if kind in _SCALARS:
        return Parameter(name, _SCALARS[kind], required, description=description)
    if match := _NUMBER.fullmatch(kind):
        unit = match["unit"]
        return Parameter(
            name,
            ParameterKind.INTEGER if match["kind"] == "int" else ParameterKind.NUMBER,
            required,
            UNIT_LONG.get(unit, unit) if unit else None,
            float(match["low"]),
            float(match["high"]),
            description=description,
            current=f"read_{name}" if changeable else None,
        )
    many = kind.startswith("list ")
    kind = kind.removeprefix("list ").strip()
    if many and kind == "text":
        return Parameter(name, ParameterKind.STRING, required, description=description, many=True)
    if "/" not in kind:
        raise ValueError("a type is bool, text, int or num [unit] LOW..HIGH, a/b/c, list a/b/c or list text")
    choices = tuple(choice.strip() for choice in kind.split("/"))
    return Parameter(
        name, ParameterKind.STRING, required, choices=choices, description=description, many=many
    )


def _values(text: str, function: FunctionSignature) -> dict[str, str]:
    known = {parameter.name: parameter for parameter in function.parameters}
    values = {}
    for pair in _words(text):
        key, mark, value = pair.partition("=")
        if not mark or key not in known:
            raise ValueError(f"{pair!r} is no value of {function.name} ({', '.join(known) or 'it has none'})")
        values[key] = _written(value.strip(), known[key])
    return values


def _words(text: str) -> Iterator[str]:
    """Split at spaces outside double quotes; an apostrophe is a letter."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.quotes, words.escape, words.commenters = '"', "", ""
    words.whitespace_split = True
    return iter(words)


def _written(value: str, parameter: Parameter) -> str:
    """Return a value as `said_value` takes it.

    Raises:
        ValueError: the parameter cannot have it.
    """
    if parameter.kind is ParameterKind.BOOLEAN:
        words = {"yes": YES, "true": YES, "on": YES, "no": NO, "false": NO, "off": NO}
        if value.lower() not in words:
            raise ValueError(f"{parameter.name}={value}: a bool is yes or no")
        return words[value.lower()]
    if parameter.choices:
        chosen = [part.strip() for part in value.split(",")] if parameter.many else [value]
        if any(one not in parameter.choices for one in chosen):
            raise ValueError(
                f"{parameter.name}={value}: the choices are {', '.join(map(str, parameter.choices))}"
            )
        return ITEM_JOINT.join(choice_words(one) for one in chosen)
    if parameter.is_quantity and parameter.is_number:
        change = CHANGE.fullmatch(value)
        if change and parameter.current is None:
            raise ValueError(
                f"{parameter.name}={value}: only a number whose line ends in {CHANGEABLE} can go up or down"
            )
        if not change:
            _number(value, parameter)
    return value


def _number(value: str, parameter: Parameter) -> None:
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError(f"{parameter.name}={value}: a number, up, down, or 'up 5'") from error
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and not low <= number <= high:
        raise ValueError(f"{parameter.name}={value}: between {low:g} and {high:g}")


def said_value(value: str, parameter: Parameter, sentence: Sentence) -> str | None:
    """Return how the reader is to find a value in a sentence, in the generator's notation; None where that is not known."""
    if is_pointed_at_choices(parameter):
        return value
    if not parameter.is_number:
        items = [item.strip().lower() for item in value.split(",")] if parameter.many else [value.lower()]
        found = [prepare(item).lower if item not in sentence.lower else item for item in items]
        return ITEM_JOINT.join(found) if all(item in sentence.lower for item in found) else None
    change = CHANGE.fullmatch(value)
    if change and change["amount"] is None:
        return change["way"]
    number = change["amount"] if change else value
    words = _quantity_words(float(number), parameter, sentence)
    return words if words is None or change is None else f"{change['way']} {words}"


def _quantity_words(number: float, parameter: Parameter, sentence: Sentence) -> str | None:
    """Return which of the sentence's quantities is meant: the one with that number, in its unit or another, or the only one."""
    same = [one.text for one in sentence.quantities if math.isclose(abs(one.value), abs(number))]
    same += [
        one.text
        for one in sentence.quantities
        for fitted in [fit_said(parameter, one, {})]
        if one.unit is not None and fitted is not None and math.isclose(abs(fitted), abs(number))
    ]
    if same:
        return same[0]
    return sentence.quantities[0].text if len(sentence.quantities) == 1 else None


def unsaid_values(thing: SpokenThing) -> Iterator[tuple[str, str, str]]:
    """Yield sentence, parameter and value where a number or a text is not found in the sentence."""
    for utterance in thing.utterances:
        for call in utterance.calls:
            for parameter in thing.functions[call.function].parameters:
                value = call.values.get(parameter.name)
                if value is not None and said_value(value, parameter, utterance.prepared) is None:
                    yield utterance.text, parameter.name, value
