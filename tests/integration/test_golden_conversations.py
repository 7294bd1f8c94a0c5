"""Conversations with the encoder that `make setup` installs, to the letter; `python -m tests.golden_kit --write` renews them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden_kit import FOLDER, Minds, differences, load, replay

pytestmark = pytest.mark.model
PATHS = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_a_conversation_is_as_it_was_written_down(path: Path, minds: Minds) -> None:
    conversation, said = await replay(path, minds)
    assert said
    assert differences(conversation, said) == []


def test_there_are_enough_of_them_and_no_two_are_about_the_same() -> None:
    assert len(PATHS) >= 25
    assert len({load(path).about for path in PATHS}) == len(PATHS)


@pytest.mark.parametrize(
    "content",
    [
        "about: x\nturns: []",
        "about: x\nturns:\n- {person: Hello., colour: red}",
        "about: x\nneeds: luck\nturns:\n- person: Hello.",
        "about: x\nturns:\n- {person: Hello., wait: 3}",
        "about: x\ndevices: {robot-1: {does: [{status: dancing}]}}\nturns:\n- person: Hello.",
        "about: [",
    ],
)
def test_a_conversation_with_a_part_that_is_not_known_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"odd\.yaml"):
        load(path)


async def test_another_answer_than_the_written_one_is_a_difference(minds: Minds) -> None:
    conversation, said = await replay(FOLDER / "reference_it.yaml", minds)
    changed = {**said, 0: "Nothing."}
    assert len(differences(conversation, changed)) == 1
