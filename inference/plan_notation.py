"""Reads the notation in which a language model writes the steps of a plan; `inference.plan` explains it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from inference.notation import NotationError
from inference.plan_steps import Condition, KindProfile, PlanStep
from inference.text import Sentence
from inference.units import pint_name

_PLACEHOLDER = re.compile(r"\{([a-z][a-z ]*)\}")
_ANSWER = re.compile(r"\{answer (\d+)\}")
_IF = re.compile(r"if (\d+) (?:(yes|no)|(<=|>=|<|>|=) (-?\d+(?:\.\d+)?) ?([^/\d]*?)) / ")


def decode_steps(
    text: str,
    goal: Sentence,
    kinds: Sequence[KindProfile],
    entities: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
) -> tuple[PlanStep, ...]:
    """Read all lines of a plan.

    Raises:
        NotationError: a line is no form of a step, speaks of a kind, entity or device that is not known, or needs what no step
            before it finds out.
    """
    steps: list[PlanStep] = []
    for line in text.strip().split("\n"):
        condition, rest = _condition(line, len(steps))
        step = decode_step(rest, goal, kinds, entities, names)
        for number in _ANSWER.findall(step.sentence):
            if not 1 <= int(number) <= len(steps):
                raise NotationError(
                    f"{line[:80]!r} quotes {{answer {number}}}, but there are {len(steps)} steps before it; count them from 1"
                )
        steps.append(replace(step, condition=condition, follows=step.follows and condition is None))
    return tuple(steps)


def _condition(line: str, before: int) -> tuple[Condition | None, str]:
    """Read what must have come of a step before: "if 1 no / …", "if 2 < 20 percent / …"."""
    if not line.startswith("if "):
        return None, line
    found = _IF.match(line)
    if found is None:
        raise NotationError(
            f"{line[:80]!r} must begin with 'if NUMBER yes / ', 'if NUMBER no / ' or 'if NUMBER < AMOUNT UNIT / '"
        )
    step = int(found[1])
    if not 1 <= step <= before:
        raise NotationError(
            f"{line[:80]!r} depends on step {step}, but there are {before} steps before it; count them from 1"
        )
    if found[2]:
        return Condition(step - 1, is_present=found[2] == "yes"), line[found.end() :]
    comparison = cast('Literal["<", "<=", ">", ">=", "="]', found[3])
    unit = pint_name(found[5].strip()) if found[5].strip() else None
    return Condition(step - 1, comparison=comparison, value=float(found[4]), unit=unit), line[found.end() :]


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
