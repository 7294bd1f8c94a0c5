"""Words of standing goals: what is ordered when something is broken, and what people are told. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from coordinator.registry import Device
from coordinator.standing.request import StandingRequest, Watch
from coordinator.wording import listing
from protocol.text import SENTENCE_LIMIT, clean_sentence

_NAMED_VALUES = 8
_ITS = re.compile(r"\b(?:its|their)\b")
_IT = re.compile(r"\b(?:it|them|that one|this one)\b")


def orders_for(
    request: StandingRequest,
    watch: Watch,
    values: Mapping[str, float | str],
    kinds: Mapping[str, str],
    before: str,
) -> list[str]:
    """Return the goals that one round of corrections consists of.

    Args:
        request: without an action the planner is told what is wanted and what is measured.
        watch: its condition.
        values: of the broken devices.
        kinds: the kinds of these devices.
        before: what the last correction brought, a sentence or nothing.
    """
    if request.action is None:
        text = f"{_sentence(request.text)} Now {say_values(watch, values)}.{f' {before}' if before else ''}"
        return [clean_sentence(text, SENTENCE_LIMIT)]
    named = {device_id: _about(request.action, device_id, kinds.get(device_id, "")) for device_id in values}
    return [_sentence(text) for text in dict.fromkeys(named.values())]


def _about(action: str, device_id: str, kind: str) -> str:
    """Put the device that is meant into an order: "send it to a charger" becomes "send robot-3 to a charger"."""
    text = _IT.sub(device_id, _ITS.sub(f"{device_id}'s", action))
    if text == action and kind:
        text = re.sub(
            rf"\b(?:an?|the|that|this) {re.escape(kind)}\b", device_id, action, count=1, flags=re.IGNORECASE
        )
    return text


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def say_values(watch: Watch, values: Mapping[str, float | str]) -> str:
    """Say what is measured: "the upload time of client-1 is 21.3 s and that of client-2 is 17 s"."""
    shown = list(values.items())[:_NAMED_VALUES]
    parts = [
        f"{f'the {watch.attribute}' if index == 0 else 'that'} of {device_id} is {watch.limits.say(value)}"
        for index, (device_id, value) in enumerate(shown)
    ]
    if len(values) > len(shown):
        parts.append(f"that of {len(values) - len(shown)} more is {watch.limits.broken_words}")
    return listing(parts)


def say_broken(watch: Watch, device_id: str, value: float | str) -> str:
    """Say that a value is broken."""
    said = f"The {watch.attribute} of {device_id} is {watch.limits.say(value)}"
    wanted = (
        f"and should be {watch.limits.words}" if watch.is_kept else f"which is {watch.limits.broken_words}"
    )
    return f"{said}, {wanted}." if watch.limits.forbidden is None else f"{said}."


def say_objection(watch: Watch, device_id: str, value: float | str) -> str:
    """Say that a device misses its own target: "router-2 now misses its own target: upload 21 s, should be under 16 s"."""
    measured = f"{watch.attribute} {watch.limits.say(value)}"
    return f"{device_id} now misses its own target: {measured}, should be {watch.limits.words}."


def say_present(watch: Watch, devices: Sequence[Device]) -> str:
    """Say what the watched values are, one sentence, for a confirmation."""
    known = []
    for device in devices:
        kind = device.profile.kind if device.profile else None
        finding = device.attributes.get(watch.attribute)
        if not device.is_enrolled or finding is None or not watch.covers(device.device_id, kind):
            continue
        value = watch.limits.value_of(finding)
        if value is not None:
            known.append((device.device_id, watch.limits.say(value)))
    if not known:
        return "What it is now is not known."
    if len(known) == 1 and watch.device_ids:
        return f"Now it is {known[0][1]}."
    shown = listing([f"{value} ({device_id})" for device_id, value in known[:_NAMED_VALUES]])
    more = f", and {len(known) - _NAMED_VALUES} more" if len(known) > _NAMED_VALUES else ""
    return f"Now it is {shown}{more}."
