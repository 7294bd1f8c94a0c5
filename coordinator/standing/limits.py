"""What a measured value must be, and when it counts as broken and as met again (hysteresis). Pure.

A value is broken where it lies outside the limits. Having been broken, it is met again only `margin` inside them, so that a value
that trembles around a limit does not set off one correction after the other. The margin is 0.5 K for temperatures, 2 points for
percentages, otherwise a twentieth of the limit; between two limits at most a quarter of their distance. Said by the person
("by at least 2 °C"), the limit itself is where a value is met again, and it is broken that much beyond.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coordinator.wording import amount
from inference.units import convert, convert_difference, pint_name
from protocol.messages import Finding, Scalar

_TEMPERATURE_MARGIN_KELVIN = 0.5
_PERCENT_MARGIN = 2.0
_MARGIN_SHARE = 0.05
_WIDTH_SHARE = 0.25


class Limits(BaseModel):
    """The range in which a value must lie, in `unit`, or a word that it must not be.

    Attributes:
        low: the lower limit, None where there is none; the value may be `low` itself where `is_low_allowed`.
        high: the upper limit, likewise.
        forbidden: a text that the value must not be, such as "open".
        unit: as devices report it; None for counts and texts.
        margin: how far inside the limits a value must lie, having been outside, to be met again.
        slack: how far outside it must lie to be broken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float | None = None
    high: float | None = None
    is_low_allowed: bool = False
    is_high_allowed: bool = False
    forbidden: str | None = None
    unit: str | None = None
    margin: float = Field(default=0.0, ge=0)
    slack: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _says_something(self) -> Limits:
        if self.low is None and self.high is None and self.forbidden is None:
            raise ValueError("low, high or forbidden")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low not above high")
        return self

    def value_of(self, finding: Finding) -> float | str | None:
        """Return what a device reports in the unit of these limits; None where it cannot be compared with them."""
        value = finding.value
        if self.forbidden is not None:
            return value.casefold() if isinstance(value, str) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if finding.unit == self.unit:
            return float(value)
        said, wanted = (pint_name(unit) if unit else None for unit in (finding.unit, self.unit))
        return convert(value, said, wanted)

    def is_met(self, value: float | str, *, was_broken: bool) -> bool:
        """Say whether a value is as it must be, given whether it was broken before."""
        if isinstance(value, str):
            return value != self.forbidden
        inside = self.margin if was_broken else -self.slack
        return self._is_above_low(value, inside) and self._is_below_high(value, inside)

    def _is_above_low(self, value: float, inside: float) -> bool:
        if self.low is None:
            return True
        bound = self.low + inside
        return value > bound or (value == bound and (self.is_low_allowed or inside != 0))

    def _is_below_high(self, value: float, inside: float) -> bool:
        if self.high is None:
            return True
        bound = self.high - inside
        return value < bound or (value == bound and (self.is_high_allowed or inside != 0))

    def excess(self, value: float | str) -> float:
        """Return how far outside the limits a value lies: 0 inside them, 1 for a text that must not be."""
        if isinstance(value, str):
            return float(value == self.forbidden)
        below = self.low - value if self.low is not None else 0.0
        above = value - self.high if self.high is not None else 0.0
        return max(below, above, 0.0)

    def contradicts(self, other: Limits) -> bool:
        """Say whether no value can be within both."""
        if self.forbidden is not None or other.forbidden is not None:
            return False
        ours, theirs = (pint_name(one.unit) if one.unit else None for one in (self, other))
        for lower, upper, said, wanted in ((self, other, ours, theirs), (other, self, theirs, ours)):
            low = None if lower.low is None else convert(lower.low, said, wanted)
            if low is None or upper.high is None:
                continue
            is_shared = lower.is_low_allowed and upper.is_high_allowed
            if low > upper.high or (low == upper.high and not is_shared):
                return True
        return False

    @property
    def words(self) -> str:
        """How the value must be: "under 16 s", "at least 20 %", "between 2 and 8 °C", "not open"."""
        if self.forbidden is not None:
            return f"not {self.forbidden}"
        if self.low is not None and self.high is not None:
            return f"between {amount(self.low, None)} and {self._amount(self.high)}"
        if self.high is not None:
            return f"{'at most' if self.is_high_allowed else 'under'} {self._amount(self.high)}"
        return f"{'at least' if self.is_low_allowed else 'above'} {self._amount(self.low or 0.0)}"

    @property
    def broken_words(self) -> str:
        """How the value is when it is broken: "below 20 %", "open"."""
        if self.forbidden is not None:
            return self.forbidden
        if self.low is not None and self.high is not None:
            return f"not {self.words}"
        if self.high is not None:
            return f"{'above' if self.is_high_allowed else 'at or above'} {self._amount(self.high)}"
        return f"{'below' if self.is_low_allowed else 'at or below'} {self._amount(self.low or 0.0)}"

    def say(self, value: Scalar) -> str:
        """Write a value with the unit, rounded as people do."""
        return value if isinstance(value, str) else self._amount(float(value))

    def _amount(self, value: float) -> str:
        return amount(float(f"{value:.4g}"), self.unit)


def default_margin(low: float | None, high: float | None, unit: str | None) -> float:
    """Return the margin where the person has said none; see the module."""
    name = pint_name(unit) if unit else ""
    bounds = [abs(bound) for bound in (low, high) if bound is not None]
    if convert(0.0, name, "degC") is not None and name:
        margin = convert_difference(_TEMPERATURE_MARGIN_KELVIN, "degC", name) or _TEMPERATURE_MARGIN_KELVIN
    elif name == "percent":
        margin = _PERCENT_MARGIN
    else:
        margin = _MARGIN_SHARE * max(bounds, default=0.0)
    return min(margin, _WIDTH_SHARE * (high - low)) if low is not None and high is not None else margin
