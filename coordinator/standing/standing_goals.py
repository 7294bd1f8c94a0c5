"""Standing goals of a site: read, accepted, listed, paused, resumed, changed, cancelled, answered."""

from __future__ import annotations

import asyncio
import builtins
import uuid
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from coordinator.ledger.events import Event, EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.standing.book import Book
from coordinator.standing.calendar_words import is_zone
from coordinator.standing.conflicts import contradict
from coordinator.standing.keeper import Keeper
from coordinator.standing.life import Change, Standing, StandingStatus
from coordinator.standing.orders import say_present
from coordinator.standing.ports import Host
from coordinator.standing.reading import read
from coordinator.standing.request import StandingRequest
from coordinator.standing.subjects import Subject, Subjects
from coordinator.standing.view import StandingView
from coordinator.wording import quoted
from inference.ports import Encoder
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.text import SENTENCE_LIMIT, clean_sentence

MAXIMUM_LIVE = 200
_LOCAL_TIME = Path("/etc/localtime")
_NOTICE_KINDS = (EventKind.STANDING_FIRED, EventKind.STANDING_CHANGED, EventKind.STANDING_ENDED)
_LATEST_NOTICES = 500
_NAME_CHARACTERS = 120


def local_zone() -> str:
    """Return the name of this machine's time zone; UTC where it has none."""
    try:
        _, found, name = str(_LOCAL_TIME.resolve(strict=True)).partition("zoneinfo/")
    except OSError:
        return "UTC"
    name = name.removeprefix("posix/").removeprefix("right/")
    return name if found and is_zone(name) else "UTC"


