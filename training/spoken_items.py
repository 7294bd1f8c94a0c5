"""Writes evaluation items from the sentences in training/utterances whose things no training has seen.

    python -m training.spoken_items --count 2000 --out build/spoken.jsonl

One thing each, in the form of docs/evals.md. Nothing may be called where the thing cannot do it, or a value that it needs is not
said. A sentence is left out where an item could not tell what is right: changes by no amount, and values that are not found in
it. Tags: `refusal` and `missing-value`, or `single` or `several` and the kinds of the arguments.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.reader_input import DOWN, UP, YES
from inference.relative import Relative
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.values import ITEM_JOINT, choice_words
from training.items import device_of, moved, state_of
from training.utterance_examples import split_things
from training.utterances import CHANGE, SpokenCall, SpokenThing, Utterance, read_things, said_value

Json = dict[str, Any]


def spoken_items(things: Sequence[SpokenThing], seed: str) -> Iterator[Json]:
    """Return an item for each sentence, in a random order that is the same for a seed."""
    rng = random.Random(seed)
    told = [_Told(thing, rng) for thing in things]
    places = [
        (number, place) for number, one in enumerate(told) for place in range(len(one.thing.utterances))
    ]
    for number, place in rng.sample(places, len(places)):
        item = told[number].item(place)
        if item is not None:
            yield item | {"id": f"spoken-{number + 1}/{place + 1}"}


class _Told:
    """A thing as items describe it."""

    def __init__(self, thing: SpokenThing, rng: random.Random) -> None:
        self.thing = thing
        self._state = state_of(thing.functions, rng)
        names = {function.name: function.name for function in thing.functions}
        self._device = device_of(thing.name, thing.functions, names, self._state)

    def item(self, place: int) -> Json | None:
        """Return the item of one sentence but for its id; None where it cannot be told what is right."""
        utterance = self.thing.utterances[place]
        expected: list[Json] = []
        lacks = [self._lacks(call) for call in utterance.calls]
        if any(lacks) and len(lacks) > 1:
            return None
        for call in () if any(lacks) else utterance.calls:
            arguments = self._arguments(call, utterance)
            if arguments is None:
                return None
            action = self.thing.functions[call.function].name
            expected.append({"device": "device", "action": action, "arguments": arguments})
        return {
            "source": "training utterances",
            "utterance": utterance.text,
            "devices": [self._device],
            "expected": expected,
            "tags": ["refusal", "missing-value"] if any(lacks) else _tags(self.thing, utterance),
        }

    def _lacks(self, call: SpokenCall) -> bool:
        """Whether a value that the call cannot do without is not said, so that people have to be asked for it."""
        parameters = self.thing.functions[call.function].parameters
        return any(parameter.required and parameter.name not in call.values for parameter in parameters)

    def _arguments(self, call: SpokenCall, utterance: Utterance) -> Json | None:
        arguments: Json = {}
        for parameter in self.thing.functions[call.function].parameters:
            if parameter.name not in call.values:
                continue
            value = call.values[parameter.name]
            if said_value(value, parameter, utterance.prepared) is None:
                return None
            passed = _passed(value, parameter, self._state)
            if passed is None:
                return None
            arguments[parameter.name] = passed
        return arguments


def _passed(value: str, parameter: Parameter, state: Mapping[str, float]) -> Any:
    """Return what a call passes for a value in the notation of utterances; None for a change that no item can tell."""
    if parameter.kind is ParameterKind.BOOLEAN:
        return value == YES
    if parameter.choices:
        by_words = {choice_words(choice): choice for choice in parameter.choices}
        chosen = [by_words[words] for words in value.split(ITEM_JOINT)]
        return chosen if parameter.many else chosen[0]
    if not parameter.is_number:
        return [item.strip() for item in value.split(",")] if parameter.many else value
    change = CHANGE.fullmatch(value)
    if change is None:
        number = float(value)
        return int(number) if parameter.kind is ParameterKind.INTEGER else number
    if change["amount"] is None or parameter.name not in state:
        return None
    wanted = Relative(
        current=parameter.name,
        direction=UP if change["way"] == UP else DOWN,
        amount=float(change["amount"]),
        is_percent=False,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        is_integer=parameter.kind is ParameterKind.INTEGER,
    )
    return moved(state[parameter.name], wanted)


def _tags(thing: SpokenThing, utterance: Utterance) -> list[str]:
    if not utterance.calls:
        return ["refusal"]
    kinds = {
        _kind(parameter, call.values[parameter.name])
        for call in utterance.calls
        for parameter in thing.functions[call.function].parameters
        if parameter.name in call.values
    }
    return ["single" if len(utterance.calls) == 1 else "several", *sorted(kinds)]


def _kind(parameter: Parameter, value: str) -> str:
    if parameter.many:
        return "list"
    if parameter.choices:
        return "enumeration"
    if parameter.is_number:
        return "relative" if CHANGE.fullmatch(value) else "number"
    return "boolean" if parameter.kind is ParameterKind.BOOLEAN else "text"


def _is_describable(functions: Sequence[FunctionSignature]) -> bool:
    return len({function.name for function in functions}) == len(functions)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=2000, help="items at most")
    parser.add_argument("--seed", default="spoken")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    _, held_out = split_things(read_things())
    found = list(
        spoken_items([thing for thing in held_out if _is_describable(thing.functions)], arguments.seed)
    )
    written = found[: arguments.count]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w") as out:
        out.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in written)
    print(f"{len(written)} of {len(found)} items in {arguments.out}")


if __name__ == "__main__":
    main()
