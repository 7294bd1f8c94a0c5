"""The ledger on SQLite and on a real PostgreSQL: what is durable stays, what was numbered is seen, nothing is half there."""

from __future__ import annotations

import asyncio

import pytest

from coordinator.ledger.database import LedgerAddress
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import open_ledger
from coordinator.ledger.schema import events
from protocol.errors import ErrorCode, OperatorError
from transport.clock import FakeClock, SystemClock


async def test_an_event_is_seen_at_once_and_the_same_after_a_restart(ledger_address: LedgerAddress) -> None:
    seen: list[Event] = []
    data = {"goal": 'Tür 2 "öffnen" \x00 \ud800', "tuple": (1, 2.5), "none": None, "deep": {"Ω": [True]}}
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        ledger.observe(seen.append)
        changed, other = ledger.next_change("goal-1"), ledger.next_change("goal-2")
        first = ledger.append(EventKind.GOAL_ACCEPTED, data, goal_id="goal-1")
        second = ledger.append(EventKind.PROBLEM, {"sentence": "So."})
        assert changed.is_set()
        assert not other.is_set()
        assert seen == [first, second]
        assert [event.seq for event in seen] == [1, 2]
        assert ledger.of_goal("goal-1") == [first]
        assert ledger.of_kind(EventKind.PROBLEM) == [second]
        assert ledger.unfinished_goals() == ["goal-1"]
        epoch = ledger.epoch
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        assert ledger.epoch > epoch
        assert ledger.of_goal("goal-1") == [first]
        assert ledger.of_kind(EventKind.PROBLEM) == [second]
        assert first.data["tuple"] == [1, 2.5], "as it is read back, also before that"
        assert ledger.append(EventKind.PROBLEM, {}).seq == 3


async def test_reading_joins_what_is_on_disk_with_what_is_not_yet(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, FakeClock(), is_inline=True) as ledger:
        for number in range(4):
            ledger.append(EventKind.STANDING_FIRED, {"number": number}, goal_id="standing-1")
            if number == 1:
                await ledger.durable()
        assert [event.data["number"] for event in ledger.of_goal("standing-1")] == [0, 1, 2, 3]
        assert [event.data["number"] for event in ledger.of_goal("standing-1", after=2)] == [2, 3]
        newest = ledger.of_kind(EventKind.STANDING_FIRED, limit=3)
        assert [event.data["number"] for event in newest] == [1, 2, 3]


async def test_what_was_begun_and_not_ended_is_found_in_order(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, FakeClock(), is_inline=True) as ledger:
        for number in (3, 1, 2):
            ledger.append(EventKind.GOAL_ACCEPTED, {}, goal_id=f"goal-{number}")
        ledger.append(EventKind.STANDING_ACCEPTED, {}, goal_id="standing-1")
        await ledger.durable()
        ledger.append(EventKind.GOAL_ENDED, {}, goal_id="goal-1")
        ledger.append(EventKind.GOAL_ACCEPTED, {}, goal_id="goal-4")
        assert ledger.unfinished_goals() == ["goal-3", "goal-2", "goal-4"]
        standing = (EventKind.STANDING_ACCEPTED, EventKind.STANDING_ENDED)
        assert ledger.unfinished_goals(begun=standing[0], ended=standing[1]) == ["standing-1"]


@pytest.mark.parametrize("is_on_disk", [True, False])
async def test_a_subtask_is_cut_off_until_its_end_is_recorded(
    ledger_address: LedgerAddress, is_on_disk: bool
) -> None:
    async with open_ledger(ledger_address, FakeClock(), is_inline=True) as ledger:
        for number in (1, 2, 3, 4):
            data = {"subtask_id": f"s-{number}", "device_id": "robot-1"}
            ledger.append(EventKind.SUBTASK_ASSIGNED, data, goal_id="goal-1")
        ledger.append(EventKind.SUBTASK_ENDED, {"subtask_id": "s-2"}, goal_id="goal-1")
        ledger.append(EventKind.LATE_REPORT, {"subtask_id": "s-4"}, goal_id="goal-1")
        ledger.append(EventKind.SUBTASK_ENDED, {"subtask_id": "s-3"}, goal_id="goal-other")
        if is_on_disk:
            await ledger.durable()
        assert [one.data["subtask_id"] for one in ledger.cut_off_subtasks(limit=10)] == ["s-1", "s-3"]
        assert [one.data["subtask_id"] for one in ledger.cut_off_subtasks(limit=2)] == ["s-3"]


