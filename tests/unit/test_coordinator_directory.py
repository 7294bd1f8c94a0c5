"""A site with more kinds of devices than can be read: the planner sees those that a goal may be for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from coordinator.planner import Planner
from inference.encoder import HashEncoder
from inference.plan import KindProfile, Route
from inference.routing import Router
from inference.scripted_model import ScriptedModel
from inference.text import Sentence
from rag.directory import Directory

MANY = tuple(
    KindProfile(f"machine {number}", 1, (f"It does work{number}.",), (f"m-{number}",))
    for number in range(100)
)
PUMP = KindProfile("pump", 1, ("It can empty the tank.",), ("pump-1",))
TESTED = "empty the tank"


class WatchingRouter(Router):
    """Routes nothing, and keeps the kinds it is shown."""

    def __init__(self) -> None:
        super().__init__(HashEncoder())
        self.shown: list[list[str]] = []

    def routes(
        self, goal: Sentence, kinds: Sequence[KindProfile], entities: Mapping[str, Sequence[str]]
    ) -> list[Route]:
        del goal, entities
        self.shown.append([kind.kind for kind in kinds])
        return [Route("do it", kinds[0].kind)]


@pytest.fixture
def directory() -> Iterator[Directory]:
    opened = Directory(None, HashEncoder())
    yield opened
    opened.close()


async def shown(goal: str, kinds: Sequence[KindProfile], directory: Directory) -> list[str]:
    router = WatchingRouter()
    await Planner(ScriptedModel([]), {}, router, None, directory).plan(goal, kinds)
    return router.shown[0]


async def test_only_relevant_kinds_are_shown_where_there_are_many(directory: Directory) -> None:
    seen = await shown(TESTED, [*MANY[:50], PUMP, *MANY[50:]], directory)
    assert "pump" in seen
    assert len(seen) == 24


@pytest.mark.parametrize("goal", ["m-77 come home", "machine 77 come home"])
async def test_what_is_named_is_shown_whatever_it_can_do(directory: Directory, goal: str) -> None:
    assert "machine 77" in await shown(goal, [*MANY, PUMP], directory)


async def test_a_small_site_opens_no_directory(tmp_path: Path) -> None:
    folder = tmp_path / "directory"
    directory = Directory(folder, HashEncoder())
    kinds = [*MANY[:39], PUMP]
    assert await shown(TESTED, kinds, directory) == [kind.kind for kind in kinds]
    assert not folder.exists()
    directory.close()


async def test_a_directory_that_cannot_be_used_hides_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("no folder")
    assert len(await shown(TESTED, [*MANY, PUMP], Directory(folder, HashEncoder()))) == 101


async def test_a_kind_that_left_is_not_found_any_more(directory: Directory) -> None:
    await shown(TESTED, [*MANY, PUMP], directory)
    assert "pump" not in await shown(TESTED, MANY, directory)
    assert len(directory) == 100
