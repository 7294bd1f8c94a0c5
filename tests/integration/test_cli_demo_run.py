"""The demo's whole path with a scripted model: real broker, real HTTP, real encoder-free retrieval."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from demos.warehouse.firmware import thing_description
from demos.warehouse.run import DemoOptions, run_demo
from demos.warehouse.vendors import VENDORS, Operation
from device_agent.signatures import signatures
from firmware_api_specs.loader import load
from inference.encoder import HashEncoder
from inference.ports import ModelError, Prompt
from inference.scripted_model import ScriptedModel
from inference.text import canonical_words
from parley.agent_process import Minds
from protocol.errors import InputError, OperatorError
from rag.api_index import ApiIndex

pytestmark = pytest.mark.broker
PLAN = "each shelf / robot / move to shelf {shelf} and check if there are vacant spaces on it"
WANTED = [
    {
        canonical_words(function.readable_name)
        for name, vendor in VENDORS.items()
        for function in signatures(load(thing_description(name)))
        if function.name in vendor.functions and vendor.functions[function.name].operation is operation
    }
    for operation in (Operation.TO_SHELF, Operation.VACANCY)
]


def answer(prompt: Prompt) -> str:
    """Answer as a model that knows every brand would."""
    if "\nGoal: " in prompt.user:
        return PLAN if "vacant" in prompt.user.rpartition("\n")[2] else "refuse"
    sentence = prompt.user.rpartition("Sentence: ")[2]
    shelf = re.findall(r"shelf (\d+)", sentence)[0]
    listed = re.findall(r"^([A-Z]): .* ; (.+?) \(", prompt.user, re.MULTILINE)
    letters = [letter for names in WANTED for letter, name in listed if name in names]
    return ";".join(f"{letter}( {shelf})" for letter in letters)


def run(tmp_path: Path, broker: str, model: ScriptedModel, **changes: Any) -> tuple[int, dict[str, Any], str]:
    index = ApiIndex(tmp_path / "index", HashEncoder())
    out = io.StringIO()
    options = DemoOptions(
        **{"robots": 3, "shelves": 4, "broker_url": broker, "json_line": True, "time_scale": 500.0} | changes
    )
    code = run_demo(options, minds=Minds(model, index), console=Console(file=out, width=200))
    index.close()
    text = out.getvalue()
    return code, json.loads(text.splitlines()[-1]), text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_answer_is_what_the_world_says(tmp_path: Path, broker: str, seed: int) -> None:
    code, summary, text = run(tmp_path, broker, ScriptedModel(answer), seed=seed, robots=10, shelves=12)
    assert summary["world_agrees"] is True, text
    assert summary["outcome"] == "completed"
    assert code == 0
    assert summary["subtasks"] == 12
    assert summary["model_calls"] >= 1 + 10


def test_people_see_the_sentence_and_the_program_of_every_robot(tmp_path: Path, broker: str) -> None:
    _, _, text = run(tmp_path, broker, ScriptedModel(answer))
    for number in (1, 2, 3):
        assert re.search(rf"^robot-{number} .*◀ .*shelf \d", text, re.MULTILINE)
        assert re.search(rf"^robot-{number} .*✎ .*\(", text, re.MULTILINE)
        assert re.search(rf"^robot-{number} .*▶ ", text, re.MULTILINE)
    assert "move_to_shelf(shelf_num=" in text


def test_a_shelf_that_nobody_named_is_never_visited(tmp_path: Path, broker: str) -> None:
    def mistaken(prompt: Prompt) -> str:
        return re.sub(r"\( (\d+)\)", lambda match: f"( {int(match[1]) % 4 + 1})", answer(prompt))

    code, summary, text = run(tmp_path, broker, ScriptedModel(mistaken))
    assert code == 1
    assert summary["outcome"] == "failed", text
    assert summary["world_agrees"] is None


def test_a_killed_robot_leaves_an_honest_partial_answer(tmp_path: Path, broker: str) -> None:
    code, summary, text = run(tmp_path, broker, ScriptedModel(answer), kill="robot-2")
    assert code == 1
    assert summary["outcome"] == "partial", text
    assert summary["world_agrees"] is True
    assert "robot-2" in summary["answer"]
    assert "unknown" in summary["answer"]


def test_a_refused_goal_is_no_success(tmp_path: Path, broker: str) -> None:
    code, summary, _ = run(tmp_path, broker, ScriptedModel(answer), goal="Write a poem about the sea.")
    assert code == 1
    assert summary["outcome"] == "refused"
    assert summary["world_agrees"] is None


def test_a_model_that_breaks_in_mid_goal_is_reported(tmp_path: Path, broker: str) -> None:
    def breaking(prompt: Prompt) -> str | Exception:
        return PLAN if "\nGoal: " in prompt.user else ModelError("The model is gone.", "Bring it back.")

    code, summary, text = run(tmp_path, broker, ScriptedModel(breaking))
    assert code == 1
    assert summary["outcome"] == "failed", text
    assert "model" in summary["answer"]


def test_a_goal_that_is_no_goal_is_refused_by_name(tmp_path: Path, broker: str) -> None:
    with pytest.raises(OperatorError, match="goal"):
        run(tmp_path, broker, ScriptedModel(answer), goal="x" * 2000)


def test_a_robot_that_is_not_there_cannot_be_killed(tmp_path: Path, broker: str) -> None:
    with pytest.raises(InputError, match="robot-9"):
        run(tmp_path, broker, ScriptedModel(answer), kill="robot-9")
