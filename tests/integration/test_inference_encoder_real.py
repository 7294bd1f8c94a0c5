"""The encoder that `make setup` installs; without it these tests fail and name the command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from inference.ports import Encoder
from inference.settings import InferenceSettings, open_encoder
from rag.api_index import ApiIndex, Chunk


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(InferenceSettings.from_environment())


@pytest.mark.model
@pytest.mark.parametrize(
    ("sentence", "paraphrase", "unrelated"),
    [
        ("How full is the battery?", "Report the remaining charge.", "Turn left by ninety degrees."),
        ("Shut the door.", "Please close the gate.", "Measure the temperature."),
        ("Drive to the rack.", "Move to the shelf.", "Which version of the firmware is installed?"),
    ],
)
def test_paraphrases_are_nearer_than_other_sentences(
    encoder: Encoder, sentence: str, paraphrase: str, unrelated: str
) -> None:
    first, near, far = encoder.embed([sentence, paraphrase, unrelated])
    assert float(first @ near) > float(first @ far) + 0.1


@pytest.mark.model
def test_synonyms_find_the_function_that_shares_no_word(encoder: Encoder) -> None:
    index = ApiIndex(None, encoder)
    index.build(
        "robot-1",
        "v1",
        [
            Chunk("moveToShelf", "moveToShelf: move to the shelf with this number"),
            Chunk("getBatteryLevel", "getBatteryLevel: read the battery level"),
            Chunk("setWifiChannel", "setWifiChannel: choose the radio channel"),
            Chunk("checkVacancy", "checkVacancy: check whether the shelf has vacant space"),
        ],
    )
    wanted = {
        "how much charge remains": "getBatteryLevel",
        "drive over to rack 3": "moveToShelf",
        "is any room left there": "checkVacancy",
    }
    for sentence, key in wanted.items():
        assert index.retrieve("robot-1", sentence, 4)[0].key == key
    both = index.retrieve_clauses(
        "robot-1", "drive over to rack 3, then see if any room is left there", 2
    ).candidates
    assert {candidate.key for candidate in both} == {"moveToShelf", "checkVacancy"}
    index.close()


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="it asks Linux for the size of this process")
def test_a_long_text_leaves_no_row_of_the_vocabulary_behind_for_each_of_its_tokens(encoder: Encoder) -> None:
    """512 rows of 30,522 logits are 62 megabytes; what the layers compute with takes 20 at most."""
    encoder.embed(["short"])
    before = resident_megabytes()
    encoder.embed(["shelf " * 600])
    assert resident_megabytes() - before < 40


def resident_megabytes() -> float:
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1000
