"""Writes evaluation items from the generator, so that `parley eval` can grade families never trained on.

    python -m training.items --split unseen --count 2000 --out build/unseen.jsonl

Splits: `train` (known families in known wording), `phrases` (known families in phrases never seen), `unseen` (families,
naming styles and carrier phrases never seen). One device each; the form is that of docs/evals.md.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.notation import PlannedCall, decode_answer
from inference.relative import Relative
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from training.data.blocks import DeviceExamples
from training.data.checking import signatures
from training.data.examples import Question
from training.data.splits import Split
from training.data.units import UNIT_DEFINITIONS
from training.lexicon import Family, read_lexicon
from training.mixture import split_families

QUESTIONS_OF_A_DEVICE = 5
_STYLES = ("snake_case", "camelCase", "PascalCase", "kebab-case")
Json = dict[str, Any]


def items(families: Sequence[Family], split: Split, seed: str) -> Iterator[Json]:
    """Stream items, forever and reproducibly from the seed."""
    rng = random.Random(seed)
    examples = DeviceExamples(families, rng, split)
    number = 0
    while True:
        shown, questions = examples.asked(QUESTIONS_OF_A_DEVICE)
        told = signatures(shown)
        if not _is_describable(told):
            continue
        number += 1
        state, names = state_of(told, rng), _action_names(told, rng.choice(_STYLES))
        title = shown[0].words.family.title()
        device = device_of(title, told, names, state)
        for place, question in enumerate(questions, start=1):
            expected = _expected(question, told, names, state)
            if expected is not None:
                yield {
                    "id": f"{split}-{number}/{place}",
                    "source": "training generator",
                    "utterance": question.typed,
                    "devices": [device],
                    "expected": expected,
                    "tags": list(dict.fromkeys(question.tags)),
                }


def _is_describable(told: Sequence[FunctionSignature]) -> bool:
    """Whether the neutral form can say it: no units of the vendor's own, no name twice."""
    units = {parameter.unit for function in told for parameter in function.parameters}
    return not units & UNIT_DEFINITIONS.keys() and len({function.name for function in told}) == len(told)


def _action_names(told: Sequence[FunctionSignature], style: str) -> dict[str, str]:
    return {function.name: _spelt(function.name, style) for function in told}


def _spelt(name: str, style: str) -> str:
    words = name.split("_")
    if style == "camelCase":
        return words[0] + "".join(word.capitalize() for word in words[1:])
    if style == "PascalCase":
        return "".join(word.capitalize() for word in words)
    return ("-" if style == "kebab-case" else "_").join(words)


def state_of(told: Sequence[FunctionSignature], rng: random.Random) -> dict[str, float]:
    """Present values of arguments that can be moved; a name that two functions share tells nothing."""
    tops = [parameter.steps[0] for function in told for parameter in function.parameters]
    state: dict[str, float] = {}
    for function in told:
        for parameter in function.parameters:
            if parameter.current is None or parameter.path or tops.count(parameter.name) > 1:
                continue
            low = 0.0 if parameter.minimum is None else parameter.minimum
            high = 100.0 if parameter.maximum is None else parameter.maximum
            value = low + rng.uniform(0.3, 0.7) * (high - low)
            state[parameter.name] = (
                round(value) if parameter.kind is ParameterKind.INTEGER else round(value, 2)
            )
    return state


def device_of(
    title: str, functions: Sequence[FunctionSignature], names: Mapping[str, str], state: Mapping[str, float]
) -> Json:
    """Describe a device in the neutral form; `names` are those of its actions."""
    actions = []
    for function in functions:
        action: Json = {"name": names[function.name], "description": function.description}
        if function.parameters:
            action["input"] = _schema(function)
        actions.append(action)
    return {
        "id": "device",
        "title": title,
        "description": f"{title}.",
        "actions": actions,
        "state": dict(state),
    }


def _schema(function: FunctionSignature) -> Json:
    """The JSON Schema of a function's arguments, objects put together again."""
    schema = _object()
    for parameter in function.parameters:
        place = schema
        for step in parameter.steps[:-1]:
            place = place["properties"].setdefault(step, _object())
        place["properties"][parameter.name] = _value_schema(parameter)
        if parameter.required:
            place["required"].append(parameter.name)
    for name, below in schema["properties"].items():
        if below["type"] == "object" and below["required"]:
            schema["required"].append(name)
    return schema


def _object() -> Json:
    return {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def _value_schema(parameter: Parameter) -> Json:
    schema: Json = {"type": parameter.kind.value}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.format:
        schema["format"] = parameter.format
    # A share of 1 has no unit that a description could name.
    unit = None if parameter.unit == "fraction" else parameter.unit
    given = {"unit": unit, "minimum": parameter.minimum, "maximum": parameter.maximum}
    schema |= {key: value for key, value in given.items() if value is not None}
    if parameter.many:
        schema = {"type": "array", "items": schema}
    return schema | ({"description": parameter.description} if parameter.description else {})


def _expected(
    question: Question,
    told: Sequence[FunctionSignature],
    names: Mapping[str, str],
    state: Mapping[str, float],
) -> list[Json] | None:
    """The calls of an answer; None where a change is asked of a value that the item cannot tell."""
    answer = decode_answer(question.answer, question.sentence, told, UNIT_DEFINITIONS)
    calls = []
    for call in answer.calls:
        arguments = _arguments(call, state)
        if arguments is None:
            return None
        calls.append({"device": "device", "action": names[call.name], "arguments": arguments})
    return calls


def _arguments(call: PlannedCall, state: Mapping[str, float]) -> Json | None:
    arguments: Json = {}
    for name, value in call.arguments.items():
        if isinstance(value, Relative):
            if name not in state:
                return None
            arguments[name] = moved(state[name], value)
        elif isinstance(value, dict) and any(isinstance(below, Relative) for below in value.values()):
            return None
        else:
            arguments[name] = value
    return arguments


def moved(present: float, change: Relative) -> float:
    """Work out a change of a present value, bounds and rounding included."""
    amount = abs(present) * (change.amount / 100) if change.is_percent else change.amount
    if change.is_percent and change.is_integer:
        amount = max(1, amount)
    value = present + (amount if change.direction == "up" else -amount)
    value = round(value) if change.is_integer else round(value, 9)
    low = value if change.minimum is None else max(change.minimum, value)
    return low if change.maximum is None else min(change.maximum, low)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", type=Split, choices=list(Split), default=Split.UNSEEN)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", default="items")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    known, held_out = split_families(read_lexicon())
    stream = items(held_out if arguments.split is Split.UNSEEN else known, arguments.split, arguments.seed)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w") as out:
        for _ in range(arguments.count):
            out.write(json.dumps(next(stream), ensure_ascii=False) + "\n")
    print(f"{arguments.count} items in {arguments.out}")


if __name__ == "__main__":
    main()
