"""Carries out what people order about what is under way: stop, pause, go on, do it again, hand over, hurry.

An order is about something that was found to be under way; where nothing is, it may be meant for a device, and is a goal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from coordinator.coordinator import Coordinator
from coordinator.dialogue import targets
from coordinator.dialogue.acts import Act
from coordinator.dialogue.fleet_answers import some
from coordinator.dialogue.memory import ChatMemory, Mentioned
from coordinator.dialogue.names import Names
from coordinator.dialogue.past import Past
from coordinator.dialogue.questions import Choice, OpenQuestion, Purpose
from coordinator.dialogue.targets import Found, Target
from coordinator.goals import GoalView
from coordinator.standing.view import StandingView
from coordinator.urgency import Part
from coordinator.wording import quoted
from protocol.errors import InputError

_MARKS = ",.;:!?\"'()"
_PURPOSES: dict[Act, Purpose] = {
    Act.STOP: "cancel",
    Act.PAUSE: "pause",
    Act.RESUME: "resume",
    Act.URGENT: "urgent",
    Act.REPEAT: "repeat",
}
_NOTHING: dict[Act, str] = {
    Act.STOP: "Nothing is under way that could be stopped.",
    Act.PAUSE: "Nothing is under way that could be paused.",
    Act.RESUME: "Nothing is paused here.",
    Act.URGENT: "Nothing is under way that could be urgent.",
    Act.REPEAT: "I know of nothing that I could do again.",
}
_VERBS: dict[Act, str] = {
    Act.STOP: "stop",
    Act.PAUSE: "pause",
    Act.RESUME: "let go on",
    Act.URGENT: "put first",
    Act.REPEAT: "do again",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What an order came to.

    Attributes:
        text: what is said; empty where a goal is followed and its answer says it.
        goal_id: the goal that is followed.
        about: a goal that was spoken of and is not followed.
        standing_id: a standing goal that was spoken of.
        standstill_id: an order to stand still that was given.
        question: what is asked back; nothing was done then.
        submit: a goal that is to be given, in these words.
        handover: work that another device is to do; see `Handover.give`.
        mentions: things that were spoken of.
    """

    text: str = ""
    goal_id: str | None = None
    about: str | None = None
    standing_id: str | None = None
    standstill_id: str | None = None
    question: OpenQuestion | None = None
    submit: str | None = None
    handover: str | None = None
    mentions: tuple[Mentioned, ...] = ()


