"""Whatever is appended and whenever the process dies: what was durable is there, in order, and nothing besides half of it."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordinator.ledger.database import Database
from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import open_ledger
from coordinator.ledger.owner import Owner
from coordinator.ledger.rows import EventRow
from protocol.errors import OperatorError
from tests.ledger_kit import BOTH, address_of
from transport.clock import SystemClock

numbers = itertools.count()
DATA = st.dictionaries(
    st.text(max_size=3),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=4,
    ),
    max_size=3,
)
# A goal is accepted once, before anything else happens in it.
KINDS = [kind for kind in EventKind if kind is not EventKind.GOAL_ACCEPTED]
APPEND = st.tuples(st.sampled_from(KINDS), st.none() | st.sampled_from(["goal-1", "goal-2"]), DATA)
# Appends, waits for the disk, and moments in which only the thread has time to work.
STEPS = st.lists(APPEND | st.sampled_from(["durable", "pause"]), max_size=12)
LIVES = st.lists(STEPS, min_size=1, max_size=3)
slow = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@BOTH
@slow
@given(lives=LIVES)
def test_what_was_durable_when_the_process_died_is_there_in_order(
    kind: str, request: pytest.FixtureRequest, lives: list[list[tuple[EventKind, str | None, object] | str]]
) -> None:
    async def live() -> None:
        known: list[Event] = []
        for steps in lives:
            # PostgreSQL notices a moment later that an owner is gone.
            async with open_ledger(address, SystemClock(), is_standby=True) as ledger:
                found = ledger._stored(True)
                assert found == known
                appended, durable = list(known), len(known)
                if not appended:
                    goals = ("goal-1", "goal-2")
                    appended += [ledger.append(EventKind.GOAL_ACCEPTED, {}, goal_id=goal) for goal in goals]
                for step in steps:
                    if step == "durable":
                        await ledger.durable()
                        durable = len(appended)
                    elif isinstance(step, str):
                        await asyncio.sleep(0)
                    else:
                        what, goal_id, data = step
                        appended.append(ledger.append(what, data, goal_id=goal_id))
                for goal_id in ("goal-1", "goal-2"):
                    assert ledger.of_goal(goal_id) == [one for one in appended if one.goal_id == goal_id]
                ledger.abandon()
            async with open_ledger(address, SystemClock(), is_standby=True) as ledger:
                known = ledger._stored(True)
            assert durable <= len(known) <= len(appended)
            assert known == appended[: len(known)]
            assert [event.seq for event in known] == list(range(1, len(known) + 1))

    with TemporaryDirectory() as folder:
        address = address_of(kind, request, Path(folder), f"property-{next(numbers)}")
        asyncio.run(live())


@BOTH
@slow
@given(turns=st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_of_owners_that_do_not_know_of_each_other_only_the_newest_ever_commits(
    kind: str, request: pytest.FixtureRequest, turns: list[int]
) -> None:
    """Turn 0 begins a new owner; others write as the newest, or as the one before it."""
    with TemporaryDirectory() as folder:
        address = address_of(kind, request, Path(folder), f"owners-{next(numbers)}")
        database = Database(address)

        async def make() -> None:
            async with open_ledger(address, SystemClock()):
                pass

        asyncio.run(make())
        owners: list[Owner] = []
        expected = []
        seq = 0
        for turn in [0, *turns]:
            if turn == 0:
                owner = Owner(database)
                # Without its lock: only the epoch stands between the owners here.
                owner._connection = database.engine.connect()
                owner.begin(0)
                owners.append(owner)
                continue
            writer = owners[-min(turn, len(owners))]
            seq += 1
            row = EventRow(seq, 0.0, None, "problem", f'{{"by": {writer.epoch}}}')
            if writer is owners[-1]:
                writer.write([row], [], is_retry=False)
                expected.append((seq, writer.epoch))
            else:
                with pytest.raises(OperatorError, match="taken over"):
                    writer.write([row], [], is_retry=False)
        for owner in owners:
            owner.release()
        database.close()

        async def read() -> None:
            async with open_ledger(address, SystemClock()) as ledger:
                assert [(one.seq, one.data["by"]) for one in ledger._stored(True)] == expected

        asyncio.run(read())
