"""The modes of a device: which calls each allows, and where each call leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallModes:
    """What one function has to do with modes.

    Attributes:
        allowed_in: the modes it may be called in; None: any.
        leads_to: the mode after it; None: the mode stays.
        goes_on_after_failure: a call that fails changes nothing, returns None, and the program goes on.
    """

    allowed_in: frozenset[str] | None = None
    leads_to: str | None = None
    goes_on_after_failure: bool = False

    def allows(self, mode: str | None) -> bool:
        """Whether it may be called in `mode`; None is the one mode of a device without modes."""
        return self.allowed_in is None or mode in self.allowed_in


_UNCONCERNED = CallModes()


@dataclass(frozen=True, slots=True)
class ModeAutomaton:
    """A device's modes and what its functions do to them.

    Attributes:
        modes: all modes; none for a device without modes.
        calls: by function; one that is not listed is allowed everywhere and changes nothing.

    Raises:
        ValueError: a function names a mode that is not one of `modes`.
    """

    modes: frozenset[str]
    calls: Mapping[str, CallModes]

    def __post_init__(self) -> None:
        for name, call in self.calls.items():
            named = {*(call.allowed_in or ()), *(() if call.leads_to is None else (call.leads_to,))}
            if unknown := sorted(named - self.modes):
                raise ValueError(f"{name} names the mode {unknown[0]!r}; allowed: {self._listed()}.")

    def of(self, name: str) -> CallModes:
        """Return what `name` has to do with modes."""
        return self.calls.get(name, _UNCONCERNED)

    def reachable(self, start: Collection[str]) -> frozenset[str]:
        """Return every mode that allowed calls can lead to from `start`, and `start` itself.

        Raises:
            ValueError: `start` holds something else than modes.
        """
        self.require_modes(start)
        found, before = frozenset(start), frozenset[str]()
        while found != before:
            before = found
            leading = (call for call in self.calls.values() if any(call.allows(mode) for mode in before))
            found |= {call.leads_to for call in leading if call.leads_to is not None}
        return found

    def require_modes(self, start: Collection[str]) -> None:
        """Make sure that `start` holds modes only, and at least one where the device has modes.

        Raises:
            ValueError: it does not.
        """
        if unknown := sorted(set(start) - self.modes):
            raise ValueError(f"the present mode is {unknown[0]!r}; allowed: {self._listed()}.")
        if self.modes and not start:
            raise ValueError(f"no present mode is given; allowed: at least one of {self._listed()}.")

    def _listed(self) -> str:
        return ", ".join(sorted(self.modes)) or "none, as the device has no modes"
