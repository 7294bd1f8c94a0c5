"""Answers questions about the fleet: finds what a question is about, and asks the records. Nothing here is invented."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coordinator.coordinator import Coordinator
from coordinator.dialogue.abilities import nearest_abilities
from coordinator.dialogue.acts import Act
from coordinator.dialogue.fleet_answers import POSITION, FleetAnswers
from coordinator.dialogue.floor import Floor
from coordinator.dialogue.goal_answers import GoalAnswers
from coordinator.dialogue.memory import ChatMemory, Mentioned
from coordinator.dialogue.names import Names
from coordinator.dialogue.past import Past
from coordinator.dialogue.targets import find
from coordinator.goals import GoalView
from coordinator.registry import Device
from coordinator.wording import plural
from inference.ports import Encoder
from inference.words import split_words

_PRONOUN = re.compile(r"\b(?:it|that|this|them|he|she|its)\b", re.IGNORECASE)
_YESTERDAY = re.compile(r"\byesterday\b", re.IGNORECASE)
_LAST_NIGHT = re.compile(r"\b(?:last|over) night\b|\bovernight\b", re.IGNORECASE)
_HOURS = re.compile(r"\b(?:last|past) (?:(\d+) )?hours?\b", re.IGNORECASE)
# "How long will it take" is about what is under way, "how long did it take" about what has ended.
_STILL = re.compile(r"\b(?:will|still|left|remain\w*|until|to go)\b", re.IGNORECASE)
_ABLE = re.compile(r"\b(?:what else|else)\b", re.IGNORECASE)
_LEAST_COSINE = 0.55
_NEAR_ABILITY = 0.4
_SAME_ABILITY = 0.65
_ABOUT_GOALS = frozenset({Act.ASK_ACTIVITY, Act.ASK_FAILURE, Act.ASK_OUTCOME, Act.ASK_WHEN})
_WHO_OR_ANY = re.compile(
    r"^\W*(?:who|which|can|could|is there|are there|does|do any|are you able|have you)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, and the goal and things that it spoke of, to which the next message may refer."""

    text: str
    goal_id: str | None = None
    mentions: tuple[Mentioned, ...] = ()


