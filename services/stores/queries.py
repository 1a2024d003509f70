"""Stores as they are read: cards by id, and rows locked for a change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from uuid import UUID

from services.kernel import clock
from services.kernel.database import Row, rows
from services.kernel.errors import NotFound
from services.kernel.gathering import GatheredRead
from services.stores import rules


@dataclass(frozen=True)
class StoreCard:
    """A store as it stood at `read_at`, with the legal name of the partner whose goods these are.

    What is said of its hours is found out when it is first asked for: a card may be shown many times.
    """

    id: UUID
    partner_id: UUID
    source_ref: str | None
    kind: str
    name: str
    slug: str
    category: str
    cuisines: list[str]
    latitude: float
    longitude: float
    street: str
    housenumber: str
    postcode: str
    city: str
    country: str
    time_zone: str
    currency: str
    opening_hours: str
    hours_assumed: bool
    preparation_minutes: int
    delivery_radius_m: int
    minimum_basket: int
    prices_include_tax: bool
    auto_accept: bool
    state: str
    paused_until: datetime | None
    pause_reason: str | None
    expiries_in_row: int
    version: int
    created_at: datetime
    busy_minutes: int
    busy_until: datetime | None
    last_order_minutes: int | None
    preparation_windows: str
    capacity_orders: int | None
    capacity_value: int | None
    delivery_area: list[float] | None
    delivery_fees: str
    partner_name: str
    read_at: datetime

    def __hash__(self) -> int:
        return hash((self.id, self.version, self.read_at))

    @cached_property
    def is_open(self) -> bool:
        """Whether the doors are open at the time asked for."""
        return rules.is_open(self, self.read_at)

    @cached_property
    def takes_orders(self) -> bool:
        """Whether one may order at the time asked for."""
        return rules.takes_orders(self, self.read_at)

    @cached_property
    def opens_at(self) -> datetime | None:
        """When one may order again; None while one may, and when nobody can tell."""
        return None if self.takes_orders else rules.takes_orders_from(self, self.read_at)

    @cached_property
    def same_until(self) -> datetime:
        """Until when the store, unless it is changed, tells the same."""
        return rules.same_until(self)

    @cached_property
    def id_text(self) -> str:
        """The id, spelled out."""
        return str(self.id)


_OWN = [field.name for field in fields(StoreCard)][:-2]
_COLUMNS = ", ".join(f"s.{name}" for name in _OWN) + ", p.legal_name"


async def store_cards(ids: Sequence[UUID], *, at: datetime | None = None) -> list[StoreCard]:
    """The stores with these ids, in the order asked; those that do not exist are left out."""
    found = await _cards.rows_of(ids)
    return [_card(found[store_id][0], at or clock.now()) for store_id in ids if found[store_id]]


_cards = GatheredRead(f"SELECT {_COLUMNS} FROM stores s JOIN partners p ON p.id = s.partner_id WHERE s.id = ANY($1)", by="id")  # noqa: S608


async def store(store_id: UUID, *, at: datetime | None = None) -> StoreCard:
    """One store, whatever its state. Raises NotFound."""
    return _only(await store_cards([store_id], at=at))


async def live_store(store_id: UUID, *, at: datetime | None = None) -> StoreCard:
    """One store as a consumer may see it: live. Raises NotFound for drafts and for what has closed down."""
    card = await store(store_id, at=at)
    if card.state != "LIVE":
        raise NotFound("There is no such store.")
    return card


async def currency_of(store_id: UUID) -> str:
    """In which money a store sells. Raises NotFound."""
    return (await store(store_id)).currency


async def lock_store(store_id: UUID) -> StoreCard:
    """One store, held for a change until the transaction ends. Raises NotFound."""
    return _only(await lock_stores([store_id]))


async def lock_stores(ids: Collection[UUID]) -> list[StoreCard]:
    """Several stores, locked in the order of their ids so that two callers never wait for each other in a ring."""
    found = await rows(
        f"SELECT {_COLUMNS} FROM stores s JOIN partners p ON p.id = s.partner_id"  # noqa: S608
        " WHERE s.id = ANY($1) ORDER BY s.id FOR NO KEY UPDATE OF s",
        list(ids),
    )
    return [_card(record, clock.now()) for record in found]


async def store_ids_by_source(source_refs: Collection[str]) -> dict[str, UUID]:
    """Which of these sources have become stores already."""
    found = await rows("SELECT source_ref, id FROM stores WHERE source_ref = ANY($1)", list(source_refs))
    return {record["source_ref"]: record["id"] for record in found}


def _card(record: Row, at: datetime) -> StoreCard:
    return StoreCard(*(*record, at))


def _only(cards: list[StoreCard]) -> StoreCard:
    if not cards:
        raise NotFound("There is no such store.")
    return cards[0]
