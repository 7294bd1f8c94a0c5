"""What goals cost: calls of models, tokens, seconds and money, for the plan and for the devices, read from a goal's events.

Pure: the same events always give the same account. Money is worked out from the tokens with the prices of today.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from coordinator.ledger.events import Event, EventKind
from protocol.errors import InputError
from protocol.text import clean_sentence

_MILLION = 1_000_000
_CURRENCY_CHARACTERS = 12


class Expense(BaseModel):
    """What one side's models have cost.

    Attributes:
        model_calls: how often they were asked.
        prompt_tokens: tokens they have read.
        completion_tokens: tokens they have written.
        model_seconds: how long they were waited for; those of several devices add up.
        untold_calls: calls of models that do not tell their tokens: for these, none are counted.
    """

    model_config = ConfigDict(frozen=True)

    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_seconds: float = 0.0
    untold_calls: int = 0


class GoalTimes(BaseModel):
    """Where a goal's time went, in seconds of the clock on the wall; they add up to how long it took.

    Attributes:
        planning: until there was a plan.
        devices: while a device was at work for it, and nobody was waited for.
        people: while it was paused, or a device's question was open.
        waiting: while nothing of it was under way: no device was free, or none could be reached.
    """

    model_config = ConfigDict(frozen=True)

    planning: float = 0.0
    devices: float = 0.0
    people: float = 0.0
    waiting: float = 0.0


class Money(BaseModel):
    """What the tokens cost, in `currency`."""

    model_config = ConfigDict(frozen=True)

    planner: float
    devices: float
    total: float
    currency: str


class Account(BaseModel):
    """What a goal has cost so far. `money` is None where no price was set."""

    model_config = ConfigDict(frozen=True)

    planner: Expense = Expense()
    devices: Expense = Expense()
    seconds: GoalTimes = GoalTimes()
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost.

    Attributes:
        prompt: read by the planning model.
        completion: written by it.
        device_prompt: read by the devices' models, which are often others, on their own machines.
        device_completion: written by them.
        currency: what people call the money.
    """

    prompt: float = 0.0
    completion: float = 0.0
    device_prompt: float = 0.0
    device_completion: float = 0.0
    currency: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Prices:
        """Read `PARLEY_PROMPT_PRICE` and its like; variables that are empty count as unset.

        Raises:
            InputError: a price is no amount, or no currency is named for it.
        """
        prices = cls(
            prompt=_price(environment, "PARLEY_PROMPT_PRICE"),
            completion=_price(environment, "PARLEY_COMPLETION_PRICE"),
            device_prompt=_price(environment, "PARLEY_DEVICE_PROMPT_PRICE"),
            device_completion=_price(environment, "PARLEY_DEVICE_COMPLETION_PRICE"),
            currency=clean_sentence(environment.get("PARLEY_PRICE_CURRENCY", ""), _CURRENCY_CHARACTERS),
        )
        if prices.is_set and not prices.currency:
            raise InputError(
                "PARLEY_PRICE_CURRENCY",
                "",
                "the currency of the prices, such as EUR",
                remedy="Set it beside PARLEY_PROMPT_PRICE and PARLEY_COMPLETION_PRICE.",
            )
        return prices

    @property
    def is_set(self) -> bool:
        """Whether anything has a price."""
        return any((self.prompt, self.completion, self.device_prompt, self.device_completion))

    def of(self, account: Account) -> Account:
        """Return an account with what it comes to in money; unchanged where nothing has a price."""
        if not self.is_set:
            return account
        planner = self._cost(account.planner, self.prompt, self.completion)
        devices = self._cost(account.devices, self.device_prompt, self.device_completion)
        money = Money(planner=planner, devices=devices, total=planner + devices, currency=self.currency)
        return account.model_copy(update={"money": money})

    @staticmethod
    def _cost(expense: Expense, prompt: float, completion: float) -> float:
        return (expense.prompt_tokens * prompt + expense.completion_tokens * completion) / _MILLION


def _price(environment: Mapping[str, str], name: str) -> float:
    given = environment.get(name, "").strip()
    if not given:
        return 0.0
    try:
        price = float(given)
    except ValueError:
        price = math.nan
    if not math.isfinite(price) or price < 0:
        raise InputError(name, given, "the price of a million tokens, 0 or more, such as 0.15")
    return price


@dataclass(slots=True)
class _Sums:
    """One side's expense while it grows; thousands of subtasks add to it."""

    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_seconds: float = 0.0
    untold_calls: int = 0

    def add(self, data: Mapping[str, object]) -> None:
        """Add what an event tells; events of older versions tell less."""
        calls = _count(data, "model_calls")
        prompt, completion = _count(data, "prompt_tokens"), _count(data, "completion_tokens")
        seconds = data.get("model_seconds")
        self.model_calls += calls
        self.prompt_tokens += prompt
        self.completion_tokens += completion
        self.model_seconds += seconds if isinstance(seconds, int | float) else 0.0
        if not prompt and not completion:
            self.untold_calls += calls

    @property
    def expense(self) -> Expense:
        return Expense(
            model_calls=self.model_calls,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            model_seconds=round(self.model_seconds, 3),
            untold_calls=self.untold_calls,
        )


@dataclass(slots=True)
class AccountBook:
    """Adds up what one goal costs, event by event.

    Attributes:
        at: when it was written into last, Unix seconds.
    """

    at: float | None = None
    planner: _Sums = field(default_factory=_Sums)
    devices: _Sums = field(default_factory=_Sums)
    seconds: dict[str, float] = field(default_factory=dict)
    _is_planned: bool = False
    _is_paused: bool = False
    _open: set[str] = field(default_factory=set)
    _questions: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Take in the next event of the goal."""
        if self.at is not None:
            phase = self._phase
            self.seconds[phase] = self.seconds.get(phase, 0.0) + max(0.0, event.at - self.at)
        self.at = event.at if self.at is None else max(self.at, event.at)
        data = event.data
        match event.kind:
            case EventKind.GOAL_PLANNED:
                self._is_planned = True
                self.planner.add(data)
            case EventKind.SUBTASK_ASSIGNED:
                self._open.add(data["subtask_id"])
            case EventKind.SUBTASK_ENDED:
                self._open.discard(data.get("subtask_id") or "")
                self.devices.add(data)
            case EventKind.APPROVAL_REQUESTED:
                self._questions.add(data["approval_id"])
            case EventKind.APPROVAL_ENDED:
                self._questions.discard(data["approval_id"])
            case EventKind.OPERATOR if data["what"] == "goal":
                self._is_paused = data["did"] == "paused"
            case _:
                pass

    @property
    def account(self) -> Account:
        """What it comes to, without money."""
        seconds = GoalTimes(**{phase: round(spent, 3) for phase, spent in self.seconds.items()})
        return Account(planner=self.planner.expense, devices=self.devices.expense, seconds=seconds)

    @property
    def _phase(self) -> str:
        if self._questions or self._is_paused:
            return "people"
        if self._open:
            return "devices"
        return "waiting" if self._is_planned else "planning"


def _count(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0
