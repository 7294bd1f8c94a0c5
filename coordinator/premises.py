"""Takes places of the site out of use and back into use, and tells the site: whatever plans ways keeps out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coordinator.dispatch import Dispatcher
from coordinator.ledger.events import EventKind
from coordinator.ledger.ledger import Ledger
from coordinator.operations import Operations
from coordinator.site.closures import CLOSED, REOPENED, Closure, fold
from coordinator.site.current import CurrentSite
from coordinator.site.geography import Spot
from coordinator.site_link import SiteLink
from protocol.clock import Clock
from protocol.errors import ErrorCode, InputError, OperatorError
from protocol.messages import MAXIMUM_CLOSED_PLACES
from protocol.text import clean_sentence

PLACE: Final = "place"
_RESTORED = 10_000
_NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Effect:
    """What taking a place out of use came to.

    Attributes:
        closure: of the place.
        is_new: whether it was in use until now.
        out_of_reach: entities that nobody can go to any more because of it, as the site file calls them.
        called_back: devices that were on their way there and were told to stop, each with its sentence.
        inside: devices that are in it.
        waiting: sentences that were waiting for a device and will not be begun.
    """

    closure: Closure
    is_new: bool = True
    out_of_reach: tuple[str, ...] = ()
    called_back: tuple[tuple[str, str], ...] = ()
    inside: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


class Premises:
    """What of the site may be used.

    Args:
        site: is told; plans and allocation read it there.
        ledger: where it is written down, and read back at the start.
        dispatcher: knows who is at work where.
        operations: calls devices back.
        link: tells the site.
        clock: time.
    """

    def __init__(
        self,
        *,
        site: CurrentSite,
        ledger: Ledger,
        dispatcher: Dispatcher,
        operations: Operations,
        link: SiteLink,
        clock: Clock,
    ) -> None:
        self._site = site
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._operations = operations
        self._link = link
        self._clock = clock
        events = [
            event
            for event in ledger.of_kind(EventKind.SITE_CONDITION, limit=_RESTORED)
            if event.data["what"] == PLACE
        ]
        if events:
            site.close(fold([event.data for event in events], [event.at for event in events]))

    @property
    def closed(self) -> list[Closure]:
        """The places that are out of use, in the order in which they were closed."""
        return sorted(self._site.closed.values(), key=lambda one: one.at)

    def out_of_reach(self) -> list[str]:
        """Return the entities that nobody can be sent to, as the site file calls them."""
        return self._site.geography.out_of_reach()

    def close(self, place: str, by: str) -> Effect:
        """Take a place out of use: no new work leads there or through it, and who is on the way there is called back.

        Args:
            place: any name that the site file gives it.
            by: who says so.

        Raises:
            InputError: there is no such place, or too many are closed.
        """
        place, by = self._name(place), clean_sentence(by, _NAME_CHARACTERS)
        closed = self._site.closed
        if place in closed:
            return Effect(closed[place], is_new=False)
        if len(closed) >= MAXIMUM_CLOSED_PLACES:
            raise InputError(
                "place", place, f"at most {MAXIMUM_CLOSED_PLACES} places that are out of use at a time"
            )
        before = set(self._site.geography.out_of_reach())
        self._note(place, CLOSED, by, f"{by} took {place} out of use.")
        closure = Closure(place, by, self._clock.now())
        self._site.close({**closed, place: closure})
        geography = self._site.geography
        waiting = tuple(
            one.sentence
            for one in self._dispatcher.workload.waiting()
            if geography.barrier(one.sentence) is not None
        )
        inside = tuple(name for name, spot in self._spots().items() if geography.is_near(spot, place))
        called_back = self._call_back(place, by, inside)
        self._link.tell_traffic()
        self._dispatcher.wake()
        out_of_reach = tuple(name for name in geography.out_of_reach() if name not in before)
        return Effect(closure, True, out_of_reach, called_back, inside, waiting)

    def reopen(self, place: str, by: str) -> Closure | None:
        """Put a place back into use; returns how it was closed, None where it was in use.

        Raises:
            InputError: there is no such place.
        """
        place, by = self._name(place), clean_sentence(by, _NAME_CHARACTERS)
        closed = self._site.closed
        was = closed.pop(place, None)
        if was is None:
            return None
        self._note(place, REOPENED, by, f"{by} put {place} back into use.")
        self._site.close(closed)
        self._link.tell_traffic()
        self._dispatcher.wake()
        return was

    def _call_back(self, place: str, by: str, inside: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Stop who is on the way to what cannot be reached any more; who is there already may finish and leave."""
        told = []
        fleet = self._dispatcher.fleet()
        for exchange in self._dispatcher.exchanges():
            device_id, sentence = exchange.device_id, exchange.subtask.sentence
            if device_id in inside or fleet.barrier(sentence, device_id) is None:
                continue
            try:
                because = f"{by}, because {place} is out of use"
                self._operations.cancel_subtask(
                    exchange.subtask_id, clean_sentence(because, _NAME_CHARACTERS)
                )
            except OperatorError:
                # The broker is away. Whatever plans the ways learns of the closure when it is back.
                continue
            told.append((device_id, sentence))
        return tuple(told)

    def _spots(self) -> dict[str, Spot]:
        states = self._dispatcher.fleet().states
        return {name: state.spot for name, state in states.items() if state.spot is not None}

    def _name(self, place: str) -> str:
        name = self._site.site.place_names.get(" ".join(place.split()).casefold())
        if name is None:
            raise InputError(
                "place",
                place[:80],
                "a place of the site file: a zone, or an entity such as shelf 3",
                code=ErrorCode.NOT_FOUND,
                remedy="GET /v1/site/places lists them.",
            )
        return name

    def _note(self, place: str, did: str, by: str, sentence: str) -> None:
        data = {"what": PLACE, "place": place, "did": did, "by": by, "sentence": sentence}
        self._ledger.append(EventKind.SITE_CONDITION, data)