class Inquiry:
    """Answers from the records of a coordinator.

    Args:
        coordinator: whose records they are.
        names: of the site.
        zone: of times of day.
    """

    def __init__(self, coordinator: Coordinator, names: Names, zone: ZoneInfo) -> None:
        self._coordinator = coordinator
        self._names = names
        self._zone = zone
        self._past = Past(coordinator)
        self._floor = Floor(coordinator, names, zone)

    async def answer(self, act: Act, text: str, memory: ChatMemory) -> Answer | None:  # noqa: PLR0911 - a case each
        """Answer a question; None where only a device could answer it now.

        Raises:
            ModelError: the encoder cannot run.
        """
        about = self._about(text, memory)
        devices = [self._coordinator.device(one.name) for one in about if one.sort == "device"]
        match act:
            case Act.ASK_ATTRIBUTE:
                found = await asyncio.to_thread(self._attribute, text, devices)
                return None if found is None else Answer(found, mentions=about)
            case Act.ASK_ABILITY:
                return Answer(await asyncio.to_thread(self._ability, text, devices), mentions=about)
            case Act.ASK_FREE:
                shown, noun = (devices, "device") if devices else self._group(text)
                return Answer(self._fleet().state(shown, noun), mentions=about)
            case Act.ASK_PLACE:
                return Answer(self._place(about, devices, text), mentions=about)
            case Act.ASK_SITE if not devices:
                return Answer(self._floor.condition(text))
            case Act.ASK_SITE:
                return Answer(self._fleet().state(devices, "device"), mentions=about)
            case Act.ASK_STANDING:
                return Answer(self._goals().standing(self._coordinator.standing.list()))
            case Act.ASK_HISTORY:
                return Answer(self._history(text, devices), mentions=about)
            case _:
                return await self._of_goals(act, text, memory, about)

    async def is_for_devices(self, act: Act, text: str, memory: ChatMemory) -> bool:
        """Whether a device says that it can answer this, and the records could not: then it is a goal, and no question here.

        Raises:
            ModelError: the encoder cannot run.
        """
        encoder = self._coordinator.encoder
        if encoder is None or act in {Act.ASK_ABILITY, Act.ASK_ATTRIBUTE, Act.ASK_SITE}:
            return False
        if act in _ABOUT_GOALS and memory.last_goal() is not None:
            return False
        named = [one.name for one in self._names.mentions(text) if one.sort == "device"]
        if act is Act.ASK_PLACE and any(
            POSITION in self._coordinator.device(name).attributes for name in named
        ):
            return False
        near = await asyncio.to_thread(nearest_abilities, text, self._coordinator.kinds(), encoder)
        return bool(near) and near[0].nearness >= _SAME_ABILITY

    async def _of_goals(
        self, act: Act, text: str, memory: ChatMemory, about: tuple[Mentioned, ...]
    ) -> Answer:
        goals = self._goals()
        device = next((one.name for one in about if one.sort == "device"), None)
        thing = next((one for one in about if one.sort != "device"), None)
        goal = None if about else await asyncio.to_thread(self._goal, text, memory)
        goal_id = None if goal is None else goal.goal_id
        nothing = "No goal is on record yet."
        match act:
            case Act.ASK_ACTIVITY if device is not None:
                said = goals.device_activity(device)
            case Act.ASK_ACTIVITY:
                is_named = goal is not None and not goal.is_final
                said = (
                    goals.progress(goal)
                    if is_named and goal
                    else goals.activity(self._coordinator.standing.list())
                )
                said = " ".join((said, *self._floor.standing_still()))
            case Act.ASK_FAILURE if device is not None:
                said = self._why_not(device) or goals.failure_of_device(device)
            case Act.ASK_FAILURE if thing is not None and thing.sort == "entity":
                kind, _, label = thing.name.rpartition(" ")
                said = goals.failure_about(kind, label)
            case Act.ASK_FAILURE:
                said = nothing if goal is None else goals.failure_of(goal)
            case Act.ASK_WHEN:
                said = self._when(text, about, goal) or nothing
            case _ if device is not None and thing is None:
                said = goals.device_result(device)
            case _ if thing is not None:
                said = goals.about(thing.name)
            case _:
                said = nothing if goal is None else goals.outcome(goal)
        return Answer(said, goal_id, about)

    def _when(self, text: str, about: Sequence[Mentioned], goal: GoalView | None) -> str | None:
        goals = self._goals()
        if about:
            return goals.when(about[0].name)
        if _STILL.search(text):
            return goals.time_left()
        return None if goal is None else goals.goal_time(goal)

    def _about(self, text: str, memory: ChatMemory) -> tuple[Mentioned, ...]:
        """Return what a question names; or what it points at, where that is a device or thing and not a goal."""
        named = tuple(
            Mentioned(sort=one.sort, name=one.name, kind=one.kind) for one in self._names.mentions(text)
        )
        if named or not _PRONOUN.search(text):
            return named
        last = memory.last
        # After a goal "it" is the goal; after an answer about a robot it is the robot.
        return last.mentions[:1] if last is not None and last.goal is None and last.goal_id is None else ()

    def _goal(self, text: str, memory: ChatMemory) -> GoalView | None:
        """Return the goal that a question is about: one that is named, else the last of this chat, else of the site."""
        newest = self._past.newest()
        known = {goal.goal_id: goal for goal in newest}
        found = find(text, list(reversed(newest)), (), memory, None)
        if found.is_named and found.targets:
            return known.get(found.targets[-1].id)
        spoken = next((known[one] for one in memory.goal_ids() if one in known), None)
        return spoken or (newest[0] if newest else None)

    def _place(self, about: Sequence[Mentioned], devices: Sequence[Device], text: str) -> str:
        fleet = self._fleet()
        if devices:
            return fleet.place(devices)
        for one in about:
            there = fleet.at_place(one.name, self._coordinator.devices())
            if there is not None:
                return there
            if one.sort == "entity":
                return f"No device has told that it is at {one.name}."
            return f"I keep no record of where {one.name} is. {self._goals().about(one.name)}"
        kind = self._names.kind_named(text)
        every = self._group(text)[0]
        if kind is None and not {"everyone", "everybody", "devices", "they", "all"} & set(split_words(text)):
            return 'I do not know what you mean. Name a device or a thing, such as in "where is robot 2?".'
        return fleet.place(every)

    def _why_not(self, device_id: str) -> str | None:
        """Say why a device cannot be had at all, which comes before what it failed at earlier; None where it can."""
        device = self._coordinator.device(device_id)
        waiting = self._coordinator.operations.waiting(device_id)
        if waiting is not None:
            return f"{waiting} {self._goals().failure_of_device(device_id)}"
        return (
            None if device.is_available else f"{device.problem}. {self._goals().failure_of_device(device_id)}"
        )

    def _history(self, text: str, devices: Sequence[Device]) -> str:
        now = datetime.fromtimestamp(self._coordinator.clock.now(), self._zone)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if (hours := _HOURS.search(text)) is not None:
            count = min(int(hours[1] or 1), 1000)
            since, said = (
                now - timedelta(hours=count),
                f"in the last {count} hours" if count > 1 else "in the last hour",
            )
        elif _YESTERDAY.search(text) or _LAST_NIGHT.search(text):
            since, said = midnight - timedelta(days=1), "since yesterday morning"
        else:
            since, said = midnight, "today"
        return self._goals().history(since.timestamp(), said, devices[0].device_id if devices else None)

    def _ability(self, text: str, devices: Sequence[Device]) -> str:
        """Say what is able to do what; blocking."""
        fleet = self._fleet()
        encoder = self._coordinator.encoder
        if devices:
            return fleet.abilities(devices)
        is_search = _WHO_OR_ANY.match(text) is not None and not _ABLE.search(text)
        every = [device for device in self._coordinator.devices() if device.is_enrolled]
        if not is_search or encoder is None:
            shown, _ = self._group(text)
            return fleet.abilities([device for device in shown if device.is_enrolled] or every)
        near = nearest_abilities(text, self._coordinator.kinds(), encoder)
        fitting = [one for one in near if one.nearness >= _NEAR_ABILITY]
        said = "; ".join(f"{one.kind}: {one.ability.rstrip('.')}" for one in (fitting or near))
        if not near:
            return fleet.abilities(every)
        begin = (
            "What comes nearest to that, in the devices' own words"
            if fitting
            else "No device says so. What comes nearest"
        )
        return f"{begin}: {said}."

    def _attribute(self, text: str, devices: Sequence[Device]) -> str | None:
        """Answer from what was told lately; blocking."""
        shown = devices or self._group(text)[0]
        keys = sorted({key for device in shown for key in device.attributes})
        key = _nearest(text, keys, self._coordinator.encoder)
        return None if key is None else self._fleet().attribute(shown, key)

    def _group(self, text: str) -> tuple[list[Device], str]:
        """Return the devices of the kind that is named, else all."""
        kind = self._names.kind_named(text)
        every = self._coordinator.devices()
        if kind is None:
            return every, "device"
        members = [one for one in every if one.profile is not None and one.profile.kind.casefold() == kind]
        return members, kind

    def _fleet(self) -> FleetAnswers:
        return FleetAnswers(self._past, self._coordinator.clock.now(), self._coordinator.operations.paused_by)

    def _goals(self) -> GoalAnswers:
        return GoalAnswers(self._past, self._coordinator.clock.now(), self._zone)


def _nearest(text: str, keys: Sequence[str], encoder: Encoder | None) -> str | None:
    """Return the reported value that a question is about: all of its name is said, or a word of it, or it is near."""
    said = {*split_words(text), *(plural(word) for word in split_words(text))}
    whole = [key for key in keys if set(split_words(key)) <= said]
    if whole:
        return max(whole, key=len)
    part = [key for key in keys if set(split_words(key)) & said - {"of", "the", "to", "in", "level", "time"}]
    if len(part) == 1:
        return part[0]
    if encoder is None or not keys:
        return None
    cosines = encoder.embed(list(keys)) @ encoder.embed([text])[0]
    best = int(cosines.argmax())
    return keys[best] if cosines[best] >= _LEAST_COSINE else None
