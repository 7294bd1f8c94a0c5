"""The lists of the site's page, as HTML: devices, goals, standing goals, questions, notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.floor import state_of
from dashboard.html import act_button, battery, clock, escaped, link, listed, row
from dashboard.live import Live
from dashboard.views import ApprovalInfo, ConditionsInfo, DeviceInfo, GoalInfo, Notice, StandingInfo

SHOWN_DEVICES = 40
_SHOWN_NOTICES = 5
_SHOWN_NAMES = 12
# Who needs a person comes first.
_ORDER = {"lost": 1, "stopped": 2, "working": 3, "idle": 4}


def device_list(live: Live, devices: Sequence[DeviceInfo], root: str, *, wanted: str = "") -> str:
    """Return devices as a list, those that need a person first, each with what it is at.

    Args:
        live: the state.
        devices: all of them; the first `SHOWN_DEVICES` are shown.
        root: path of the pages.
        wanted: only those in whose name, title or state this occurs.
    """
    states = {device.device_id: state_of(live, device) for device in devices}
    word = wanted.strip().casefold()
    found = [
        device
        for device in devices
        if not word
        or word in f"{device.device_id} {device.title or ''} {states[device.device_id]}".casefold()
    ]
    found.sort(key=lambda device: 0 if device.waiting else _ORDER[states[device.device_id]])
    rows = [
        row(
            device.device_id,
            states[device.device_id],
            link(f"{root}/device", device.device_id, device.device_id),
            side=battery(device.battery_percent),
            below=_told(states[device.device_id], device),
        )
        for device in found[:SHOWN_DEVICES]
    ]
    nothing = "No device has joined yet." if not devices else "No device is called so, or in that state."
    left = len(found) - len(rows)
    more = f'<p class="quiet small">{left} more; write a part of a name or a state above.</p>' if left else ""
    return listed(rows, nothing) + more


def _told(state: str, device: DeviceInfo) -> str:
    about = device.waiting or (f"“{device.doing}”" if device.doing else (device.title or ""))
    return f"{escaped(state)}{' · ' + escaped(about) if about else ''}"


def goal_list(goals: Iterable[GoalInfo], root: str) -> str:
    """Return goals as a list, newest first."""
    rows = []
    for goal in goals:
        ended = sum(not subtask.is_under_way for subtask in goal.subtasks)
        progress = f"{ended} of {len(goal.subtasks)} done" if goal.subtasks and not goal.is_final else ""
        seconds = f"{goal.seconds:.1f} s" if goal.seconds is not None else progress
        below = goal.answer or "; ".join(goal.waiting) or "; ".join(goal.plan)
        rows.append(
            row(
                goal.goal_id,
                goal.status,
                link(f"{root}/goal", goal.goal_id, goal.goal),
                side=f'<span class="small quiet">{escaped(seconds)}</span>',
                below=f"<b>{escaped(goal.status)}</b>{' · ' + escaped(below) if below else ''}",
            )
        )
    return listed(rows, "Nothing has been asked for yet.")


def standing_list(goals: Iterable[StandingInfo]) -> str:
    """Return standing goals as a list with their buttons."""
    rows = []
    for goal in goals:
        acts = ("pause", "cancel") if goal.status == "active" else ("resume", "cancel")
        buttons = "".join(
            act_button(f"standing {act}", goal.standing_id, act.capitalize(), about=goal.text) for act in acts
        )
        told = [goal.question or goal.reason or goal.when]
        if goal.next_time is not None and goal.status == "active":
            told.append(f"next at {goal.next_time}")
        if goal.fired:
            told.append(f"done {goal.fired} times")
        if goal.broken:
            told.append(f"not as it must be: {', '.join(goal.broken)}")
        rows.append(
            row(
                goal.standing_id,
                {"active": "good", "paused": "paused"}.get(goal.status, "bad"),
                f"<span><b>{escaped(goal.text)}</b></span>",
                below=f"<b>{escaped(goal.status.replace('_', ' '))}</b> · {escaped(' · '.join(told))}"
                f'<span class="buttons">{buttons}</span>',
            )
        )
    return listed(rows, "None. Say “Count the empty shelves every hour”, for example.")


def notice_list(notices: Sequence[Notice]) -> str:
    """Return what standing goals had to tell, newest first."""
    rows = "".join(
        f'<li data-key="{one.seq}"><time>{clock(one.at)}</time> {escaped(one.sentence)}</li>'
        for one in reversed(notices[-_SHOWN_NOTICES:])
    )
    return f'<ul class="notices">{rows}</ul>' if rows else ""


def condition_list(conditions: ConditionsInfo) -> str:
    """Return what is out of use and what stands still, with the buttons that end that; nothing where that is nothing."""
    rows = [
        _condition(
            one.place,
            f"{one.place[:1].upper()}{one.place[1:]} is out of use",
            f"{one.by}, {clock(one.at)}",
            act_button("place reopen", one.place, "In use again", about=one.place),
        )
        for one in conditions.closed
    ]
    closed = {one.place for one in conditions.closed}
    held = [name for name in conditions.out_of_reach if name not in closed]
    if held:
        rows.append(
            row("out of reach", "warn", "<b>Out of reach because of that</b>", below=escaped(_some(held)))
        )
    rows += [
        _condition(
            one.standstill_id,
            f"{one.name[:1].upper()}{one.name[1:]} stands still",
            f"{_some(one.devices) or 'no device'} · {one.by}, {clock(one.at)}",
            act_button("standstill resume", one.standstill_id, "Carry on", about=one.name),
        )
        for one in conditions.standstills
    ]
    return f'<div class="conditions">{listed(rows, "")}</div>' if rows else ""


def _condition(key: str, title: str, below: str, button: str) -> str:
    return row(key, "warn", f"<b>{escaped(title)}</b>", side=button, below=escaped(below))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more


def question_list(questions: Iterable[ApprovalInfo]) -> str:
    """Return the questions of devices, with the buttons that answer them."""
    return "".join(
        f'<section class="question" data-key="{escaped(one.approval_id)}" aria-label="{escaped(one.device_id)} asks">'
        f"<p><b>{escaped(one.device_id)} asks:</b> {escaped(one.question)} "
        f'<span class="quiet small">until {clock(one.expires_at)}</span></p><div class="buttons">'
        f"{act_button('approve', one.approval_id, 'Allow', about=one.question, kind='primary')}"
        f"{act_button('deny', one.approval_id, 'Do not allow', about=one.question)}</div></section>"
        for one in questions
    )
