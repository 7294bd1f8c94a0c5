"""Compares the calls that were made with those that were expected. Pure; knows nothing of how the calls came about.

The rules: calls are compared as an unordered multiset. An argument is right when it equals the expected value or one of
`accept`; None in `accept` lets it be left out, and an argument that nobody expected is wrong. Numbers are equal within a
relative 1e-6 (so 1 is 1.0), free texts also when they differ only in capitals and in white space at their ends,
enumerated values, booleans and keys only when they are the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.items import Call, Device, ExpectedCall, Item

_RELATIVE_TOLERANCE = 1e-6
_ABSOLUTE_TOLERANCE = 1e-9
_LEFT_OUT = object()


@dataclass(frozen=True, slots=True)
class Grade:
    """What is right about one item.

    Attributes:
        exact: all expected calls were made and nothing else.
        device: the right devices were called, each as often as expected.
        action: the right actions were called, each as often as expected.
        has_calls_expected: the item wants at least one call.
        is_refused: nothing was called, on purpose; an item that broke down is not refused.
    """

    exact: bool
    device: bool
    action: bool
    has_calls_expected: bool
    is_refused: bool


def grade(item: Item, calls: Sequence[Call] | None) -> Grade:
    """Grade one item.

    Args:
        item: what was asked and expected.
        calls: what was called; None where the item broke down, which is always wrong.
    """
    if calls is None:
        return Grade(
            exact=False,
            device=False,
            action=False,
            has_calls_expected=bool(item.expected),
            is_refused=False,
        )
    return Grade(
        exact=_is_exact(item, calls),
        device=Counter(call.device for call in calls) == Counter(call.device for call in item.expected),
        action=_actions(calls) == _actions(item.expected),
        has_calls_expected=bool(item.expected),
        is_refused=not calls,
    )


def is_right_call(item: Item, call: Call, expected: ExpectedCall) -> bool:
    """Whether one call is the expected one, its arguments included."""
    if (call.device, call.action) != (expected.device, expected.action):
        return False
    schemas = _schemas(item.device(call.device), call.action)
    for name in {*call.arguments, *expected.arguments, *expected.accept}:
        given = _present(call.arguments, name)
        right = [_present(expected.arguments, name)]
        right += [_LEFT_OUT if value is None else value for value in expected.accept.get(name, ())]
        if not any(same_value(given, value, schemas.get(name, {})) for value in right):
            return False
    return True


def same_value(left: Any, right: Any, schema: Mapping[str, Any]) -> bool:
    """Whether two JSON values are the same by the rules above; `schema` tells enumerations from free texts."""
    if left is _LEFT_OUT or right is _LEFT_OUT or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=_RELATIVE_TOLERANCE, abs_tol=_ABSOLUTE_TOLERANCE)
    if isinstance(left, str) and isinstance(right, str):
        return left == right or (not _is_enumeration(schema) and _plain(left) == _plain(right))
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        below = _mapping(schema.get("items"))
        return len(left) == len(right) and all(
            same_value(one, other, below) for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        members = _mapping(schema.get("properties"))
        return left.keys() == right.keys() and all(
            same_value(left[name], right[name], _mapping(members.get(name))) for name in left
        )
    return left is None and right is None


def _is_exact(item: Item, calls: Sequence[Call]) -> bool:
    """Whether calls and expected calls can be paired off. `accept` makes this more than comparing two bags."""
    if len(calls) != len(item.expected):
        return False
    fitting = [
        [place for place, expected in enumerate(item.expected) if is_right_call(item, call, expected)]
        for call in calls
    ]
    taken_by: dict[int, int] = {}

    def place(call: int, tried: set[int]) -> bool:
        for wanted in fitting[call]:
            if wanted in tried:
                continue
            tried.add(wanted)
            if wanted not in taken_by or place(taken_by[wanted], tried):
                taken_by[wanted] = call
                return True
        return False

    return all(place(call, set()) for call in range(len(calls)))


def _actions(calls: Iterable[Call | ExpectedCall]) -> Counter[tuple[str, str]]:
    return Counter((call.device, call.action) for call in calls)


def _schemas(device: Device, action: str) -> Mapping[str, Mapping[str, Any]]:
    described = device.action(action)
    return described.arguments if described else {}


def _present(arguments: Mapping[str, Any], name: str) -> Any:
    """Return an argument; one that is given as null counts as left out."""
    value = arguments.get(name)
    return _LEFT_OUT if value is None else value


def _is_enumeration(schema: Mapping[str, Any]) -> bool:
    return bool({"enum", "const", "oneOf"} & schema.keys())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _plain(text: str) -> str:
    return text.strip().casefold()
