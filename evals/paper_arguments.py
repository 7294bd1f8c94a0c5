"""Writes the paper's test of argument extraction: sentences with one to four values for one function.

    python -m evals.paper_arguments --out arguments.jsonl [--count 4800]

The recipe is that of the LLMind 2.0 paper: triplets of action, attribute and value become a sentence, values often in
words ("twenty-six"), a quarter of the sentences each with one, two, three and four of them. The vocabulary is this
project's own (`paper_vocabulary`). The same count always gives the same file; grade it with `parley eval`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.number_words import number_words
from evals.paper_vocabulary import Attribute, attributes_by_device

COUNT = 4800
MOST_ARGUMENTS = 4
_SHARE_IN_WORDS = 0.6
_SHARE_IN_OTHER_WORDS = 0.25
_SHARE_WITH_UNIT = 0.5
_SMALL = 100
_SEED = "paper arguments 1"

# {pairs} are attribute and value, joined by the form below; {device} is the device's title.
_FRAMES = (
    ("{verb} {pairs}.", "the {attribute} to {value}"),
    ("Please {verb_low} {pairs}.", "the {attribute} to {value}"),
    ("For the {device}: {verb_low} {pairs}.", "{attribute} to {value}"),
    ("On the {device}, {verb_low} {pairs}.", "the {attribute} to {value}"),
    ("Could you {verb_low} {pairs}?", "the {attribute} to {value}"),
    ("I want {pairs}.", "the {attribute} at {value}"),
    ("Run the {device} with {pairs}.", "the {attribute} at {value}"),
    ("Use {pairs}.", "{value} for the {attribute}"),
    ("Program {pairs} into the {device}.", "{value} as the {attribute}"),
    ("The {device} needs {pairs}.", "{value} for the {attribute}"),
    ("Give the {device} {pairs}.", "a {attribute} of {value}"),
    ("Configure the {device}: {pairs}.", "{attribute} {value}"),
    ("New values for the {device}: {pairs}.", "{attribute} equals {value}"),
    ("Let {pairs}.", "the {attribute} be {value}"),
)
_VERBS = ("Set", "Change", "Adjust", "Put", "Bring", "Switch", "Turn", "Tune", "Move", "Reset", "Update")
_PREFIXES = ("set", "configure", "apply", "write", "update", "program")
_SPOKEN_UNITS = {
    "degC": "degrees Celsius",
    "millimeter": "millimetres",
    "bar": "bar",
    "meter": "metres",
    "minute": "minutes",
    "percent": "percent",
    "hour": "hours",
    "second": "seconds",
    "hertz": "hertz",
    "millisecond": "milliseconds",
    "kilogram": "kilograms",
    "degree": "degrees",
    "milliliter": "millilitres",
    "ampere": "amps",
    "volt": "volts",
    "watt": "watts",
}
# One of anything is singular; these have no plural.
_SAME_FOR_ONE = {"bar", "percent", "hertz"}


@dataclass(frozen=True, slots=True)
class _Said:
    attribute: Attribute
    value: float
    spoken: str
    value_text: str


def write_items(count: int = COUNT) -> Iterator[dict[str, Any]]:
    """Yield items in the neutral form, a quarter each with one to four arguments; no two sentences are alike."""
    random_source = random.Random(_SEED)  # noqa: S311 - repeatable test data
    seen: set[str] = set()
    for number in range(count):
        arguments = 1 + number * MOST_ARGUMENTS // count
        item = _item(random_source, number, arguments)
        while item["utterance"] in seen:
            item = _item(random_source, number, arguments)
        seen.add(item["utterance"])
        yield item


def _item(random_source: random.Random, number: int, arguments: int) -> dict[str, Any]:
    device, attributes = random_source.choice(list(attributes_by_device().items()))
    is_in_words = random_source.random() < _SHARE_IN_WORDS
    said = [
        _say(random_source, attribute, is_in_words=is_in_words)
        for attribute in random_source.sample(attributes, arguments)
    ]
    utterance = _sentence(random_source, device, said)
    # The function's own order is not the order of the sentence.
    ordered = random_source.sample(said, len(said))
    is_camel = random_source.random() < 0.5  # noqa: PLR2004 - half of the vendors write like this
    names = {one.attribute.name: _name(one.attribute.name, is_camel=is_camel) for one in ordered}
    prefix = random_source.choice(_PREFIXES)
    whole_name = _name(
        f"{prefix} {ordered[0].attribute.name if arguments == 1 else 'parameters'}", is_camel=is_camel
    )
    listed = _joined([one.attribute.name for one in ordered])
    return {
        "id": f"arguments/{number + 1}",
        "utterance": utterance,
        "devices": [
            {
                "id": _name(device, is_camel=False),
                "title": device.capitalize(),
                "actions": [
                    {
                        "name": whole_name,
                        "description": f"Sets the {listed} of the {device}.",
                        "input": {
                            "type": "object",
                            "properties": {names[one.attribute.name]: _schema(one) for one in ordered},
                            "required": [names[one.attribute.name] for one in ordered],
                            "additionalProperties": False,
                        },
                    }
                ],
            }
        ],
        "expected": [
            {
                "device": _name(device, is_camel=False),
                "action": whole_name,
                "arguments": {names[one.attribute.name]: _number(one) for one in ordered},
            }
        ],
        "tags": [
            f"{arguments} argument{'s' if arguments > 1 else ''}",
            "numbers in words" if is_in_words else "numbers in digits",
            "other words"
            if any(one.spoken != one.attribute.name for one in said)
            else "the attributes' own words",
        ],
    }


def _say(random_source: random.Random, attribute: Attribute, *, is_in_words: bool) -> _Said:
    value = _value(random_source, attribute)
    text = number_words(value, use_and=random_source.random() < 0.5) if is_in_words else f"{value:g}"  # noqa: PLR2004
    if attribute.unit and random_source.random() < _SHARE_WITH_UNIT:
        unit = _SPOKEN_UNITS[attribute.unit]
        if value == 1 and attribute.unit not in _SAME_FOR_ONE:
            unit = {"degC": "degree Celsius"}.get(attribute.unit, unit.removesuffix("s"))
        text += f" {unit}"
    is_other = random_source.random() < _SHARE_IN_OTHER_WORDS
    return _Said(attribute, value, attribute.other if is_other else attribute.name, text)


def _value(random_source: random.Random, attribute: Attribute) -> float:
    """Draw a value; people ask for small and for round numbers more often than for any others."""
    low, high = attribute.low, attribute.high
    if not attribute.is_whole:
        return round(random_source.uniform(low, high), 1 if high - low > 2 else 2)  # noqa: PLR2004
    if high > _SMALL and random_source.random() < 0.5:  # noqa: PLR2004 - half of them are round
        return float(random_source.randrange(_rounded_up(low), int(high) + 1, 10))
    return float(random_source.randint(int(low), int(high)))


def _rounded_up(low: float) -> int:
    return -(-int(low) // 10) * 10


def _sentence(random_source: random.Random, device: str, said: Sequence[_Said]) -> str:
    frame, form = random_source.choice(_FRAMES)
    verb = random_source.choice(_VERBS)
    pairs = [form.format(attribute=one.spoken, value=one.value_text) for one in said]
    # "a opening angle" is no English.
    pairs = [f"an {pair[2:]}" if pair.startswith("a ") and pair[2] in "aeio" else pair for pair in pairs]
    return frame.format(verb=verb, verb_low=verb.lower(), pairs=_joined(pairs), device=device)


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _name(words: str, *, is_camel: bool) -> str:
    first, *rest = words.split()
    return first + "".join(map(str.capitalize, rest)) if is_camel else "_".join((first, *rest))


def _schema(one: _Said) -> dict[str, Any]:
    attribute = one.attribute
    kind: type[int | float] = int if attribute.is_whole else float
    schema: dict[str, Any] = {
        "type": "integer" if attribute.is_whole else "number",
        "minimum": kind(attribute.low),
        "maximum": kind(attribute.high),
        "description": f"The {attribute.name}: {attribute.other}.",
    }
    if attribute.unit:
        schema["unit"] = attribute.unit
    return schema


def _number(one: _Said) -> int | float:
    return int(one.value) if one.attribute.is_whole else one.value


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="where to write the items (.jsonl)")
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many; {COUNT} when left out")
    options = parser.parse_args(arguments)
    if options.count < MOST_ARGUMENTS:
        parser.error(f"--count {options.count}: at least {MOST_ARGUMENTS} are needed")
    with options.out.open("w", encoding="utf-8") as file:
        for item in write_items(options.count):
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
    print(f"Wrote {options.count} items to {options.out}. Next: parley eval {options.out}")


if __name__ == "__main__":
    main()
