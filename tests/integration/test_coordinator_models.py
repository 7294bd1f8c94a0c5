"""The coordinator that people start has what plans goals best: it opens what the environment names, once."""

from __future__ import annotations

import pytest

from coordinator.main import _load_models
from inference.plan_composition import PlanComposer

pytestmark = pytest.mark.model


def test_plans_are_composed_with_the_encoder_that_standing_goals_and_conversation_use() -> None:
    _, router, encoder = _load_models()
    assert isinstance(router, PlanComposer)
    assert router._encoder is encoder