class Orders:
    """The orders of people in chats.

    Args:
        coordinator: carries them out.
        names: of the site.
    """

    def __init__(self, coordinator: Coordinator, names: Names) -> None:
        self._coordinator = coordinator
        self._names = names
        self._past = Past(coordinator)

    async def carry_out(  # noqa: PLR0911 - a case each
        self, act: Act, text: str, memory: ChatMemory, by: str
    ) -> Done | None:
        """Carry out an order; None where it is about nothing that is known, so that it may be meant for a device.

        Raises:
            InputError: what it is about has ended meanwhile.
            OperatorError: the broker cannot be reached.
        """
        devices = [one.name for one in self._names.mentions(text) if one.sort == "device"]
        if devices and act in {Act.STOP, Act.PAUSE, Act.RESUME}:
            return self._devices(act, devices, by)
        things = self._things(text) if act is Act.URGENT else []
        if things and (done := self._hurry(things, by)) is not None:
            return done
        found = await self.find(act, text, memory)
        if not found.targets and things:
            return self._ask_what(things[0])
        if not found.targets:
            return None if found.is_named else Done(_NOTHING[act])
        if found.is_all and act is not Act.REPEAT:
            return self._all(act, found.targets, by)
        if len(found.targets) > 1:
            return Done(question=which(act, found.targets))
        return self.apply(act, found.targets[0], by)

    async def find(self, act: Act, text: str, memory: ChatMemory) -> Found:
        """Find what an order is about."""
        goals, standing = self._candidates(act)
        return await asyncio.to_thread(targets.find, text, goals, standing, memory, self._coordinator.encoder)

    def _candidates(self, act: Act) -> tuple[list[GoalView], list[StandingView]]:
        standing = self._coordinator.standing.list() if act in {Act.STOP, Act.PAUSE, Act.RESUME} else []
        if act is Act.REPEAT:
            return [goal for goal in reversed(self._past.newest()) if goal.standing_id is None], []
        goals = self._past.under_way()
        if act is Act.RESUME:
            goals = [goal for goal in goals if goal.waiting]
            standing = [one for one in standing if one.status != "active"]
        elif act is Act.PAUSE:
            standing = [one for one in standing if one.status == "active"]
        return goals, standing

    def apply(self, act: Act, target: Target, by: str) -> Done:
        """Do to one thing what was ordered.

        Raises:
            InputError: it has ended meanwhile.
            OperatorError: the broker cannot be reached.
        """
        if target.sort == "standing":
            return self._standing(act, target, by)
        operations = self._coordinator.operations
        match act:
            case Act.STOP:
                operations.cancel_goal(target.id, by)
                return Done(goal_id=target.id)
            case Act.PAUSE:
                operations.pause_goal(target.id, by)
                return Done(f'{target.name} is paused. Say "carry on" to let it go on.', about=target.id)
            case Act.RESUME:
                operations.resume_goal(target.id, by)
                return Done(goal_id=target.id)
            case Act.URGENT:
                operations.prioritise_goal(target.id, by)
                text = f"{target.name} comes first now. What a device is at already is not interrupted."
                return Done(text, about=target.id)
            case _:
                return Done(submit=self._coordinator.goal(target.id).goal)

    def _things(self, text: str) -> list[Mentioned]:
        """Return the things that a message names, "tote T9" or "T9" alone where the site knows what that is."""
        named = [
            Mentioned(sort=one.sort, name=one.name, kind=one.kind)
            for one in self._names.mentions(text)
            if one.sort != "device"
        ]
        said = {word.strip(_MARKS).casefold() for word in text.split()}
        named += [
            Mentioned(sort="entity", name=f"{kind} {label}", kind=kind)
            for kind, labels in self._coordinator.site.entities.items()
            for label in labels
            if label.casefold() in said and not label.isdecimal() and not label.isalpha()
        ]
        return list({one.name: one for one in named}.values())

    def _hurry(self, things: Sequence[Mentioned], by: str) -> Done | None:
        """Have what concerns things come first; None where nothing that is under way does."""
        said, about = [], None
        for thing in things:
            label = thing.name.rpartition(" ")[2]
            for goal_id in self._coordinator.goals_under_way():
                part = self._coordinator.part(goal_id, label, thing.kind)
                if not part.is_open:
                    continue
                about = goal_id
                if part.waiting or part.later:
                    self._coordinator.operations.prioritise_part(goal_id, label, by)
                said += _hurried(part)
        if about is None:
            return None
        return Done(" ".join(said), about=about, mentions=tuple(things))

    def _ask_what(self, thing: Mentioned) -> Done:
        """Ask what is to be done with a thing that nothing under way is about."""
        what = thing.name.rpartition(" ")[2] if thing.sort == "entity" else thing.name
        text = f"Nothing that is under way concerns {what}. What shall be done with it?"
        return Done(text, mentions=(thing,))

    def target(self, identity: str) -> Target:
        """Return what an answer to a question chose.

        Raises:
            InputError: it is not known any more.
        """
        if identity.startswith("standing-"):
            return targets.of_standing(self._coordinator.standing.get(identity))
        return targets.of_goal(self._coordinator.goal(identity))

    def _standing(self, act: Act, target: Target, by: str) -> Done:
        standing = self._coordinator.standing
        if act is Act.STOP:
            standing.cancel(target.id, by)
            return Done(f"The standing goal {target.name} is cancelled.", standing_id=target.id)
        if act is Act.PAUSE:
            standing.pause(target.id, by)
            text = (
                f'The standing goal {target.name} is paused. Say "resume the standing goal" to let it go on.'
            )
            return Done(text, standing_id=target.id)
        standing.resume(target.id, by)
        return Done(f"The standing goal {target.name} is in force again.", standing_id=target.id)

    def _all(self, act: Act, found: Sequence[Target], by: str) -> Done:
        done = []
        for target in found:
            try:
                self.apply(act, target, by)
            except InputError:
                # It ended, or somebody else did the same, a moment before.
                continue
            done.append(target.name)
        if not done:
            return Done(_NOTHING[act])
        what = {Act.STOP: "cancelled", Act.PAUSE: "paused", Act.RESUME: "going on"}.get(act, "put first")
        return Done(f"{some(done)} {'is' if len(done) == 1 else 'are'} {what}.")

    def _devices(self, act: Act, devices: Sequence[str], by: str) -> Done | None:
        """Order devices themselves; one that is told to stop and is at nothing of ours gets that as a goal."""
        operations = self._coordinator.operations
        at_work = self._past.at_work()
        sentences = []
        for device_id in devices:
            held_by = operations.paused_by(device_id)
            if act is Act.STOP:
                if device_id not in at_work:
                    return None
                operations.cancel_device(device_id, by)
                sentences.append(f"{device_id} was told to stop {quoted(at_work[device_id][1].sentence)}.")
            elif act is Act.PAUSE:
                if held_by is None:
                    operations.pause_device(device_id, by)
                sentences.append(
                    f'{device_id} is paused and gets no work. Say "{device_id} may go on" to change that.'
                )
            elif held_by is None and operations.waiting(device_id) is None:
                sentences.append(f"{device_id} is not paused.")
            else:
                operations.resume_device(device_id, by)
                sentences.append(f"{device_id} goes on, and gets work again.")
        about = next((goal.goal_id for name, (goal, _) in at_work.items() if name in devices), None)
        return Done(" ".join(sentences), about=about)


def _hurried(part: Part) -> list[str]:
    """Say what becomes of a part of a goal that was called urgent."""
    said = [f"{device} is at {quoted(sentence)} already." for device, sentence in part.begun]
    if part.waiting:
        others = f": it overtakes {part.others} that wait" if part.others > 1 else ""
        others = ": it overtakes the one that waits" if part.others == 1 else others
        said.append(f"{some(list(map(quoted, part.waiting)))} comes next{others}.")
    if part.later:
        said.append(
            f"{some(list(map(quoted, part.later)))} comes first as soon as its turn in the plan has come."
        )
    if part.waiting or part.later:
        said.append("What a device is at already is not interrupted.")
    return said


def which(act: Act, found: Sequence[Target]) -> OpenQuestion:
    """Ask which of several things an order is about."""
    choices = tuple(Choice(label=target.name, value=target.id) for target in found)
    return OpenQuestion(text=f"Which one shall I {_VERBS[act]}?", choices=choices, purpose=_PURPOSES[act])


def doubt(act: Act, target: Target, text: str) -> OpenQuestion:
    """Ask whether a message that could be an order or a goal is an order."""
    return OpenQuestion(
        text=f"Do you mean that I should {_VERBS[act]} {target.name}? Otherwise I take it for a new goal.",
        choices=(Choice(label="yes", value=target.id), Choice(label="no", value=text)),
        purpose=_PURPOSES[act],
        is_yes_no=True,
    )


ACT_OF = {purpose: act for act, purpose in _PURPOSES.items()}
"""The order that an answered question was about."""
