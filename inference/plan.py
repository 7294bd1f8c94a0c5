"""Asks a language model to split a goal into quantified one-sentence steps.

The plan says *for each shelf: any robot: "move to shelf {shelf} and …"*, so that its length does not grow with the fleet. The
notation has one line a step; its parts stand between slashes::

    each shelf / robot / move to shelf {shelf} and check if there are vacant spaces on it
    each shelf 2 4 / robot / …        only these
    every robot / report your battery level
    one robot / bring tote t7 to station 2
    named robot-3 / go to the charger
    refuse
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from inference.notation import NotationError
from inference.plan_grammar import plan_grammar
from inference.ports import Generation, LanguageModel, Prompt
from inference.program_prompt import END, without_markers
from inference.text import Sentence, canonical_words, prepare

__all__ = ["KindProfile", "PlanAnswer", "PlanStep", "ask_for_plan"]

SITE, KINDS, GOAL, PLAN = "<|site|>", "<|kinds|>", "<|goal|>", "<|plan|>"
_ABILITY_LIMIT = 10
# What the model is told of all kinds together, so that no device can talk the goal out of the model's context. In bytes,
# because text in a script that the model does not know costs a token a byte.
_KINDS_BYTES = 1600
_MAXIMUM_KINDS = 40
_MAXIMUM_ANSWER_TOKENS = 240

_PLACEHOLDER = re.compile(r"\{([a-z][a-z ]*)\}")


@dataclass(frozen=True, slots=True)
class KindProfile:
    """Devices of one kind: how many there are, what they can do, what they are called, and a sentence about one of them.

    A count of 0 means that there are some, but none that can be had now.
    """

    kind: str
    count: int
    abilities: tuple[str, ...]
    device_names: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must have come of an earlier step for this one to be done.

    Attributes:
        step: index of that step in the plan, from 0.
        what: what it was to find out, in plain words; empty for whatever it found.
        is_present: what it must have found, where that is yes or no.
        comparison: how `value` must compare with what it found (`<`, `<=`, `>`, `>=`, `=`), where that is an amount.
        value: the amount, in `unit`.
    """

    step: int
    what: str = ""
    is_present: bool | None = None
    comparison: Literal["<", "<=", ">", ">=", "="] | None = None
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One quantified step.

    Attributes:
        quantifier: `each` (one subtask for each entity, to any device of `kind`), `every` (to every device of `kind`), `one`
            (to any one device of `kind`) or `named` (to `device`).
        sentence: the subtask in plain language; for `each` it holds a placeholder such as `{shelf}`.
        entity: the kind of entity, for `each`.
        entity_ids: which entities; empty means all.
        kind: the kind of device; None for `named`.
        device: the device, for `named`.
        follows: whether the step before must have succeeded; otherwise it is done whatever became of that one.
        is_together: whether it is the same order as the step before, for another device: what that one had to wait for is
            what it waits for.
        condition: what must have come of an earlier step. For `each` and `every` steps over the same entities or devices it is
            decided for each of them.
    """

    quantifier: Literal["each", "every", "one", "named"]
    sentence: str
    entity: str | None = None
    entity_ids: tuple[str, ...] = ()
    kind: str | None = None
    device: str | None = None
    follows: bool = True
    is_together: bool = False
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A part of a goal, and the kind of device that it is for.

    Attributes:
        text: the part, as it was said.
        kind: the kind of device; None where a device is meant that the site does not have.
        missing: what that device was called.
        device: the device, where it is told from others of its kind by its name.
        follows: whether the part before has to be done first ("and then").
        is_together: whether it is the same part as that of the route before, for another device.
    """

    text: str
    kind: str | None
    missing: str = ""
    device: str | None = None
    follows: bool = False
    is_together: bool = False


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """Steps in order, a refusal with its reason, or a question that has to be answered first.

    `generation` is None where no model had to be asked. `is_beyond_all` marks a refusal because no device can do that.
    """

    outcome: Literal["plan", "refuse", "ask"]
    steps: tuple[PlanStep, ...]
    reason: str
    generation: Generation | None
    is_beyond_all: bool = False


_SYSTEM = """You split a goal for a fleet of devices into steps. Each step is one line in one of these forms:
each shelf / robot / move to shelf {shelf} and check it for vacant space    (one subtask for each shelf)
each shelf 2 4 / robot / move to shelf {shelf}                             (only shelves 2 and 4)
every robot / report your battery level                                    (every device of the kind)
one robot / bring tote t7 to station 2                                     (any one device of the kind)
named robot-3 / go to the charger                                          (one device by its name)
refuse                                                                     (no device can do this)
Use the words of the goal. Write lower case, nothing but the lines."""


