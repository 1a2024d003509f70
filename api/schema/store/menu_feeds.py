"""Feeds of stock and prices, as a store's own system sends them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from api.schema.shared.money import whole_minor
from api.schema.shared.problems import Problem
from services.catalog.imports.errors import FeedTooLong
from services.catalog.imports.feeds import HIGHEST_VERSION, FeedOutcome, FeedReport, FeedRow
from services.kernel.errors import BadInput

strawberry.enum(FeedOutcome, name="FeedOutcome", description="What became of a row of a feed.")
_NOT_ALLOWED = -1


@strawberry.input(description="So many of one item are on the shelf.")
class StockRowInput:
    ref: str = strawberry.field(default="", description="The store's own key of the item.")
    gtin: str = strawberry.field(default="", description="Its barcode, where no reference is said.")
    stock: int = strawberry.field(description="All that stand there; what orders hold is taken off.")
    version: Decimal = strawberry.field(
        description="A whole number that rises with every change, such as a time in milliseconds: the highest counts."
    )


@strawberry.input(description="One item costs so much.")
class PriceRowInput:
    ref: str = strawberry.field(default="", description="The store's own key of the item.")
    gtin: str = strawberry.field(default="", description="Its barcode, where no reference is said.")
    price: Decimal
    version: Decimal = strawberry.field(
        description="A whole number that rises with every change, such as a time in milliseconds: the highest counts."
    )


@strawberry.input(description="Counts of stock, at most 5,000 rows.")
class FeedStockInput:
    rows: list[StockRowInput]

    def read(self) -> list[FeedRow]:
        return [FeedRow(_version(row.version), row.stock, row.ref, row.gtin) for row in self.rows]


@strawberry.input(description="Prices, at most 5,000 rows.")
class FeedPricesInput:
    currency: str = strawberry.field(description="The store's currency, as a check: ISO 4217.")
    rows: list[PriceRowInput]

    def read(self, currency: str) -> list[FeedRow]:
        """The rows in minor units; one of smaller parts is that row's alone. Raises BadInput for another currency."""
        if self.currency != currency:
            raise BadInput(f"The currency here is {currency}.", field="price")
        return [FeedRow(_version(row.version), _price(row.price, currency), row.ref, row.gtin) for row in self.rows]


def _price(said: Decimal, currency: str) -> int:
    minor = whole_minor(said, currency)
    return _NOT_ALLOWED if minor is None else minor


def _version(said: Decimal) -> int:
    return int(said) if said == said.to_integral_value() and 0 <= said <= HIGHEST_VERSION else _NOT_ALLOWED


@strawberry.type(description="A row of a feed that was not taken as it stands.")
class FeedRowLeft:
    place: int = strawberry.field(description="Its place among the rows sent, counted from 0.")
    ref: str
    gtin: str
    outcome: FeedOutcome


@strawberry.type(description="What became of a feed's rows.")
class FeedAnswer:
    taken: int
    repeated: int = strawberry.field(description="Versions that were told before in the same words.")
    left: list[FeedRowLeft] = strawberry.field(description="The rows that were neither.")

    @classmethod
    def of(cls, report: FeedReport, sent: Sequence[FeedRow]) -> Self:
        settled = (FeedOutcome.TAKEN, FeedOutcome.REPEATED)
        left = [
            FeedRowLeft(place=place, ref=sent[place].ref, gtin=sent[place].gtin, outcome=outcome)
            for place, outcome in enumerate(report.outcomes)
            if outcome not in settled
        ]
        return cls(taken=report.count(FeedOutcome.TAKEN), repeated=report.count(FeedOutcome.REPEATED), left=left)


@strawberry.type(description="The counts are known.")
class FeedStockSuccess:
    feed: FeedAnswer


@strawberry.type(description="The prices are known.")
class FeedPricesSuccess:
    feed: FeedAnswer


@strawberry.type(description="More rows than fit one call; none was taken.")
class FeedTooLongProblem(Problem):
    allowed: int
    found: int

    @classmethod
    def of(cls, refusal: FeedTooLong) -> Self:
        return cls(message=str(refusal), allowed=refusal.allowed, found=refusal.found)


FeedStockResult = Annotated[
    FeedStockSuccess | FeedTooLongProblem,
    strawberry.union("FeedStockResult", description="What became of the rows, or why none was taken."),
]
FeedPricesResult = Annotated[
    FeedPricesSuccess | FeedTooLongProblem,
    strawberry.union("FeedPricesResult", description="What became of the rows, or why none was taken."),
]
