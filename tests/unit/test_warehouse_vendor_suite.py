from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from demos.warehouse.vendor_phrases import DEV_PHRASES, TEST_PHRASES
from demos.warehouse.vendor_suite import PARTS, meaning, run, sentences
from demos.warehouse.vendors import Operation, Role
from inference.encoder import HashEncoder
from inference.scripted_model import ScriptedModel
from rag.api_index import ApiIndex


@pytest.fixture
def index() -> Iterator[ApiIndex]:
    with closing(ApiIndex(None, HashEncoder())) as opened:
        yield opened


@pytest.mark.parametrize("operation", Operation)
def test_each_function_has_twenty_phrasings(operation: Operation) -> None:
    phrases = (*DEV_PHRASES.get(operation, ()), *TEST_PHRASES[operation])
    assert len(set(phrases)) == len(phrases) == 20


def test_no_sentence_is_in_both_parts() -> None:
    dev, test = ({said.lower().rstrip(".!?") for _, said, _ in sentences(part)} for part in PARTS.values())
    assert not dev & test


@pytest.mark.parametrize("part", PARTS)
def test_every_blank_of_a_sentence_is_filled(part: str) -> None:
    assert not any({"{", "}"} & set(said) for _, said, _ in sentences(PARTS[part]))


def test_refusals_count_by_vendor_language_and_part(index: ApiIndex) -> None:
    model = ScriptedModel(lambda _: "refuse")
    result = run(model, index, ["brockmann"], reader=None, parts=["test"])
    refusals = result.tags["refusal"]
    assert (refusals.right, refusals.functions, refusals.total) == (8, 8, 8)
    # A function behind a confirmation is not right where the device refuses because it understood nothing.
    assert result.tags[Operation.ACCESS_POINT.value].right == 0
    everything = result.tags["total"]
    assert (
        everything
        == result.tags["notes in de"]
        == result.tags["vendor brockmann"]
        == result.tags["part test"]
    )
    assert everything.right == 8


def test_a_property_is_none_of_the_functions() -> None:
    source = "betriebs_zustand()\nbewege_zu_regal(regal_nummer=3)\n"
    assert meaning("brockmann", source) == [(None, {}), (Operation.TO_SHELF, {Role.SHELF: 3})]
