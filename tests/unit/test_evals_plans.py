from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from evals.plans.__main__ import figures, growth, plan_goals
from evals.plans.coordinated import Sent, is_as_expected, sent_counts, through_coordinator
from evals.plans.grading import grade_plan
from evals.plans.sites import Goal, GradedSite, load_sites
from evals.scores import Count
from inference.plan import PlanStep
from inference.ports import ModelError
from inference.scripted_model import ScriptedModel
from protocol.errors import InputError

SITES = load_sites()
WINERY = next(site for site in SITES if site.name == "winery")
HOSPITAL = next(site for site in SITES if site.name == "hospital")


def goal(site: GradedSite, text: str) -> Goal:
    return next(one for one in site.goals if one.text.startswith(text))


def each(entity: str, kind: str, sentence: str, *ids: str) -> PlanStep:
    return PlanStep("each", sentence, entity=entity, entity_ids=ids, kind=kind)


def test_there_are_enough_goals_of_every_kind() -> None:
    tags = Counter(one.tag for site in SITES for one in site.goals)
    assert len(SITES) >= 6
    assert sum(tags.values()) >= 100
    assert min(tags[tag] for tag in ("each", "every", "named", "one entity", "several steps", "refuse")) >= 7


def test_both_halves_have_goals_of_every_kind() -> None:
    halves = Counter((one.part, one.tag) for site in SITES for one in site.goals)
    assert {tag for part, tag in halves if part == "dev"} == {tag for part, tag in halves if part == "test"}
    assert (
        min(sum(one.part == part for site in SITES for one in site.goals) for part in ("dev", "test")) >= 50
    )
    assert Goal("Feed the fish in all ponds.", ()).part == "dev"


@pytest.mark.parametrize(
    ("text", "step", "is_right"),
    [
        ("Take a sample from every", each("barrel", "cellar robot", "Take a sample from barrel {barrel}."), True),
        ("Take a sample from every", each("barrel", "cellar pump", "Take a sample from barrel {barrel}."), False),
        ("Take a sample from every", each("barrel", "cellar robot", "Move to barrel {barrel}."), False),
        ("Take a sample from every", each("barrel", "cellar robot", "Sample {barrel}.", "1", "2"), False),
        ("Rinse vats", each("vat", "cellar pump", "Rinse vat {vat}.", "6", "2"), True),
        ("Spray block S2", each("block", "sprayer", "Spray block {block} against mildew.", "S2"), True),
        ("Spray block S2", PlanStep("one", "Spray block S2 against mildew.", kind="sprayer"), True),
        ("Spray block S2", PlanStep("one", "Spray against mildew.", kind="sprayer"), False),
        ("Spray block S2", each("block", "sprayer", "Spray block {block} against mildew.", "S1"), False),
        ("How full are", PlanStep("every", "How full is your spray tank.", kind="sprayer"), True),
        ("How full are", PlanStep("one", "How full is your spray tank.", kind="sprayer"), False),
        ("Tell sprayer-1", PlanStep("named", "Come home.", device="sprayer-2"), False),
        ("Prune the vines", PlanStep("one", "Prune the vines.", kind="sprayer"), False),
    ],
)  # fmt: skip
def test_a_step_is_right_by_whom_it_is_for_and_what_it_speaks_of(
    text: str, step: PlanStep, is_right: bool
) -> None:
    assert grade_plan(goal(WINERY, text), [step], WINERY).exact is is_right


def test_all_ids_mean_the_same_as_none() -> None:
    ids = WINERY.site.entities["block"]
    step = each("block", "soil rover", "Measure how moist block {block} is.", *ids)
    assert grade_plan(goal(WINERY, "Measure the soil"), [step], WINERY).exact


def test_the_only_device_of_a_kind_can_be_chosen_in_any_way() -> None:
    wanted = goal(HOSPITAL, "Prepare two doses")
    bring = each("ward", "courier robot", "Bring them to ward {ward}.", "2B")
    said = "Prepare two doses of morphine."
    for step in (
        PlanStep("one", said, kind="pharmacy robot"),
        PlanStep("every", said, kind="pharmacy robot"),
        PlanStep("named", said, device="pharmacy-robot-1"),
    ):
        assert grade_plan(wanted, [step, bring], HOSPITAL).exact


