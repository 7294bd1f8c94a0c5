"""What keeps a machine safe while a program runs on it: what is watched, and what is done when a call fails."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from firmware_api_specs.data_schema import StrictNumber, Text, same_json

_ON_FAILURE = ("stop", "retry", "continue")


class Compensation(BaseModel):
    """An action that brings the machine into a known state after another one failed or did not come back."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    action: Text = Field(alias="compensate")
    arguments: dict[str, Any] = Field(default_factory=dict)


def _is_known_way(value: Any) -> Any:
    if not isinstance(value, dict | Compensation) and value not in _ON_FAILURE:
        words = ", ".join(f"'{word}'" for word in _ON_FAILURE)
        form = '{"compensate": an action, "arguments": its arguments}'
        raise PydanticCustomError("on_failure", "{allowed}", {"allowed": f"{words} or {form}"})
    return value


OnFailure = Annotated[
    Annotated[Literal["stop", "retry", "continue"], Tag("word")]
    | Annotated[Compensation, Tag("compensation")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "compensation"),
    BeforeValidator(_is_known_way),
]


def _is_scalar(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str):
        raise PydanticCustomError("scalar", "a text, a number, true or false")
    return value


class Watch(BaseModel):
    """A condition on a property during a run: what to do, and why, once its value is `below`, `above` or `equals`.

    `because` is a plain English sentence for people; values are in the property's own unit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    property: Text
    below: StrictNumber | None = None
    above: StrictNumber | None = None
    equals: Annotated[Any, BeforeValidator(_is_scalar)] = None
    then: Literal["pause", "stop"]
    because: Text

    @model_validator(mode="after")
    def _compares_once(self) -> Self:
        if [self.below, self.above, self.equals].count(None) != 2:  # noqa: PLR2004 - one of three
            raise PydanticCustomError("watch", "exactly one of below, above and equals")
        return self

    def trips(self, value: Any) -> bool:
        """Whether a value that was read makes this watch act. What cannot be compared does not."""
        if self.equals is not None:
            return same_json(self.equals, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.below is not None and value < self.below) or (
            self.above is not None and value > self.above
        )