def ask_for_plan(
    model: LanguageModel,
    goal: str,
    kinds: Sequence[KindProfile],
    entities: Mapping[str, Sequence[str]],
    *,
    routes: Sequence[Route] = (),
    feedback: str | None = None,
) -> PlanAnswer:
    """Plan one goal; one model call, or none where it was routed or names an entity that the site lacks.

    Args:
        model: the language model.
        goal: the person's words.
        kinds: the enrolled devices, grouped by kind.
        entities: the site's entities by kind, such as {"shelf": ["1", "2"]}.
        routes: the parts of the goal and the kinds that they are for, where a router has found them.
        feedback: the error of the answer before, in the repair round.

    Raises:
        NotationError: the answer cannot be used.
        ModelError: the model cannot run.
    """
    prepared = prepare(goal)
    names = named_devices(prepared.lower, kinds)
    if unknown := unknown_entity(prepared.lower, entities):
        return PlanAnswer("refuse", (), unknown, None)
    single = {name for profile in kinds if profile.count <= 1 for name in profile.device_names}
    if routes and single.union(route.device for route in routes if route.device).issuperset(names.values()):
        return PlanAnswer("plan", tuple(_routed(route) for route in routes), "", None)
    told = told_kinds(kinds)
    generation = model.generate(
        plan_prompt(prepared, told, entities, feedback),
        grammar=plan_grammar(prepared, [profile.kind for profile in told], entities, list(names)),
        stop=(END,),
        maximum_tokens=_MAXIMUM_ANSWER_TOKENS,
    )
    if generation.text.strip() == "refuse":
        return PlanAnswer("refuse", (), _refusal(told), generation, is_beyond_all=True)
    steps = tuple(
        decode_step(line, prepared, kinds, entities, names) for line in generation.text.strip().split("\n")
    )
    return PlanAnswer("plan", steps, "", generation)


def told_kinds(kinds: Sequence[KindProfile]) -> list[KindProfile]:
    """Return what the model is told: kinds that can be had, and of more than it can read those with the most devices."""
    here = [profile for profile in kinds if profile.count]
    largest = sorted(here, key=lambda profile: -profile.count)[:_MAXIMUM_KINDS]
    share = _KINDS_BYTES // max(1, len(largest))
    return [
        replace(profile, abilities=_within(profile.abilities, share))
        for profile in here
        if profile in largest
    ]


def _within(texts: Sequence[str], limit_bytes: int) -> tuple[str, ...]:
    kept = []
    for text in texts:
        size = len(text.encode())
        if size <= limit_bytes:
            limit_bytes -= size
            kept.append(text)
    return tuple(kept)


def _routed(route: Route) -> PlanStep:
    step = PlanStep("one", route.text, None, (), route.kind, None, route.follows, route.is_together)
    device = route.missing or route.device
    return replace(step, quantifier="named", kind=None, device=device) if device else step


def plan_prompt(
    goal: Sentence,
    kinds: Sequence[KindProfile],
    entities: Mapping[str, Sequence[str]],
    feedback: str | None = None,
) -> Prompt:
    """Build both forms of the planning prompt. Its length depends on the kinds of things, not on how many there are."""
    kind_lines = [
        f"{profile.kind} : {' , '.join(_plain(ability) for ability in profile.abilities[:_ABILITY_LIMIT])}"
        for profile in kinds
    ]
    site = without_markers(" ; ".join(entities))
    kinds_text = without_markers(" ; ".join(kind_lines))
    compact = f"{SITE} {site}{KINDS} {kinds_text}{GOAL} {without_markers(goal.lower)}{PLAN}"
    listed = "\n".join(
        f"{profile.kind} ({profile.count}): {' '.join(profile.abilities[:_ABILITY_LIMIT])}"
        for profile in kinds
    )
    user = f"Entities: {', '.join(entities) or 'none'}\nDevices:\n{listed}\nGoal: {goal.lower}"
    if feedback:
        user += f"\nYour answer before was wrong: {feedback}"
    return Prompt(compact, _SYSTEM, user)


def unknown_entity(lower: str, entities: Mapping[str, Sequence[str]]) -> str | None:
    """Say so when the goal names an entity by a number that the site does not have, such as shelf 99 of five."""
    for entity, ids in entities.items():
        plural = entity.removesuffix("f") + "ves" if entity.endswith("f") else entity + "s"
        listed = (
            rf"\b(?:{re.escape(entity)}|{re.escape(plural)}) (?:number )?(\d+(?:(?:,| and|, and) \d+)*)\b"
        )
        for match in re.finditer(listed, lower):
            for number in re.findall(r"\d+", match[1]):
                if number not in ids and any(one.isdigit() for one in ids):
                    return (
                        f"There is no {entity} {number} on this site. It has {plural} {', '.join(ids[:20])}."
                    )
    return None


