"""Money: integers in the currency's minor unit, one rounding rule, and shares that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.numbers import get_currency_precision


class CurrenciesDiffer(ValueError):
    """Two amounts of different currencies were put together."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in minor units (cents for EUR) of an ISO 4217 `currency`."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.amount - other.amount, self.currency)

    def decimal(self) -> Decimal:
        """The amount in major units with the currency's own number of digits: 1205 EUR is 12.05, 1205 JPY is 1205."""
        return Decimal(self.amount).scaleb(-precision(self.currency))

    def _must_match(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency}")


@lru_cache
def precision(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency, from CLDR."""
    return get_currency_precision(currency)


def half_even(amount: Fraction | Decimal | int) -> int:
    """The one rounding rule of the house: to the nearest minor unit, ties to the even one."""
    return amount if isinstance(amount, int) else round(Fraction(amount))


def percent(amount: int, basis_points: int) -> int:
    """`basis_points` hundredths of a percent of `amount`, rounded half even."""
    return half_even(Fraction(amount * basis_points, 10_000))


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` by `weights` so that the parts add up to it exactly (largest remainder; ties to the earlier part).

    All weights zero: equal parts. Raises ValueError for no or negative weights.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given and not negative")
    parts = list(weights) if sum(weights) else [1] * len(weights)
    whole = sum(parts)
    floors = [amount * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(amount * parts[place] % whole), place))
    for place in by_remainder[: amount - sum(floors)]:
        floors[place] += 1
    return floors
