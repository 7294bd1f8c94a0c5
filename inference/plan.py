"""Asks a language model to split a goal into quantified one-sentence steps.

The plan says *for each shelf: any robot: "move to shelf {shelf} and …"*, so that its length does not grow with the fleet. The
notation has one line a step; its parts stand between slashes::

    each shelf / robot / move to shelf {shelf} and check if there are vacant spaces on it
    each shelf 2 4 / robot / …        only these
    every robot / report your battery level
    one robot / bring tote t7 to station 2
    named robot-3 / go to the charger
    refuse

A step may depend on what an earlier one found out, counted from 1, and quote it (general models only; the bundled one was
not trained on it, and such plans are composed without it)::

    each shelf / robot / check if there is vacant space on shelf {shelf}
    if 1 yes / each shelf / drone / take a photo of shelf {shelf}
    every robot / report your battery level
    if 3 < 20 percent / every robot / go to the charger
    one robot / bring tote t7 to {answer 1}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference.plan_grammar import plan_grammar
from inference.plan_notation import decode_steps
from inference.plan_steps import Condition, KindProfile, PlanAnswer, PlanStep, Route
from inference.ports import LanguageModel, Prompt
from inference.program_prompt import END, without_markers
from inference.text import Sentence, canonical_words, prepare

__all__ = ["Condition", "KindProfile", "PlanAnswer", "PlanStep", "Route", "ask_for_plan"]

SITE, KINDS, GOAL, PLAN = "<|site|>", "<|kinds|>", "<|goal|>", "<|plan|>"
_ABILITY_LIMIT = 10
# What the model is told of all kinds together, so that no device can talk the goal out of the model's context. In bytes,
# because text in a script that the model does not know costs a token a byte.
_KINDS_BYTES = 1600
_MAXIMUM_KINDS = 40
_MAXIMUM_ANSWER_TOKENS = 240


_SYSTEM = """You split a goal for a fleet of devices into steps. Each step is one line in one of these forms:
each shelf / robot / move to shelf {shelf} and check it for vacant space    (one subtask for each shelf)
each shelf 2 4 / robot / move to shelf {shelf}                             (only shelves 2 and 4)
every robot / report your battery level                                    (every device of the kind)
one robot / bring tote t7 to station 2                                     (any one device of the kind)
named robot-3 / go to the charger                                          (one device by its name)
refuse                                                                     (no device can do this)
A step may depend on what an earlier one found out, counted from 1:
if 1 yes / each shelf / drone / take a photo of shelf {shelf}              (only where step 1 has found it)
if 2 no / every door / close the door
if 3 < 20 percent / every robot / go to the charger                        (also <= > >= =)
A sentence may quote what an earlier step found: bring tote t7 to {answer 1}
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
        grammar=plan_grammar(
            prepared,
            [profile.kind for profile in told],
            entities,
            list(names),
            # The bundled model has seen no conditions.
            has_conditions=model.takes_examples,
        ),
        stop=(END,),
        maximum_tokens=_MAXIMUM_ANSWER_TOKENS,
    )
    if generation.text.strip() == "refuse":
        return PlanAnswer("refuse", (), _refusal(told), generation, is_beyond_all=True)
    steps = decode_steps(generation.text, prepared, kinds, entities, names)
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


def _refusal(kinds: Sequence[KindProfile]) -> str:
    if not kinds:
        return "No device is enrolled, so nothing can be done."
    able = "; ".join(
        f"{profile.kind}: {', '.join(_plain(ability) for ability in profile.abilities[:_ABILITY_LIMIT])}"
        for profile in kinds
    )
    return f"No enrolled device can do that. What they can do: {able}."
