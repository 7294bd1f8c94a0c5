"""What a device tells of itself all the time, in plain words: which of its properties, read how, published when.

Reading a property is safe by definition, so it goes on beside a run, one property at a time, as watches are read; nothing
waits for it. Names of the API do not leave: what is told is named by the finding or the title of its description.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from device_agent.drivers.port import Driver
from device_agent.readings import reading_of
from device_agent.reporter import Reporter
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import Affordance, ThingDescription
from firmware_api_specs.units import converted
from protocol.clock import Clock
from protocol.errors import OperatorError
from protocol.messages import Attributes, Finding
from protocol.topics import Channel
from transport.ports import MessageBus

logger = logging.getLogger(__name__)

ATTRIBUTES_SECONDS = 30.0
# What has not changed is told again after this time: a broker that lost its memory, and people, learn that it still holds.
RETOLD_SECONDS = 300.0
_READ_SECONDS = 2.0
_LIMIT = 64
# Units in which the whole site compares these; everything else keeps the unit of its description.
_COMMON_UNITS = {"battery level": "percent", "position": "meter", "load": "kilogram"}


def told_properties(description: ThingDescription) -> tuple[Affordance, ...]:
    """Return the properties that a device tells all the time: the observable ones and those that are watched.

    Left out is what needs an argument, and what has no plain name: its result would say nothing.
    """
    watched = {watch.property for watch in description.watches}
    return tuple(
        each
        for each in description.affordances()
        if each.kind == "property"
        and (description.properties[each.key].observable or each.key in watched)
        and not each.action.arguments
    )


class AttributesPublisher:
    """Reads what a device tells of itself, and publishes it when it has changed.

    Args:
        device_id: the device's name at its site.
        description: says which properties are told, and in which words.
        driver: reaches the machine.
        bus: open; a new connection is told everything again.
        reporter: publishes on the device's own channels.
        clock: for the time between two looks, and times in messages.
        session: counts the starts of the agent.
        seconds: between two looks.
    """

    def __init__(
        self,
        device_id: str,
        description: ThingDescription,
        *,
        driver: Driver,
        bus: MessageBus,
        reporter: Reporter,
        clock: Clock,
        session: int,
        seconds: float,
    ) -> None:
        self._device_id = device_id
        self._driver = driver
        self._bus = bus
        self._reporter = reporter
        self._clock = clock
        self._session = session
        self._seconds = seconds
        self._properties = told_properties(description)
        self._api_names = names(description)
        self._unread: set[str] = set()
        self._told: tuple[Finding, ...] | None = None
        self._told_at = 0.0
        self._told_on = 0
        self._wanted = asyncio.Event()

    def look_soon(self) -> None:
        """Look at once, and not only when it is time again: something has been done."""
        self._wanted.set()

    async def run(self) -> None:
        """Look and tell until cancelled; returns at once where the device tells nothing."""
        while self._properties:
            self._wanted.clear()
            await self._tell(await self.read())
            wanted = asyncio.ensure_future(self._wanted.wait())
            timer = asyncio.ensure_future(self._clock.sleep(self._seconds))
            try:
                await asyncio.wait({wanted, timer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                wanted.cancel()
                timer.cancel()

    async def read(self) -> tuple[Finding, ...]:
        """Read everything that is told; what cannot be read in time is left out. Never raises for the machine."""
        found: dict[str, Finding] = {}
        for each in self._properties:
            value = await reading_of(self._driver, self._clock, each.name, _READ_SECONDS, None)
            findings = () if value is None else each.action.findings(value)
            self._note(each, is_read=bool(findings))
            for finding in map(_in_common_unit, findings):
                if not self._names_the_api(finding):
                    found.setdefault(finding.what.casefold(), finding)
        return tuple(found.values())[:_LIMIT]

    def _note(self, affordance: Affordance, *, is_read: bool) -> None:
        """Say once that a property cannot be read, and again only after it could be."""
        if is_read:
            self._unread.discard(affordance.name)
        elif affordance.name not in self._unread:
            self._unread.add(affordance.name)
            logger.warning(
                "%s cannot read its property %s; it is not told until it can.",
                self._device_id,
                affordance.name,
            )

    def _names_the_api(self, finding: Finding) -> bool:
        values = finding.value if isinstance(finding.value, tuple) else (finding.value,)
        texts = [finding.what, *(value for value in values if isinstance(value, str))]
        return any(leaked_names(text, self._api_names) for text in texts)

    async def _tell(self, findings: Sequence[Finding]) -> None:
        now, connection = self._clock.now(), self._bus.connections
        is_known = self._told == findings and self._told_on == connection
        if is_known and now - self._told_at < RETOLD_SECONDS:
            return
        message = Attributes(
            device_id=self._device_id, session=self._session, attributes=tuple(findings), at=now
        )
        try:
            await self._reporter.publish(Channel.ATTRIBUTES, message, retain=True)
        except OperatorError as error:
            logger.warning("%s could not tell its attributes: %s", self._device_id, error)
            return
        self._told, self._told_at, self._told_on = tuple(findings), now, connection


def _in_common_unit(finding: Finding) -> Finding:
    unit = _COMMON_UNITS.get(finding.what.casefold())
    if unit is None or finding.unit is None or finding.unit == unit:
        return finding
    values = finding.value if isinstance(finding.value, tuple) else (finding.value,)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not numbers or len(numbers) != len(values):
        return finding
    told = [converted(number, finding.unit, unit) for number in numbers]
    if None in told:
        return finding
    value = tuple(number for number in told if number is not None)
    return finding.model_copy(
        update={"value": value if isinstance(finding.value, tuple) else value[0], "unit": unit}
    )
