"""The seam between an agent and the machine it speaks for."""

from collections.abc import Mapping
from typing import Any, Protocol

from protocol.errors import ReportAndStop


class Driver(Protocol):
    """Calls one function of a machine, in the vendor's own names, units and output shape."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run one function to its end and return its JSON result.

        Raises:
            DriverError: the machine said no, or could not be reached.
        """
        ...

    async def make_safe(self) -> None:
        """Bring the machine to rest. Must work at any time and never raise."""
        ...


class DriverError(ReportAndStop):
    """A call failed on the machine; the text is plain language, without the vendor's names."""
