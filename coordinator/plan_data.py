"""Plans as JSON values, for the ledger. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from inference.plan import PlanStep

_STEPS = TypeAdapter(tuple[PlanStep, ...])


def plan_as_data(steps: Sequence[PlanStep]) -> list[dict[str, Any]]:
    """Return the steps as JSON values; what has its default value is left out, so that a new field changes no old plan."""
    data: list[dict[str, Any]] = _STEPS.dump_python(tuple(steps), mode="json", exclude_defaults=True)
    return data


def plan_of_data(data: Sequence[dict[str, Any]]) -> tuple[PlanStep, ...]:
    """Read what `plan_as_data` has written.

    Raises:
        pydantic.ValidationError: a field is wrong. Unknown ones are passed over.
    """
    return _STEPS.validate_python(data)
