"""What an agent remembers over restarts, the queue of one, and the words of its reports."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from device_agent.inbox import Inbox
from device_agent.profile import profile_of
from device_agent.report_text import WITHHELD, done, finding_text, step_title, stopped, without_names
from device_agent.store import FILE_NAME, AgentStore
from firmware_api_specs.loader import load
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from protocol.errors import InputError, OperatorError
from protocol.messages import Finding, Report, ReportStatus, Subtask
from tests.device_agent_kit import WAREHOUSE, lamp


def report(subtask_id: str | None, status: ReportStatus = ReportStatus.COMPLETED) -> Report:
    return Report(
        report_id=f"r-{subtask_id}",
        device_id="lamp-1",
        session=1,
        subtask_id=subtask_id,
        status=status,
        sentence="Done.",
        at=0,
    )


def subtask(subtask_id: str) -> Subtask:
    return Subtask(
        subtask_id=subtask_id,
        goal_id="g",
        device_id="lamp-1",
        sentence="shine",
        epoch=1,
        issued_at=0,
        timeout_seconds=1,
    )


def test_sessions_grow_and_epochs_never_shrink(tmp_path: Path) -> None:
    with AgentStore(tmp_path / "new" / "folder") as store:
        assert store.session == 1
        assert store.see_epoch(5)
        assert store.see_epoch(5)
        assert not store.see_epoch(4)
    with AgentStore(tmp_path / "new" / "folder") as store:
        assert store.session == 2
        assert store.epoch == 5
        assert not store.see_epoch(4)


def test_sessions_also_grow_when_the_directory_was_lost(tmp_path: Path) -> None:
    with AgentStore(tmp_path / "old", now=1000.7) as store:
        assert store.session == 1000
    with AgentStore(tmp_path / "old", now=1000.9) as store:
        assert store.session == 1001, "a second start within the second, or a clock that went back"
    with AgentStore(tmp_path / "new", now=1002.0) as store:
        assert store.session == 1002


def test_a_subtask_is_accepted_once_and_its_end_is_kept(tmp_path: Path) -> None:
    with AgentStore(tmp_path) as store:
        assert store.accept("a")
        assert not store.accept("a")
        assert store.accept("b")
        assert store.unfinished() == ["a", "b"]
        store.finish(report("a"))
        assert store.unfinished() == ["b"]
    with AgentStore(tmp_path) as store:
        assert not store.accept("a")
        assert store.final_report("a") == report("a")
        assert store.final_report("b") is None
        assert store.last_final_report() == report("a")
        assert store.unfinished() == ["b"]


def test_what_is_kept_of_a_run_is_replaced_whole_outlives_a_restart_and_goes_with_its_end(
    tmp_path: Path,
) -> None:
    with AgentStore(tmp_path) as store:
        for subtask_id in ("queued", "second", "first"):
            store.accept(subtask_id)
        store.keep_run("first", b"one")
        store.keep_run("second", b"\x00two")
        store.keep_run("first", b"three")
        assert store.unfinished() == ["queued"], "what has begun is gone on with"
    with AgentStore(tmp_path) as store:
        assert store.kept_runs() == [("second", b"\x00two"), ("first", b"three")]
        store.finish(report("second"))
        assert store.kept_runs() == [("first", b"three")]


def test_an_end_that_cannot_be_kept_leaves_the_run_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AgentStore(tmp_path) as store:
        store.accept("a")
        store.keep_run("a", b"one")
        with monkeypatch.context() as patch:
            patch.setattr(AgentStore, "_keep_report", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                store.finish(report("a"))
        assert store.kept_runs() == [("a", b"one")]
        store.finish(report("a"))
        assert store.kept_runs() == []


def test_a_decision_is_recorded_once_and_stays(tmp_path: Path) -> None:
    with AgentStore(tmp_path) as store:
        store.record_decision("q1", "a", "May it?", "approve", "Ann", 10.5)
        store.record_decision("q1", "a", "May it?", "deny", "Ben", 11.0)
        store.record_decision("q2", "b", "May it?", "expired", "nobody", 9.0)
        store.finish(report("a"))
    with AgentStore(tmp_path) as store:
        assert store.decisions() == [
            ("b", "May it?", "expired", "nobody", 9.0),
            ("a", "May it?", "approve", "Ann", 10.5),
        ]


def test_only_ends_are_kept(tmp_path: Path) -> None:
    with AgentStore(tmp_path) as store:
        for unfit in (report("a", ReportStatus.ONGOING), report(None)):
            with pytest.raises(ValueError, match="final"):
                store.finish(unfit)


def test_old_ends_are_forgotten_but_unfinished_ones_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device_agent.store._KEPT_SUBTASKS", 3)
    with AgentStore(tmp_path) as store:
        store.accept("unfinished")
        for number in range(6):
            store.accept(f"s{number}")
            store.finish(report(f"s{number}"))
        assert store.final_report("s0") is None
        assert store.final_report("s5") is not None
        assert store.unfinished() == ["unfinished"]


def test_a_state_directory_belongs_to_one_agent(tmp_path: Path) -> None:
    with AgentStore(tmp_path), pytest.raises(OperatorError, match="state directory of its own"):
        AgentStore(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OperatorError):
        AgentStore(tmp_path / "file")


def test_a_damaged_report_names_the_file(tmp_path: Path) -> None:
    with AgentStore(tmp_path) as store:
        store.finish(report("a"))
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("UPDATE subtasks SET final_report='{}'")
    connection.commit()
    connection.close()
    with AgentStore(tmp_path) as store, pytest.raises(OperatorError, match=FILE_NAME):
        store.final_report("a")


async def test_the_inbox_holds_one_and_hands_back_what_it_replaces() -> None:
    inbox = Inbox()
    assert inbox.put(subtask("a")) is None
    assert inbox.put(subtask("b")) == subtask("a")
    assert inbox.remove("a") is None
    assert await inbox.take() == subtask("b")
    taking = asyncio.create_task(inbox.take())
    inbox.put(subtask("c"))
    assert inbox.remove("c") == subtask("c")
    await asyncio.sleep(0)
    assert not taking.done()
    inbox.put(subtask("d"))
    assert await taking == subtask("d")


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding(what="vacant space", present=True), "Vacant space: yes."),
        (Finding(what="vacant space", present=False, value=()), "Vacant space: no."),
        (Finding(what="vacant space", present=True, value=(2, 4)), "Vacant space: yes (2, 4)."),
        (Finding(what="battery level", value=80, unit="percent"), "Battery level: 80 percent."),
        (Finding(what="door", value=True), "Door: yes."),
        (Finding(what="items", value=()), "Items: none."),
        (
            Finding(what="items", value=tuple(range(14))),
            f"Items: {', '.join(map(str, range(12)))}, and 2 more.",
        ),
    ],
)
def test_findings_read_as_sentences(finding: Finding, text: str) -> None:
    assert finding_text(finding) == text


def test_reports_say_what_was_done_in_order() -> None:
    assert done(["Move to shelf", "Check presence"], []) == "Done: Move to shelf, then check presence."
    assert stopped("Cancelled.", []) == "Cancelled."
    assert stopped("It broke.", ["Move"]) == "It broke. Done before: Move."


def test_a_title_that_is_a_name_of_the_api_is_not_said() -> None:
    document = lamp().document
    document["actions"]["setze_helligkeit"]["titles"] = {"en": "setze_helligkeit now"}
    description = load(document)
    assert step_title(description, "setze_helligkeit") == "A step"
    assert step_title(description, "pruefe_anwesenheit") == "Check presence"
    assert step_title(description, "unknown") == "A step"
    assert without_names(description, "It is setze_helligkeit's fault.") == WITHHELD
    assert without_names(description, "It is broken.") == "It is broken."


@pytest.mark.parametrize("path", WAREHOUSE, ids=lambda path: path.name)
def test_profiles_are_plain(path: Path) -> None:
    description = load(path)
    profile = profile_of("robot-1", description)
    assert profile.kind == "robot"
    assert profile.abilities
    assert not leaked_names(profile.model_dump_json(), names(description))


def test_a_profile_without_abilities_uses_titles_and_one_that_leaks_is_refused() -> None:
    assert profile_of("lamp-1", lamp(**{"parley:abilities": []})).abilities[0] == "Set brightness."
    leaking = lamp().document | {"parley:abilities": ["It can do setze_helligkeit."]}
    with pytest.raises(InputError, match=r"parley:abilities\[0\]"):
        profile_of("lamp-1", ThingDescription.model_validate(leaking))
