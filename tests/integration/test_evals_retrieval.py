"""Search and confidence through the real index; the encoder knows words only, and the model is scripted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from evals.confidence import answer_items
from evals.items import Action, Device
from evals.retrieval import fitting, measure, print_recalls
from inference.encoder import HashEncoder
from inference.ports import ModelError
from inference.scripted_model import ScriptedModel
from rag.api_index import ApiIndex
from tests.evals_kit import KILN, item, wanted

ITEMS = [
    item("Set the heat to 60 percent.", [wanted("set_heat", heat=60)]),
    item("Let it cool down.", [wanted("cool_down")], id="2"),
    item("Produce something beautiful.", [wanted("fire", program="raku")], id="3"),
    item("Sing.", id="4"),
]


@pytest.fixture
def index() -> Iterator[ApiIndex]:
    with closing(ApiIndex(None, HashEncoder())) as opened:
        yield opened


def test_every_way_of_searching_finds_what_shares_words(capsys: pytest.CaptureFixture[str]) -> None:
    items = fitting(ITEMS)
    assert [one.id for one in items] == ["1", "2", "3"]
    recalls = measure(items[:2], HashEncoder(), HashEncoder(128))
    assert {recall.first.share for recall in recalls.values()} == {1.0}
    assert len(recalls) == 5
    assert len(measure(items, HashEncoder(), None)) == 3
    print_recalls(recalls)
    written = json.loads(capsys.readouterr().out.splitlines()[-1])["retrieval"]
    assert written["BM25"]["recall_5"] == written["BM25"]["items"] == 2


def test_a_function_that_the_device_lacks_is_never_found() -> None:
    # Nested lists cannot be described, so the function is left out of the device.
    nested = {
        "type": "object",
        "properties": {"grid": {"type": "array", "items": {"type": "array"}}},
        "required": ["grid"],
    }
    odd = Device(
        id="kiln", actions=(*KILN.actions, Action(name="set_grid", description="Set the grid.", input=nested))
    )
    one = item("Set the grid.", [wanted("set_grid")], devices=[odd])
    recalls = measure([one], HashEncoder(), None)
    assert {recall.few.right for recall in recalls.values()} == {0}


async def test_confidence_is_written_beside_right_and_wrong(index: ApiIndex) -> None:
    model = ScriptedModel(
        ["B( 60 percent)", "refuse", ModelError("The model is gone.", "Bring it back."), "refuse"],
        confidence=0.99,
    )
    right, refused, found = await answer_items(ITEMS, model, index)
    assert (right.id, right.is_acted, right.is_right, right.confidence) == ("1", True, True, 0.99)
    assert right.retrieval is not None
    assert 0 < right.retrieval <= 1
    assert (refused.is_acted, refused.is_right, refused.retrieval) == (False, False, None)
    # The third item broke down and is left out.
    assert (found.id, found.is_right) == ("4", True)
