"""Money as apps see it: decimal text and a currency."""

from decimal import Decimal
from functools import lru_cache
from typing import Self

import strawberry

from services.kernel import money
from services.kernel.errors import BadInput


@strawberry.type(description="An amount of money in major units of its currency.")
class Money:
    amount: Decimal = strawberry.field(description="With as many digits after the point as the currency has.")
    currency: str = strawberry.field(description="ISO 4217, such as EUR.")

    @classmethod
    def of(cls, amount: money.Money) -> Self:
        return cls(amount=amount.decimal(), currency=amount.currency)

    @staticmethod
    @lru_cache(maxsize=16_384)
    def minor(amount: int, currency: str) -> "Money":
        """From minor units, as the core keeps them: `Money.minor(1205, "EUR")` is 12.05 EUR. Said once: nobody changes it."""
        return Money.of(money.Money(amount, currency))


@strawberry.input(description="An amount of money in major units of its currency.")
class MoneyInput:
    amount: Decimal
    currency: str

    def read(self, currency: str, field: str = "amount") -> int:
        """The amount in minor units. Raises BadInput for another currency than `currency` or for parts of a minor unit."""
        if self.currency != currency:
            raise BadInput(f"The currency here is {currency}.", field=field)
        minor = whole_minor(self.amount, currency)
        if minor is None:
            raise BadInput(f"{currency} has no smaller parts.", field=field)
        return minor


def whole_minor(amount: Decimal, currency: str) -> int | None:
    """An amount of major units in minor ones; None for parts of a minor unit."""
    minor = amount.scaleb(money.precision(currency))
    return int(minor) if minor == minor.to_integral_value() else None
