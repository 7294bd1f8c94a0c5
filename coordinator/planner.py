"""Turns a goal into quantified steps with the language model: one call, one repair round, then a refusal with its reason."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference.metering import MeteredModel
from inference.notation import NotationError
from inference.plan import KindProfile, PlanAnswer, PlanStep, Route, ask_for_plan
from inference.ports import LanguageModel, ModelError
from inference.routing import Router
from inference.text import prepare
from protocol.errors import ErrorCode
from protocol.text import clean_sentence

logger = logging.getLogger(__name__)

_ROUNDS = 2


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
    """Asks a language model for plans.

    Args:
        model: called in a worker thread, because it blocks.
        entities: the site's entities by kind.
        router: finds the devices for the parts of a goal, where there are many kinds; without one the model does.
    """

    def __init__(
        self, model: LanguageModel, entities: Mapping[str, Sequence[str]], router: Router | None = None
    ) -> None:
        self._model = model
        self._router = router
        self._entities = entities

    async def plan(self, goal: str, kinds: Sequence[KindProfile]) -> Plan:
        """Plan one goal for the devices there are; those of a kind with count 0 are away."""
        model = MeteredModel(self._model)
        plan = await self._plan(model, goal, kinds)
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
        routes = await asyncio.to_thread(self._routes, goal, kinds)
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
            return _accepted(answer, calls)
        return Plan(
            reason=f"I could not make a plan for this goal that can be used: {feedback}. Please say it in other words.",
            error_code=ErrorCode.MODEL_OUTPUT_INVALID,
            model_calls=_ROUNDS,
        )

    def _routes(self, goal: str, kinds: Sequence[KindProfile]) -> list[Route]:
        if self._router is None:
            return []
        try:
            return self._router.routes(prepare(goal), kinds, self._entities)
        except ModelError as error:
            logger.warning("The parts of the goal are left to the planning model: %s", error)
            return []


def _accepted(answer: PlanAnswer, calls: int) -> Plan:
    generation = answer.generation
    is_refusal = answer.outcome == "refuse" or not answer.steps
    return Plan(
        steps=() if is_refusal else answer.steps,
        reason=clean_sentence(answer.reason or "The goal calls for nothing.") if is_refusal else "",
        error_code=ErrorCode.NOT_EXECUTABLE if is_refusal else None,
        model_calls=calls if generation else calls - 1,
    )
