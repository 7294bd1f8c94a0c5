"""Turns a goal into quantified steps: composed of its parts, or by the language model with one repair round, or refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from coordinator.dialogue.abilities import refusal
from coordinator.site.names import with_ids
from inference.metering import MeteredModel
from inference.notation import NotationError
from inference.plan import KindProfile, PlanAnswer, PlanStep, Route, ask_for_plan, named_devices
from inference.ports import Encoder, LanguageModel, ModelError
from inference.routing import Router
from inference.text import prepare
from inference.words import split_words
from protocol.errors import ErrorCode
from protocol.text import clean_sentence
from rag.directory import Directory, DirectoryProfile

logger = logging.getLogger(__name__)

_ROUNDS = 2
# A site with more kinds of devices than that is looked through by meaning, and so many of them are planned for.
_MANY_KINDS = 40
_RELEVANT_KINDS = 24


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a goal; or none, with the reason why not and its code.

    Attributes:
        model_calls: calls of the language model that were made.
        is_model_broken: the model could not run at all, so that the goal failed and was not refused.
        prompt_tokens: tokens read by the model in all its answers, where it tells.
        completion_tokens: tokens written by it, where it tells.
        model_seconds: how long it was waited for.
    """

    steps: tuple[PlanStep, ...] = ()
    reason: str = ""
    error_code: ErrorCode | None = None
    is_model_broken: bool = False
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_seconds: float = 0.0


class Planner:
    """Plans goals.

    Args:
        model: called in a worker thread, because it blocks.
        entities: the site's entities by kind.
        router: composes plans and finds the devices for the parts of a goal; what it leaves, and without one every goal, goes
            to the model.
        encoder: finds the abilities that come nearest to a goal which no device can do.
        directory: finds the kinds that a goal may be for, on a site of many; without one all are planned for.
        aliases: returns the kind and the id of entities by their other names.
    """

    def __init__(
        self,
        model: LanguageModel,
        entities: Mapping[str, Sequence[str]],
        router: Router | None = None,
        encoder: Encoder | None = None,
        directory: Directory | None = None,
        *,
        aliases: Callable[[], Mapping[str, tuple[str, str]]] = dict,
    ) -> None:
        self._model = model
        self._router = router
        self._encoder = encoder
        self._directory = directory
        self._entities = entities
        self._aliases = aliases

    async def plan(self, goal: str, kinds: Sequence[KindProfile]) -> Plan:
        """Plan one goal for the devices there are; those of a kind with count 0 are away."""
        model = MeteredModel(self._model)
        plan = await self._plan(model, with_ids(goal, self._aliases()), kinds)
        return replace(
            plan,
            prompt_tokens=model.usage.prompt_tokens,
            completion_tokens=model.usage.completion_tokens,
            model_seconds=model.usage.seconds,
        )

    async def _plan(self, model: LanguageModel, goal: str, kinds: Sequence[KindProfile]) -> Plan:
        if not any(kind.count for kind in kinds):
            return Plan(
                reason="No enrolled device is online, so nothing can be done.",
                error_code=ErrorCode.NO_CAPABLE_DEVICE,
            )
        kinds = await asyncio.to_thread(self._relevant, goal, kinds)
        composed, routes = await asyncio.to_thread(self._read, goal, kinds)
        if composed is not None:
            return _accepted(composed, 1)
        feedback: str | None = None
        for calls in range(1, _ROUNDS + 1):
            try:
                answer = await asyncio.to_thread(
                    ask_for_plan, model, goal, kinds, self._entities, routes=routes, feedback=feedback
                )
            except NotationError as error:
                feedback = clean_sentence(str(error))
                continue
            except ModelError as error:
                return Plan(
                    reason=f"The language model could not be used: {clean_sentence(str(error))}",
                    error_code=ErrorCode.MODEL_UNAVAILABLE,
                    is_model_broken=True,
                    model_calls=calls,
                )
            if answer.is_beyond_all:
                answer = replace(
                    answer, reason=await asyncio.to_thread(self._refusal, goal, kinds, answer.reason)
                )
            return _accepted(answer, calls)
        return Plan(
            reason=f"I could not make a plan for this goal that can be used: {feedback}. Please say it in other words.",
            error_code=ErrorCode.MODEL_OUTPUT_INVALID,
            model_calls=_ROUNDS,
        )

    def _relevant(self, goal: str, kinds: Sequence[KindProfile]) -> Sequence[KindProfile]:
        """Return the kinds that a goal may be for, by what it asks for or by name; all of them on a site with few."""
        if self._directory is None or len(kinds) <= _MANY_KINDS:
            return kinds
        profiles = [DirectoryProfile(kind.kind, kind.kind, kind.abilities, kind.about) for kind in kinds]
        try:
            self._directory.hold(profiles)
            found = {hit.device_id for hit in self._directory.relevant(goal, _RELEVANT_KINDS)}
        except ModelError as error:
            logger.warning("The directory of devices cannot be used: %s", error)
            return kinds
        named = set(named_devices(prepare(goal).lower, kinds).values())
        said = {form for word in split_words(goal) for form in (word, word.removesuffix("s"))}
        return [
            kind
            for kind in kinds
            if kind.kind in found
            or not named.isdisjoint(kind.device_names)
            or said.issuperset(split_words(kind.kind))
        ]

    def _refusal(self, goal: str, kinds: Sequence[KindProfile], reason: str) -> str:
        """Name what comes nearest to a goal, and not everything that devices can do; without an encoder the given reason."""
        if self._encoder is None:
            return reason
        try:
            return refusal(goal, kinds, self._encoder)
        except ModelError as error:
            logger.warning("What comes nearest to a goal cannot be found: %s", error)
            return reason

    def _read(self, goal: str, kinds: Sequence[KindProfile]) -> tuple[PlanAnswer | None, list[Route]]:
        """Compose a plan, or find routes; neither where the planning model is to read the goal."""
        if self._router is None:
            return None, []
        prepared = prepare(goal)
        try:
            composed = self._router.compose(prepared, kinds, self._entities)
            return composed, [] if composed else self._router.routes(prepared, kinds, self._entities)
        except ModelError as error:
            logger.warning("The parts of the goal are left to the planning model: %s", error)
            return None, []


def _accepted(answer: PlanAnswer, calls: int) -> Plan:
    generation = answer.generation
    is_refusal = answer.outcome != "plan" or not answer.steps
    code = ErrorCode.NEEDS_CLARIFICATION if answer.outcome == "ask" else ErrorCode.NOT_EXECUTABLE
    return Plan(
        steps=() if is_refusal else answer.steps,
        reason=clean_sentence(answer.reason or "The goal calls for nothing.") if is_refusal else "",
        error_code=code if is_refusal else None,
        model_calls=calls if generation else calls - 1,
    )
