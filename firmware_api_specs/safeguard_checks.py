"""Checks compensations and watches: would they really work when they are needed?"""

from __future__ import annotations

from collections.abc import Iterator

from firmware_api_specs.problems import Complaint, Steps
from firmware_api_specs.safeguards import Compensation, Watch
from firmware_api_specs.schema import ArgumentError, check_arguments, describe
from firmware_api_specs.schema_checks import fits
from firmware_api_specs.thing_description import Action, Property, ThingDescription


def check_compensations(td: ThingDescription) -> Iterator[Complaint]:
    """List what is wrong with the actions that are to run when others fail."""
    for name, action in td.actions.items():
        if isinstance(action.on_failure, Compensation):
            steps: Steps = ("actions", name, "parley:onFailure")
            yield from _compensation(td, action, action.on_failure, steps)


def _compensation(
    td: ThingDescription, failed: Action, compensation: Compensation, steps: Steps
) -> Iterator[Complaint]:
    place: Steps = (*steps, "compensate")
    target = td.actions.get(compensation.action)
    if target is None:
        yield place, compensation.action, "an action of this thing: " + ", ".join(td.actions), "error"
        return
    if target.danger != "none":
        allowed = f"an action without danger; this one has {target.danger!r}, and nobody can be asked then"
        yield place, compensation.action, allowed, "error"
    yield from _arguments(target, compensation, steps)
    # The failed call may have changed the mode or not.
    modes = dict.fromkeys([*(failed.modes_from or td.modes), *([failed.mode_to] if failed.mode_to else [])])
    forbidden = [mode for mode in modes if target.modes_from is not None and mode not in target.modes_from]
    if forbidden:
        allowed = f"an action that may be called wherever this one can leave the machine, also in {', '.join(forbidden)}"
        yield place, compensation.action, allowed, "error"


def _arguments(target: Action, compensation: Compensation, steps: Steps) -> Iterator[Complaint]:
    place: Steps = (*steps, "arguments")
    try:
        check_arguments(target, compensation.arguments)
    except ArgumentError as error:
        inner = error.argument.split(".") if error.argument != "arguments" else []
        yield (*place, *inner), error.value, error.allowed, "error"
    except Exception:  # noqa: BLE001 - what a broken schema makes the validator raise is not known beforehand
        yield place, compensation.arguments, "for an action whose input schema can be used", "error"


def readable_properties(td: ThingDescription) -> list[str]:
    """List the properties that the runtime can read by itself, without values for a form's template."""
    return [name for name, prop in td.properties.items() if not prop.write_only and not prop.uri_variables]


def check_watches(td: ThingDescription) -> Iterator[Complaint]:
    """List what is wrong with the conditions that are watched during a run."""
    for index, watch in enumerate(td.watches):
        steps: Steps = ("parley:watches", index)
        prop = td.properties.get(watch.property)
        if prop is None or watch.property not in readable_properties(td):
            allowed = "a property that can be read: " + (", ".join(readable_properties(td)) or "none so far")
            yield (*steps, "property"), watch.property, allowed, "error"
        elif watch.equals is not None:
            if not fits(prop, watch.equals):
                allowed = f"a value of {watch.property}: {describe(prop)}"
                yield (*steps, "equals"), watch.equals, allowed, "error"
        else:
            yield from _bound(watch, prop, steps)


def _bound(watch: Watch, prop: Property, steps: Steps) -> Iterator[Complaint]:
    term, bound = ("below", watch.below) if watch.below is not None else ("above", watch.above)
    if prop.type not in {"integer", "number"}:
        allowed = f"a property of numbers for {term}; {watch.property} is {describe(prop)}"
        yield (*steps, "property"), watch.property, allowed, "error"
    elif not any(watch.trips(end) for end in _ends(prop)):
        allowed = f"a bound that {watch.property} can pass: {describe(prop)}"
        yield (*steps, term), bound, allowed, "error"


def _ends(prop: Property) -> list[float]:
    """The smallest and the largest number of a property, which are infinite where nothing is said."""
    numbers = [choice for choice in prop.choices if isinstance(choice, int | float)]
    if numbers:
        return [min(numbers), max(numbers)]
    lows = [bound for bound in (prop.minimum, prop.exclusive_minimum) if bound is not None]
    highs = [bound for bound in (prop.maximum, prop.exclusive_maximum) if bound is not None]
    return [max(lows, default=float("-inf")), min(highs, default=float("inf"))]