async def test_goals_under_way_are_read_from_memory_and_ended_ones_too_when_forgotten(
    ledger_address: LedgerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.ledger.memory._ENDED_EVENTS", 5)
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        ledger.append(EventKind.GOAL_ACCEPTED, {}, goal_id="goal-0")
        await ledger.durable()
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        for number in range(4):
            goal_id = f"goal-{number}"
            if number:
                ledger.append(EventKind.GOAL_ACCEPTED, {}, goal_id=goal_id)
            ledger.append(EventKind.GOAL_PLANNED, {}, goal_id=goal_id)
            with monkeypatch.context() as patch:
                patch.setattr(ledger, "read", lambda _: pytest.fail("a goal under way needs no database"))
                assert len(ledger.of_goal(goal_id)) == 2
                assert len(ledger.of_goal(goal_id, after=ledger.of_goal(goal_id)[0].seq)) == 1
            ledger.append(EventKind.GOAL_ENDED, {}, goal_id=goal_id)
        ledger.append(EventKind.LATE_REPORT, {}, goal_id="goal-0")
        for number in range(4):
            kinds = [event.kind.value for event in ledger.of_goal(f"goal-{number}")]
            assert kinds[:3] == ["goal_accepted", "goal_planned", "goal_ended"]
            assert kinds[3:] == (["late_report"] if number == 0 else [])


async def test_sites_share_a_database_and_see_nothing_of_each_other(ledger_address: LedgerAddress) -> None:
    other = LedgerAddress(ledger_address.url, f"{ledger_address.site}-other")
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        ledger.append(EventKind.PROBLEM, {"of": "one"})
        await ledger.durable()
        if ledger_address.is_sqlite:
            with pytest.raises(OperatorError, match="Another coordinator"):
                await open_ledger(other, SystemClock()).__aenter__()
            return
        async with open_ledger(other, SystemClock()) as second:
            assert second.of_kind(EventKind.PROBLEM) == []
            assert second.append(EventKind.PROBLEM, {"of": "two"}).seq == 1
            await second.durable()
            assert [event.data for event in second.of_kind(EventKind.PROBLEM)] == [{"of": "two"}]
        assert [event.data for event in ledger.of_kind(EventKind.PROBLEM)] == [{"of": "one"}]


async def test_a_site_has_one_owner_at_a_time(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, SystemClock()):
        with pytest.raises(OperatorError, match="Another coordinator") as refused:
            async with open_ledger(ledger_address, SystemClock()):
                pytest.fail("two owners")
        assert refused.value.code is ErrorCode.BUSY
        assert "--standby" in str(refused.value)
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        await ledger.durable()


async def test_durable_waits_for_all_that_was_appended_before(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, SystemClock()) as ledger:

        async def one(number: int) -> int:
            event = ledger.append(EventKind.PROBLEM, {"number": number})
            await ledger.durable()
            assert all(pending.seq > event.seq for _, pending in ledger._pending)
            return event.seq

        numbers = await asyncio.gather(*(one(number) for number in range(500)))
        assert sorted(numbers) == list(range(1, 501))
        assert len(ledger._stored(events.c.seq <= 500)) == 500
        waiting = asyncio.ensure_future(ledger.durable())
        ledger.append(EventKind.PROBLEM, {})
        waiting.cancel()
        await ledger.durable()


async def test_what_rests_on_nothing_newer_does_not_wait_for_it(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, FakeClock(), is_inline=True) as ledger:
        older = ledger.append(EventKind.PROBLEM, {})
        position = ledger.position
        await ledger.durable()
        ledger.append(EventKind.PROBLEM, {})
        await ledger.durable(position)
        assert [event.seq for event in ledger._stored(events.c.seq > 0)] == [older.seq]
        assert ledger.lag == 1
        await ledger.durable(ledger.position)
        assert ledger.lag == 0


async def test_what_nobody_waits_for_is_written_all_the_same(ledger_address: LedgerAddress) -> None:
    async with open_ledger(ledger_address, SystemClock()) as ledger:
        ledger.append(EventKind.PROBLEM, {})
        async with asyncio.timeout(10):
            while ledger.lag:  # noqa: ASYNC110 - nobody is told, which is the point
                await asyncio.sleep(0)
        assert len(ledger._stored(events.c.seq > 0)) == 1
