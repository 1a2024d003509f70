"""The quote: a priced cart, frozen and signed, from which checkout makes the purchase."""

import hashlib
import hmac
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
from pydantic import Field, TypeAdapter

from services.kernel.places import Address
from services.pricing.rules import PricedBasket, PricedCart, PricedLine, TaxPart

_Fact = TypeVar("_Fact")
# What few lines have is left out of the text that is signed, so that quotes made before it was known stay good.
Unsaid = Annotated[_Fact, Field(exclude_if=lambda fact: not fact)]
# The same where nothing at all is a fact of its own.
UnsaidNone = Annotated[_Fact, Field(exclude_if=lambda fact: fact is None)]


@dataclass(frozen=True, slots=True)
class QuotedOption:
    id: UUID
    name: str
    price: int


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line with all that an order and its receipt say of it."""

    line_id: UUID
    item_id: UUID
    gtin: str | None
    name: str
    note: str
    tax_class: str
    options: tuple[QuotedOption, ...]
    unit_price: int
    quantity: int
    total: int
    tax: int
    tax_bps: int
    grams: Unsaid[int | None] = None
    most_per_day: Unsaid[int | None] = None
    tax_parts: Unsaid[tuple[TaxPart, ...]] = ()

    @property
    def priced(self) -> PricedLine:
        return PricedLine(self.line_id, self.unit_price, self.quantity, self.total, self.tax, self.tax_bps, self.tax_parts)


@dataclass(frozen=True, slots=True)
class QuotedBasket:
    """One store's part: its goods, its own fee, and its share of the purchase's fees and tip."""

    store_id: UUID
    store_name: str
    distance_m: int
    preparation_minutes: int
    travel_seconds: int
    fee_tax_bps: int
    lines: tuple[QuotedLine, ...]
    small_basket_fee: int
    delivery_fee: int
    service_fee: int
    tip: int
    own_delivery_fee: UnsaidNone[int | None] = None

    @property
    def priced(self) -> PricedBasket:
        """The same as the rules of pricing know it."""
        lines = tuple(line.priced for line in self.lines)
        own = {name: getattr(self, name) for name in _OF_PRICES}
        return PricedBasket(lines=lines, **own)

    @property
    def goods(self) -> int:
        return self.priced.goods

    @property
    def fees(self) -> int:
        return self.priced.fees

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        return self.priced.taxes

    @property
    def tax(self) -> int:
        return self.priced.tax

    @property
    def total(self) -> int:
        return self.priced.total


_OF_PRICES = [field.name for field in fields(PricedBasket) if field.name != "lines"]


@dataclass(frozen=True, slots=True)
class Prices:
    """What of a quote is kept as one JSON value."""

    currency: str
    baskets: tuple[QuotedBasket, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What was promised to a consumer: these goods at these prices to this door within this window, until `expires_at`."""

    id: UUID
    cart_id: UUID
    consumer_id: UUID
    cart_version: int
    address: Address
    prices: Prices
    promised_from: datetime
    promised_until: datetime
    created_at: datetime
    expires_at: datetime

    @property
    def currency(self) -> str:
        return self.prices.currency

    @property
    def baskets(self) -> tuple[QuotedBasket, ...]:
        return self.prices.baskets

    @property
    def priced(self) -> PricedCart:
        """The whole purchase as the rules of pricing know it: its totals, and what it costs when a store falls away."""
        return PricedCart(tuple(basket.priced for basket in self.baskets), self.currency)


TakenQuote = Quote
_quote: TypeAdapter[Quote] = TypeAdapter(Quote)


def plain(quote: Quote) -> dict[str, Any]:
    """The quote as JSON values."""
    values: dict[str, Any] = _quote.dump_python(quote, mode="json")
    return values


def read(values: dict[str, Any]) -> Quote:
    """A quote out of its columns."""
    return _quote.validate_python(values)


def sign(quote: Quote, key: str) -> str:
    """HMAC-SHA256 over the quote's canonical text: every field, keys sorted, times in UTC."""
    canonical = orjson.dumps(plain(quote), option=orjson.OPT_SORT_KEYS)
    return hmac.new(key.encode(), b"pannier quote 1\n" + canonical, hashlib.sha256).hexdigest()


def is_genuine(quote: Quote, signature: str, key: str) -> bool:
    """Whether the quote is, to the last field, what was signed."""
    return hmac.compare_digest(sign(quote, key), signature)
