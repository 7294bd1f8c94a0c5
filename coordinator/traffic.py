"""What whatever leads machines on their ways has to know: the places that are out of use, and who is to stand where it is.

A pause lets a device finish the step that it is at, and that may be a long drive. The site's traffic service, where there is one,
holds it on its way at once.
"""

from __future__ import annotations

from coordinator.dispatch import Dispatcher
from coordinator.site.current import CurrentSite
from protocol.clock import Clock
from protocol.messages import MAXIMUM_STANDING, ClosedPlace, TrafficNotice, encode


class TrafficNotices:
    """Writes the notice that the site keeps.

    Args:
        site: knows what is closed.
        dispatcher: knows who is paused.
        epoch: of this coordinator's start.
        clock: time.
    """

    def __init__(self, site: CurrentSite, dispatcher: Dispatcher, *, epoch: int, clock: Clock) -> None:
        self._site = site
        self._dispatcher = dispatcher
        self._epoch = epoch
        self._clock = clock

    def payload(self) -> bytes | None:
        """Return the notice as it is now; None where there never was anything to tell."""
        if not self._site.was_ever_closed and not self._dispatcher.was_ever_held:
            return None
        closed = []
        for one in self._site.closed.values():
            zone = self._site.site.zones.get(one.place)
            sentence = f"{one.place} is out of use, as {one.by} said."
            closed.append(ClosedPlace(name=one.place, sentence=sentence, area=zone.area if zone else None))
        notice = TrafficNotice(
            epoch=self._epoch,
            closed=tuple(closed),
            standing=self._dispatcher.held()[:MAXIMUM_STANDING],
            at=self._clock.now(),
        )
        return encode(notice)
