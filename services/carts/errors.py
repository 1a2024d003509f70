"""Refusals about carts and quotes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.kernel.errors import Refusal


class QuantityNotAllowed(Refusal):
    """A line holds from 1 to `most` pieces."""

    def __init__(self, quantity: int, most: int) -> None:
        super().__init__(f"A line holds 1 to {most} pieces.")
        self.quantity = quantity
        self.most = most


class CartFull(Refusal):
    """A cart holds so many lines and no more."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A cart holds at most {most} lines.")
        self.most = most


class TipNotAllowed(Refusal):
    """A tip is not negative and has an upper bound."""

    def __init__(self, most: int, currency: str) -> None:
        super().__init__("A tip is not negative, and not beyond the upper bound.")
        self.most = most
        self.currency = currency


class CurrencyNotAllowed(Refusal):
    """All goods of a cart are in one currency."""

    def __init__(self, currency: str, expected: str) -> None:
        super().__init__("All goods of a cart are in one currency.")
        self.currency = currency
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Shortage:
    """What cannot be had: `left` pieces remain, None where the item itself is not for sale now."""

    item_id: UUID
    name: str
    left: int | None


class ItemNotAvailable(Refusal):
    """Some goods are sold out, not for sale now, or fewer than wanted."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("Some goods cannot be had now.")
        self.shortages = tuple(shortages)


class CartEmpty(Refusal):
    """There is nothing to price."""

    def __init__(self) -> None:
        super().__init__("The cart is empty.")


class AddressMissing(Refusal):
    """Nobody said where to deliver."""

    def __init__(self) -> None:
        super().__init__("The cart has no address yet.")


class StoreClosed(Refusal):
    """A store takes no orders now; `opens_at` is when it will, if anybody knows."""

    def __init__(self, store_id: UUID, name: str, opens_at: datetime | None) -> None:
        super().__init__("A store of this cart takes no orders now.")
        self.store_id = store_id
        self.name = name
        self.opens_at = opens_at


class AddressOutOfReach(Refusal):
    """A store does not deliver to the address: it lies beyond its circle, or outside the area that the store has drawn."""

    def __init__(self, store_id: UUID, name: str, reach_m: int, distance_m: int, *, area_is_drawn: bool) -> None:
        super().__init__("A store of this cart does not deliver to the address.")
        self.store_id = store_id
        self.name = name
        self.reach_m = reach_m
        self.distance_m = distance_m
        self.area_is_drawn = area_is_drawn


class BasketBelowMinimum(Refusal):
    """A store asks for more goods before it fills a basket."""

    def __init__(self, store_id: UUID, name: str, goods: int, minimum: int, currency: str) -> None:
        super().__init__("A basket is below the minimum of its store.")
        self.store_id = store_id
        self.name = name
        self.goods = goods
        self.minimum = minimum
        self.currency = currency


class QuoteExpired(Refusal):
    """The quote is no longer good: its time is over or it was used. A new one may be asked for."""

    def __init__(self, expired_at: datetime) -> None:
        super().__init__("This quote is no longer good; ask for a new one.")
        self.expired_at = expired_at


class QuoteNotGenuine(QuoteExpired):
    """The quote in the database is not the one that was signed. To the app it is a quote that is no longer good."""


class ChangeKind(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    QUANTITY = "QUANTITY"
    PRICE = "PRICE"


@dataclass(frozen=True, slots=True)
class LineChange:
    """How a line differs from the quote; amounts are line totals in minor units, None where the line is not there."""

    line_id: UUID
    item_id: UUID
    name: str
    kind: ChangeKind
    quoted: int | None
    present: int | None


class QuoteOutdated(Refusal):
    """The cart or its prices changed since the quote; no lines are named where only a fee, a tip or the address did."""

    def __init__(self, changes: Sequence[LineChange], *, quoted_total: int, present_total: int, currency: str) -> None:
        super().__init__("The cart or its prices changed since this quote.")
        self.changes = tuple(changes)
        self.quoted_total = quoted_total
        self.present_total = present_total
        self.currency = currency
