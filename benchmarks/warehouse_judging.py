"""Conversations about the hall, what was seen of the world around them, and judges that decide from it alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from demos.warehouse.judge import judge_text
from demos.warehouse.stage import Stage
from demos.warehouse.truth import WorldTruth

Happening = Callable[[Stage], Awaitable[None]]
"""Something that happens in the hall between two messages."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Something that is said and not waited for: its answer comes last, when all that is said meanwhile was answered."""

    text: str


_REASONS = ("cannot", "can do", "no enrolled", "no device here", "there is no", "?")


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation and the world around it.

    Attributes:
        before: the world when it began.
        moments: the world after each answer, and after each thing that happened in between.
        answers: what the site said, a text for each thing that was said to it.
    """

    before: WorldTruth
    moments: tuple[WorldTruth, ...]
    answers: tuple[str, ...]

    @property
    def after(self) -> WorldTruth:
        """The world when the conversation had ended."""
        return self.moments[-1]

    @property
    def said(self) -> str:
        """All answers together, in lower case."""
        return "\n".join(self.answers).lower()

    def moved(self, *totes: str) -> list[str]:
        """Return which totes are elsewhere than before, but for those named."""
        return [
            one
            for one, place in self.before.totes.items()
            if self.after.totes[one] != place and one not in totes
        ]


Judge = Callable[[Seen], str | None]
"""Returns what is wrong; None when nothing is."""


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation.

    Attributes:
        name: short.
        says: what the person says, one after another, the next when the answer before has come; and what happens in the
            hall in between. What is `UnderWay` is not waited for.
        judge: decides from the world.
        prepare: changes the world before.
        time_scale: simulated seconds in one real second.
    """

    name: str
    says: tuple[str | UnderWay | Happening, ...]
    judge: Judge
    prepare: Callable[[Stage], None] | None = None
    time_scale: float = 60.0


def shelves_told(seen: Seen) -> str | None:
    """The first answer is right about every shelf."""
    return "; ".join(judge_text(seen.answers[0], seen.after)) or None


def at(tote: str, *places: str) -> Judge:
    """A tote is at one of the places, and no other was moved."""
    return all_at((tote,), *places)


def all_at(totes: Sequence[str], *places: str) -> Judge:
    """Totes are at the places, and no others were moved."""

    def judge(seen: Seen) -> str | None:
        astray = {tote: seen.after.totes[tote] for tote in totes if seen.after.totes[tote] not in places}
        if astray:
            return f"not brought: {astray}"
        others = seen.moved(*totes)
        return f"{others} moved too" if others else None

    return judge


def says(*words: str) -> Judge:
    """All of these stand in the answers, and no tote was moved."""

    def judge(seen: Seen) -> str | None:
        missing = [word for word in words if word.lower() not in seen.said]
        return f"does not say {missing}" if missing else nothing_moved(seen)

    return judge


def nothing_moved(seen: Seen) -> str | None:
    """All totes are where they were."""
    moved = seen.moved()
    return f"{moved} moved" if moved else None


def machine(name: str, **wanted: Any) -> Judge:
    """A machine stands as wanted."""

    def judge(seen: Seen) -> str | None:
        state = seen.after.machines[name]
        wrong = {key: state[key] for key, value in wanted.items() if state[key] != value}
        return f"{name}: {wrong}" if wrong else None

    return judge


def robot_is(robot_id: str, check: Callable[[Any], bool], wanted: str) -> Judge:
    """A robot passes a check, which `wanted` describes."""

    def judge(seen: Seen) -> str | None:
        return None if check(seen.after.robots[robot_id]) else f"{robot_id} {wanted} is not so"

    return judge


def refused(seen: Seen) -> str | None:
    """Nothing has changed, and the answer says why or asks."""
    changed = [one for one, shelf in seen.before.shelves.items() if seen.after.shelves[one] != shelf]
    if changed or seen.moved():
        return f"shelves {changed} or totes {seen.moved()} changed"
    return None if any(reason in seen.said for reason in _REASONS) else "gives no reason"
