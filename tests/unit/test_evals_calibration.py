from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.calibration import SCORES, area_under_risk, calibration_error, main, risk_coverage, scored, summary
from evals.confidence import Sure, read_results, write_results
from evals.items import Action, Device
from evals.outcome import Outcome
from evals.single import SingleDevice
from evals.things import thing_of
from inference.ports import ModelError
from inference.scripted_model import ScriptedModel
from protocol.errors import InputError
from tests.device_agent_kit import WordIndex

RESULTS = [
    Sure("1", is_acted=True, is_right=True, confidence=0.9, retrieval=0.8, program=0.7),
    Sure("2", is_acted=True, is_right=False, confidence=0.3, retrieval=0.6),
    Sure("3", is_acted=True, is_right=True, confidence=0.6, retrieval=None),
    Sure("4", is_acted=False, is_right=True, confidence=0.7, retrieval=None),
]
answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_only_what_was_acted_on_and_scored_counts() -> None:
    assert scored(RESULTS, SCORES["model"]) == [(0.9, True), (0.3, False), (0.6, True)]
    assert scored(RESULTS, SCORES["program"]) == [(0.7, True)]
    products = scored(RESULTS, SCORES["product"])
    assert [score for score, _ in products] == pytest.approx([0.72, 0.18])
    assert [is_right for _, is_right in products] == [True, False]


async def test_a_program_is_as_sure_as_the_agent_and_a_refusal_says_nothing() -> None:
    thing = thing_of(Device(id="kiln", actions=(Action(name="cool_down", description="Cool it down."),)))

    async def answered(answer: str | Exception) -> Outcome:
        single = SingleDevice(ScriptedModel([answer]), WordIndex(), least_confidence=0.0)
        return await single.answer("Cool it down.", thing)

    done = await answered("A()")
    assert [one.action for one in done.calls] == ["cool_down"]
    assert done.confidence is not None
    assert 0 < done.confidence <= 1
    refused = await answered("refuse")
    assert (refused.calls, refused.is_broken, refused.confidence) == ((), False, None)
    broken = await answered(ModelError("The model is gone.", "Bring it back."))
    assert (broken.is_broken, broken.confidence) == (True, None)


def test_the_curve_says_what_each_threshold_keeps() -> None:
    points = risk_coverage([(0.9, True), (0.5, True), (0.5, False), (0.1, False)])
    assert [(point.threshold, point.coverage, point.risk) for point in points] == [
        (0.9, 0.25, 0.0),
        (0.5, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.5),
    ]


def test_a_score_that_sorts_well_has_a_smaller_area() -> None:
    good = [(0.9, True), (0.8, True), (0.2, False), (0.1, False)]
    bad = [(score, not is_right) for score, is_right in good]
    assert area_under_risk(risk_coverage(good)) < area_under_risk(risk_coverage(bad))
    constant = [(0.5, is_right) for _, is_right in good]
    assert area_under_risk(risk_coverage(constant)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("given_answers", "error"),
    [
        ([(1.0, True), (0.0, False)], 0.0),
        ([(0.75, True), (0.75, True), (0.75, True), (0.75, False)], 0.0),
        ([(1.0, False)], 1.0),
        ([(0.2, True), (0.8, True)], 0.5),
    ],
)
def test_calibration_error_is_the_distance_from_the_share_of_right_ones(
    given_answers: list[tuple[float, bool]], error: float
) -> None:
    assert calibration_error(given_answers) == pytest.approx(error)


@given(answers)
def test_curve_and_error_stay_in_their_bounds(given_answers: list[tuple[float, bool]]) -> None:
    points = risk_coverage(given_answers)
    assert points[-1].coverage == 1.0
    assert points[-1].kept.total == len(given_answers)
    assert points[-1].kept.right == sum(is_right for _, is_right in given_answers)
    coverages = [point.coverage for point in points]
    assert coverages == sorted(set(coverages))
    assert 0 <= area_under_risk(points) <= 1 + 1e-9
    assert 0 <= calibration_error(given_answers) <= 1 + 1e-9


def test_results_are_read_back_drawn_and_summed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, picture = tmp_path / "results.jsonl", tmp_path / "curve.svg"
    write_results(RESULTS, results)
    assert read_results(results) == RESULTS
    main(["--results", str(results), "--svg", str(picture)])
    root = ET.fromstring(picture.read_text())
    words = [element.text for element in root.iter() if element.text]
    assert {"model", "retrieval", "product", "program"} <= set(words)
    printed = capsys.readouterr().out
    assert "4 sentences, 3 acted on, 2 of these rightly." in printed
    assert printed.splitlines()[-1].startswith('{"calibration":')
    # At full coverage everything that was acted on stays.
    last = summary(RESULTS)["scores"]["model"]["at_coverage"][0]
    assert (last["kept"], last["risk"]) == (3, pytest.approx(0.3333))


def test_results_of_before_the_agent_told_its_confidence_are_read(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text('{"id": "3", "is_acted": true, "is_right": true, "confidence": 0.6, "retrieval": null}\n')
    assert read_results(file) == [RESULTS[2]]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "1"}',
        "no JSON",
        '{"id": "1", "is_acted": true, "is_right": true, "confidence": 2, "retrieval": null}',
        '{"id": "1", "is_acted": true, "is_right": true, "confidence": 1, "retrieval": null, "program": 2}',
    ],
)
def test_a_line_that_is_no_result_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    write_results(RESULTS[:1], file)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(InputError, match="line 2"):
        read_results(file)
