"""Goals on a site of a thousand unlike devices, planned with the encoder and the model that ship with Parley."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from benchmarks.directory import DEEDS, MACHINES, PLACES, SITES, THINGS
from coordinator.planner import Planner
from inference.plan import KindProfile
from inference.routing import Router
from inference.settings import InferenceSettings, open_encoder, open_model
from rag.directory import Directory

pytestmark = pytest.mark.model

NEEDLES = {
    "aquarium feeder": ("Feed the fish with flakes.", "please feed the fish"),
    "chapel organ": ("Play a hymn.", "could you play a hymn"),
    "ski lift": ("Carry skiers up the slope.", "carry the skiers up the slope"),
    "planetarium dome": ("Show the night sky of a date.", "show the night sky of tomorrow"),
    "bee hive monitor": ("Count the bees that leave the hive.", "count the bees leaving the hive"),
}


def thousand() -> list[KindProfile]:
    chance = random.Random(3)
    kinds: dict[str, KindProfile] = {}
    while len(kinds) < 1000 - len(NEEDLES):
        kind = f"{chance.choice(PLACES)} {chance.choice(SITES)} {chance.choice(MACHINES).replace('-', ' ')}"
        ability = f"{chance.choice(DEEDS).capitalize()} the {chance.choice(THINGS)}."
        kinds.setdefault(kind, KindProfile(kind, 1, (ability,), (kind.replace(" ", "-"),)))
    for kind, (ability, _) in NEEDLES.items():
        kinds[kind] = KindProfile(kind, 1, (ability,), (kind.replace(" ", "-"),))
    ordered = list(kinds.values())
    chance.shuffle(ordered)
    return ordered


@pytest.fixture(scope="module")
async def planner() -> AsyncIterator[Planner]:
    settings = InferenceSettings.from_environment()
    encoder = open_encoder(settings)
    directory = Directory(None, encoder)
    yield Planner(open_model(settings), {}, Router(encoder), encoder, directory)
    directory.close()


@pytest.mark.parametrize("kind", NEEDLES)
async def test_a_goal_finds_the_one_device_among_a_thousand(planner: Planner, kind: str) -> None:
    plan = await planner.plan(NEEDLES[kind][1], thousand())
    assert [step.kind or step.device for step in plan.steps] == [kind], plan.reason