def test_steps_must_not_take_over_each_others_work_or_change_places() -> None:
    wanted = goal(HOSPITAL, "Prepare two doses")
    prepare = PlanStep("one", "Prepare two doses of morphine.", kind="pharmacy robot")
    bring = each("ward", "courier robot", "Bring them to ward {ward}.", "2B")
    both = PlanStep("one", "Prepare two doses of morphine and bring them to ward 2B.", kind="pharmacy robot")
    assert grade_plan(wanted, [both, bring], HOSPITAL).right_steps == 0
    turned = grade_plan(wanted, [bring, prepare], HOSPITAL)
    assert (turned.exact, turned.devices, turned.right_steps) == (False, False, 1)


async def test_the_planner_is_graded_and_its_length_compared() -> None:
    answers: dict[str, str | Exception] = {
        "rinse vats": "each vat 2 6 / cellar pump / rinse vat {vat}",
        "prune": "refuse",
        "top up": ModelError("The model is gone.", "Bring it back."),
    }
    model = ScriptedModel(
        lambda prompt: next(
            answer for key, answer in answers.items() if key in prompt.user.rpartition("Goal:")[2]
        )
    )
    work = [(WINERY, goal(WINERY, text)) for text in ("Rinse", "Prune", "Top up")]
    planned = await plan_goals(model, work, times=3)
    counts = figures(planned)
    assert (counts["exact"].right, counts["exact"].total) == (2, 3)
    assert (counts["devices"].right, counts["devices"].total) == (1, 2)
    assert (counts["refusal_precision"].right, counts["refusal_precision"].total) == (1, 1)
    lengths = growth(planned, 3)
    assert lengths["tokens"] == lengths["tokens_large_fleet"] > 0
    assert lengths["same_plan"] == lengths["goals"] == 2


async def test_goals_go_through_a_real_coordinator() -> None:
    answers = {
        "rinse vats": "each vat 2 6 / cellar pump / rinse vat {vat}",
        "how full are": "one sprayer / how full is your spray tank",
        "prune": "refuse",
        "tell sprayer-1": "named sprayer-1 / come home",
    }
    model = ScriptedModel(
        lambda prompt: next(
            answer for key, answer in answers.items() if key in prompt.user.rpartition("Goal:")[2]
        )
    )
    work = [(WINERY, goal(WINERY, text)) for text in ("Rinse", "How full", "Prune", "Tell sprayer-1")]
    results = await through_coordinator(model, work, None)
    assert [(one.text.split()[0], right) for one, right in results] == [
        ("Rinse", True),
        ("How", False),
        ("Prune", True),
        ("Tell", True),
    ]
    assert sent_counts(results)["total"] == Count(3, 4)


def test_subtasks_must_come_in_the_order_that_was_said() -> None:
    said = goal(HOSPITAL, "Prepare two doses")
    prepared = Sent("pharmacy-robot-1", "pharmacy robot", "Prepare two doses of morphine.")
    brought = Sent("courier-robot-2", "courier robot", "Bring them to ward 2B.")
    assert is_as_expected(said, [prepared, brought], HOSPITAL)
    assert not is_as_expected(said, [prepared], HOSPITAL)
    assert not is_as_expected(said, [prepared, brought, brought], HOSPITAL)
    then = Goal(said.text.replace(" and ", " and then "), said.steps)
    assert is_as_expected(then, [prepared, brought], HOSPITAL)
    assert not is_as_expected(then, [brought, prepared], HOSPITAL)


def test_a_larger_fleet_has_more_devices_of_the_same_kinds() -> None:
    small, large = WINERY.fleet(), WINERY.fleet(3)
    assert [one.kind for one in small] == [one.kind for one in large]
    assert all(
        set(one.device_names) < set(other.device_names) for one, other in zip(small, large, strict=True)
    )
    assert sum(one.count for one in large) == 3 * sum(one.count for one in small)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("each shelf / mower / mow", "shelf"),
        ("each lawn 9 / mower / mow", "9"),
        ("every tractor / mow", "tractor"),
        ("named mower-8 / mow", "mower-8"),
        ("some mower / mow", "some"),
    ],
)
def test_a_step_that_speaks_of_what_the_site_lacks_is_named(step: str, said: str, tmp_path: Path) -> None:
    site = {
        "entities": {"lawn": ["1"]},
        "devices": [{"kind": "mower", "count": 1, "abilities": ["It mows."]}],
        "goals": [{"goal": "Mow.", "steps": [step]}],
    }
    (tmp_path / "park.json").write_text(json.dumps(site))
    with pytest.raises(InputError, match=said) as caught:
        load_sites(tmp_path)
    assert "park.json" in str(caught.value)