class StandingGoals:
    """The standing goals of a site.

    Args:
        host: takes their goals and knows the devices.
        ledger: of the site.
        clock: time.
        encoder: decides which reported value a person means; without one, only the very words count.
        zone: name of the time zone people speak of where they name none.

    Raises:
        InputError: there is no such time zone.
    """

    def __init__(
        self, host: Host, ledger: Ledger, clock: Clock, *, encoder: Encoder | None = None, zone: str = "UTC"
    ) -> None:
        if not is_zone(zone):
            raise InputError("time_zone", zone, "the name of a time zone, such as Europe/Berlin")
        self.zone = zone
        self._host = host
        self._ledger = ledger
        self._clock = clock
        self._subjects = Subjects(encoder)
        self._book = Book(ledger)
        self._keeper = Keeper(self._book, host, clock)

    async def run(self) -> None:
        """Keep them until cancelled. Once for each start of a coordinator."""
        loop = asyncio.get_running_loop()

        def on_event(event: Event) -> None:
            # Called while an event is being appended: what follows from it is appended after that.
            if event.kind is EventKind.GOAL_ENDED and event.goal_id is not None:
                loop.call_soon(self._keeper.take_end, event.goal_id)
            elif event.kind is EventKind.EMERGENCY_STOP:
                loop.call_soon(self._keeper.attend_all)

        stops: builtins.list[Callable[[], None]] = [self._ledger.observe(on_event)]
        try:
            self._keeper.start()
            stops.append(self._host.on_attributes(self._keeper.take_attributes))
            await self._keeper.timer.run()
        finally:
            for stop in stops:
                stop()

    # Reading and accepting

    def read(self, text: str, now: float | None = None, zone: str | None = None) -> StandingRequest | None:
        """Read a sentence; None means an ordinary goal. Blocking: the encoder may run.

        Args:
            text: the person's words.
            now: Unix seconds; the clock's when None.
            zone: name of the person's time zone; the site's when None.

        Returns:
            What was understood; with a `question` where that is not sure, and nothing may be accepted then.

        Raises:
            InputError: there is no such time zone.
        """
        zone = zone or self.zone
        if not is_zone(zone):
            raise InputError("time_zone", zone, "the name of a time zone, such as Europe/Berlin")
        devices = self._host.devices()

        def find(phrase: str, unit: str | None, is_text: bool, around: str) -> Subject:  # noqa: FBT001 - a callback
            return self._subjects.find(phrase, devices, unit=unit, is_text=is_text, around=around)

        moment = self._clock.now() if now is None else now
        return read(text, moment, zone, find, lambda watch: say_present(watch, devices))

    def accept(self, request: StandingRequest, *, by: str | None, chat_id: str | None = None) -> StandingView:
        """Accept what was read; once `durable` has returned it will be kept.

        Raises:
            InputError: it has a question that is open, or contradicts another standing goal (code `conflict`).
            OperatorError: there are too many.
        """
        self._check(request)
        if len(self._book.live()) >= MAXIMUM_LIVE:
            raise OperatorError(
                f"There are {MAXIMUM_LIVE} standing goals, and no more are accepted.",
                code=ErrorCode.BUSY,
                remedy="Cancel one.",
            )
        standing_id = f"standing-{uuid.uuid4().hex[:12]}"
        data = {
            "request": request.model_dump(mode="json"),
            "by": by,
            "chat_id": chat_id,
            "sentence": request.confirmation,
        }
        self._book.append(EventKind.STANDING_ACCEPTED, standing_id, data)
        self._keeper.begin(standing_id)
        return self.get(standing_id)

    def _check(self, request: StandingRequest, *, but: str | None = None) -> None:
        if request.question is not None:
            raise InputError(
                "text",
                request.text,
                "a sentence that can be read surely",
                code=ErrorCode.NEEDS_CLARIFICATION,
                remedy=request.question,
            )
        watch = request.watch
        for other in self._book.live() if watch is not None else []:
            if other.standing_id == but or other.request.watch is None or watch is None:
                continue
            if other.status is StandingStatus.ACTIVE and contradict(watch, other.request.watch):
                raise InputError(
                    "text",
                    request.text,
                    f"a range that goes together with {quoted(other.request.text)} ({other.standing_id})",
                    code=ErrorCode.CONFLICT,
                    remedy="Change or cancel that one first.",
                )

    # Looking

    def list(self, *, is_all: bool = False) -> list[StandingView]:
        """Return those that have not ended, oldest first; with `is_all` the others too."""
        return [self._view(state) for state in (self._book.all() if is_all else self._book.live())]

    def get(self, standing_id: str) -> StandingView:
        """Return one.

        Raises:
            InputError: there is none of this name (code `not_found`).
        """
        return self._view(self._book.get(standing_id))

    def _view(self, state: Standing) -> StandingView:
        values = self._keeper.values(state.standing_id)
        return StandingView.of(state, next_at=self._keeper.next_at(state), values=values)

    async def notices(self, *, after: int | None = None) -> AsyncGenerator[Event, None]:
        """Follow what people are to be told, for ever; each is on disk before it is given out.

        Args:
            after: begin behind this event; None begins with what is new.
        """
        arrived: asyncio.Queue[Event] = asyncio.Queue()

        def take(event: Event) -> None:
            if event.kind in _NOTICE_KINDS and event.data.get("notice"):
                arrived.put_nowait(event)

        stop = self._ledger.observe(take)
        try:
            for event in () if after is None else self._notices_after(after):
                await self._ledger.durable()
                yield event
                after = event.seq
            while True:
                event = await arrived.get()
                if event.seq > (after or 0):
                    await self._ledger.durable()
                    yield event
        finally:
            stop()

    def _notices_after(self, after: int) -> builtins.list[Event]:
        found = [
            event
            for kind in _NOTICE_KINDS
            for event in self._ledger.of_kind(kind, limit=_LATEST_NOTICES)
            if event.seq > after and event.data.get("notice")
        ]
        return sorted(found, key=lambda one: one.seq)

    # Operating

    def pause(self, standing_id: str, by: str) -> StandingView:
        """Do nothing for it until it is resumed.

        Raises:
            InputError: it is unknown, has ended, or is not active.
        """
        self._open(standing_id, StandingStatus.ACTIVE)
        self._book.change(standing_id, Change.PAUSED, f"{_name(by)} paused this standing goal.", by=by)
        self._keeper.attend(standing_id)
        return self.get(standing_id)

    def resume(self, standing_id: str, by: str) -> StandingView:
        """Let one go on that is paused or was given up; what was counted before does not count any more.

        Raises:
            InputError: it is unknown, has ended, or is active; or it contradicts one that was accepted meanwhile.
        """
        state = self._open(standing_id, StandingStatus.PAUSED, StandingStatus.GIVEN_UP)
        self._check(state.request, but=standing_id)
        self._book.change(standing_id, Change.RESUMED, f"{_name(by)} let this standing goal go on.", by=by)
        self._keeper.begin(standing_id)
        return self.get(standing_id)

    def cancel(self, standing_id: str, by: str) -> StandingView:
        """End it. A goal of it that is under way goes on; it is cancelled as goals are.

        Raises:
            InputError: it is unknown or has ended.
        """
        self._open(standing_id)
        sentence = f"{_name(by)} cancelled this standing goal."
        data = {"status": StandingStatus.CANCELLED.value, "sentence": sentence, "notice": False, "by": by}
        self._book.append(EventKind.STANDING_ENDED, standing_id, data)
        self._keeper.attend(standing_id)
        return self.get(standing_id)

    def change(self, standing_id: str, text: str, by: str, *, zone: str | None = None) -> StandingView:
        """Put another sentence in its place: a whole one, or only a time or a limit ("every weekday at ten", "under 12 s").

        Raises:
            InputError: it is unknown or has ended; the sentence cannot be read surely, or is an ordinary goal.
        """
        return self.replace(standing_id, self.reread(standing_id, text, zone=zone), by)

    def replace(self, standing_id: str, request: StandingRequest, by: str) -> StandingView:
        """Put what was read by `reread` in the place of what it was.

        Raises:
            InputError: it is unknown or has ended; or the request has a question, or contradicts another.
        """
        self._open(standing_id)
        self._check(request, but=standing_id)
        self._book.change(
            standing_id,
            Change.CHANGED,
            request.confirmation,
            by=by,
            request=request.model_dump(mode="json"),
        )
        self._keeper.begin(standing_id)
        return self.get(standing_id)

    def reread(self, standing_id: str, text: str, *, zone: str | None = None) -> StandingRequest:
        """Read a sentence that is to change a standing goal. Blocking, as `read` is.

        Raises:
            InputError: it is unknown or has ended; or the sentence is an ordinary goal.
        """
        state = self._open(standing_id)
        return self._reread(state, text, zone or state.request.zone)

    def _reread(self, state: Standing, text: str, zone: str) -> StandingRequest:
        action, watch = state.request.action, state.request.watch
        found = self.read(text, zone=zone)
        if found is None or found.question is not None:
            tries = []
            if watch is None and action is not None:
                tries.append(f"{text}, {action}")
            elif watch is not None and watch.is_kept:
                whose = f" of {' and '.join(watch.device_ids)}" if watch.device_ids else ""
                remedy = f", otherwise {action}" if action else ""
                each = "the" if watch.device_ids else "every"
                tries.append(f"keep {each} {watch.attribute}{whose} {text}{remedy}")
            for attempt in tries:
                second = self.read(attempt, zone=zone)
                if second is not None and second.question is None:
                    return second
        if found is None:
            raise InputError(
                "text", text, 'when or under which condition to act, such as "every weekday at ten"'
            )
        return found

    def answer(self, standing_id: str, text: str, by: str) -> StandingView:
        """Answer its question: what is said is done from now on when the condition is not met.

        Raises:
            InputError: it is unknown, has ended, or asks nothing; or the answer is empty or too long.
        """
        state = self._open(standing_id)
        action = clean_sentence(text, SENTENCE_LIMIT + 1)
        if not action or len(action) > SENTENCE_LIMIT:
            raise InputError("text", text, f"a sentence of 1 to {SENTENCE_LIMIT} characters")
        if state.request.watch is None or state.request.watch.is_told:
            raise InputError(
                "standing_id", standing_id, "one that corrects something", code=ErrorCode.CONFLICT
            )
        sentence = f"{_name(by)} said what to do: {quoted(action)}."
        self._book.change(standing_id, Change.ANSWERED, sentence, by=by, action=action)
        self._keeper.begin(standing_id)
        return self.get(standing_id)

    def _open(self, standing_id: str, *wanted: StandingStatus) -> Standing:
        state = self._book.get(standing_id)
        if state.status.is_final or (wanted and state.status not in wanted):
            allowed = " or ".join(wanted) if wanted else "not ended"
            raise InputError(
                "standing_id",
                standing_id,
                f"a standing goal that is {allowed.replace('_', ' ')}",
                code=ErrorCode.CONFLICT,
                remedy=f"This one is {state.status.replace('_', ' ')}.",
            )
        return state


def _name(by: str) -> str:
    return clean_sentence(by, _NAME_CHARACTERS)
