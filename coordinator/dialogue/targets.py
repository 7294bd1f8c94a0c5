"""Finds what an order is about: "that", "the shelf check", "robot 2", "everything". Never guesses between several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coordinator.dialogue.goal_answers import title
from coordinator.dialogue.memory import ChatMemory
from coordinator.goals import GoalView
from coordinator.standing.view import StandingView
from coordinator.wording import quoted
from inference.ports import Encoder
from inference.words import split_words
from protocol.text import clean_sentence

_TITLE = 100
_LEAST_COSINE = 0.5
_LEAST_LEAD = 0.1
_SHORTEST_STEM = 3
_EVERYTHING = frozenset({"everything", "all", "both"})
_LAST = frozenset({"last", "previous", "latest"})
_OF_STANDING = frozenset("standing schedule routine rule recurring".split())
# What orders are made of; the words beside them say what they are about.
ORDER_WORDS = frozenset(
    """
    stop stopped cancel abort quit end drop scrap call off never mind forget about leave pause hold on wait hang halt suspend
    interrupt resume continue carry go going keep proceed unpause pick up again back work working let may can now please for a an
    the that this it them those these one ones what you are doing i changed my don t do want any more no longer needed not need
    moment minute second while with of to is was be s me just ok okay yes and then so everything all both last previous latest
    goal goals task job order repeat once same try another go give thing time as before redo retry start over run have urgent
    priority first hurry important comes more make put at top list than cannot wait get done has came higher front queue move
    right away we i d like would could you your delete remove standing schedule bother if where left off in
    """.split()
)


@dataclass(frozen=True, slots=True)
class Target:
    """What an order is about; `name` is how it is spoken of."""

    sort: Literal["goal", "standing"]
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """Those that are meant. More than one: either all of them (`is_all`), or it is not clear which.

    `is_named` tells whether the words said more than "that".
    """

    targets: tuple[Target, ...]
    is_named: bool
    is_all: bool = False


def find(
    text: str,
    goals: Sequence[GoalView],
    standing: Sequence[StandingView],
    memory: ChatMemory,
    encoder: Encoder | None,
) -> Found:
    """Find what a message is about. Blocking where it names something by other words.

    Args:
        text: the person's words.
        goals: those that may be meant, the newest last.
        standing: the standing goals that may be meant.
        memory: of the chat.
        encoder: finds what is called by other words.

    Raises:
        ModelError: the encoder cannot run.
    """
    words = split_words(text)
    own = {_stem(word) for word in words if word not in ORDER_WORDS and not word.isdecimal()}
    candidates = [*map(of_goal, goals), *map(of_standing, standing)]
    if own:
        return Found(_named(own, text, candidates, encoder), is_named=True)
    if _OF_STANDING & set(words):
        return Found(tuple(map(of_standing, standing)), is_named=True)
    if _EVERYTHING & set(words):
        return Found(tuple(map(of_goal, goals)), is_named=False, is_all=True)
    return Found(
        _pointed(candidates, memory, is_last=bool(_LAST & set(words))), is_named=bool(_LAST & set(words))
    )


def of_goal(goal: GoalView) -> Target:
    """Return a goal as a target."""
    return Target("goal", goal.goal_id, title(goal))


def of_standing(view: StandingView) -> Target:
    """Return a standing goal as a target."""
    return Target("standing", view.standing_id, quoted(clean_sentence(view.text, _TITLE)))


def _pointed(candidates: Sequence[Target], memory: ChatMemory, *, is_last: bool) -> tuple[Target, ...]:
    """Return what "that" means: what this chat spoke of last, else the only thing there is."""
    by_id = {one.id: one for one in candidates}
    for turn in memory.newest_first():
        for spoken in (turn.goal_id, turn.standing_id):
            if spoken in by_id:
                return (by_id[spoken],)
    goals = tuple(one for one in candidates if one.sort == "goal")
    return goals[-1:] if is_last else goals


def _named(
    own: set[str], text: str, candidates: Sequence[Target], encoder: Encoder | None
) -> tuple[Target, ...]:
    scores = [len(own & {_stem(word) for word in split_words(one.name)}) for one in candidates]
    best = max(scores, default=0)
    if best:
        return tuple(one for one, score in zip(candidates, scores, strict=True) if score == best)
    if encoder is None or not candidates:
        return ()
    asked = encoder.embed([text])[0]
    cosines = list(map(float, encoder.embed([one.name for one in candidates]) @ asked))
    order = sorted(range(len(cosines)), key=lambda place: -cosines[place])
    lead = cosines[order[0]] - (cosines[order[1]] if len(order) > 1 else 0.0)
    return (candidates[order[0]],) if cosines[order[0]] >= _LEAST_COSINE and lead >= _LEAST_LEAD else ()


def _stem(word: str) -> str:
    """Return what is common to "count", "counts" and "counting", and to "hour" and "hourly"."""
    if word.endswith("ves"):
        return f"{word[:-3]}f"
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) >= len(ending) + _SHORTEST_STEM:
            word = word.removesuffix(ending)
            if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word