def named_devices(lower: str, kinds: Sequence[KindProfile]) -> dict[str, str]:
    """Map each way a device is named in the goal to the device: "robot 3" and "robot-3" both mean `robot-3`."""
    found: dict[str, str] = {}
    for profile in kinds:
        for name in profile.device_names:
            for spelling in dict.fromkeys((name.lower(), canonical_words(name))):
                if re.search(rf"(?<!\w){re.escape(spelling)}(?!\w)", lower):
                    found[spelling] = name
    return found


def _plain(ability: str) -> str:
    return ability.lower().rstrip(". ").removeprefix("it ")


def decode_step(
    line: str,
    goal: Sentence,
    kinds: Sequence[KindProfile],
    entities: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
) -> PlanStep:
    """Read one line of the notation.

    Raises:
        NotationError: no form of a step, or a kind, entity or device that is not known.
    """
    parts = [part.strip() for part in line.split(" / ")]
    known_kinds = {profile.kind.lower(): profile.kind for profile in kinds}
    head, *_ = parts
    quantifier, _, rest = head.partition(" ")
    text = _sentence(parts[-1], goal)
    if quantifier == "each" and len(parts) == 3:  # noqa: PLR2004 - the three parts of the form
        return _decode_each(rest, parts[1], text, known_kinds, entities)
    if len(parts) == 2:  # noqa: PLR2004 - the two parts of the other forms
        if _PLACEHOLDER.search(text):
            raise NotationError(f"{line[:80]!r} holds a placeholder but is not an 'each' step")
        if quantifier == "every" and rest in known_kinds:
            return PlanStep("every", text, kind=known_kinds[rest])
        if quantifier == "one" and rest in known_kinds:
            return _about_one_entity(text, known_kinds[rest], entities)
        if quantifier == "named" and rest in names:
            return PlanStep("named", text, device=names[rest])
    raise NotationError(f"{line[:80]!r} is not a step; devices known: {', '.join(known_kinds) or 'none'}")


def _about_one_entity(text: str, kind: str, entities: Mapping[str, Sequence[str]]) -> PlanStep:
    """Tie a step for one device to the entity it names, so that what is found out is about shelf 3, not the robot."""
    for entity, ids in entities.items():
        named = [
            one for one in ids if re.search(rf"\b{re.escape(entity)} {re.escape(one)}\b", text, re.IGNORECASE)
        ]
        if len(named) == 1:
            placed = re.sub(
                rf"\b({re.escape(entity)}) {re.escape(named[0])}\b",
                rf"\1 {{{entity}}}",
                text,
                flags=re.IGNORECASE,
            )
            return PlanStep("each", placed, entity=entity, entity_ids=(named[0],), kind=kind)
    return PlanStep("one", text, kind=kind)


def _decode_each(
    rest: str, kind: str, text: str, known_kinds: Mapping[str, str], entities: Mapping[str, Sequence[str]]
) -> PlanStep:
    if kind not in known_kinds:
        raise NotationError(f"there is no kind of device {kind!r}; known: {', '.join(known_kinds)}")
    for entity, ids in entities.items():
        if rest != entity and not rest.startswith(entity + " "):
            continue
        by_lower = {one.lower(): one for one in ids}
        chosen = rest.removeprefix(entity).split()
        if unknown := [one for one in chosen if one not in by_lower]:
            raise NotationError(f"{entity} {unknown[0]} does not exist; known: {', '.join(ids)}")
        if f"{{{entity}}}" not in text:
            raise NotationError(f"the step for each {entity} must say {{{entity}}} in its sentence")
        if foreign := [name for name in _PLACEHOLDER.findall(text) if name != entity]:
            raise NotationError(f"the step for each {entity} cannot fill in {{{foreign[0]}}}")
        return PlanStep(
            "each",
            text,
            entity=entity,
            entity_ids=tuple(dict.fromkeys(by_lower[one] for one in chosen)),
            kind=known_kinds[kind],
        )
    raise NotationError(f"{rest!r} is not an entity of this site; known: {', '.join(entities) or 'none'}")


def _sentence(text: str, goal: Sentence) -> str:
    """Write a step's words the way people do: the goal's own capitals, a capital first, a full stop last."""
    words = []
    for word in text.split():
        bare = word.strip(",.")
        restored = goal.original(bare) if bare and any(character.isdigit() for character in bare) else bare
        words.append(word.replace(bare, restored) if bare else word)
    joined = re.sub(r" ([,.])", r"\1", " ".join(words)).rstrip(".")
    if not joined:
        raise NotationError("a step has no sentence")
    return joined[0].upper() + joined[1:] + "."


def _refusal(kinds: Sequence[KindProfile]) -> str:
    if not kinds:
        return "No device is enrolled, so nothing can be done."
    able = "; ".join(
        f"{profile.kind}: {', '.join(_plain(ability) for ability in profile.abilities[:_ABILITY_LIMIT])}"
        for profile in kinds
    )
    return f"No enrolled device can do that. What they can do: {able}."
