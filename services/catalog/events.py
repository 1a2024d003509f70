"""Facts about what stores sell."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.stores.events import StoreEvent


@dataclass(frozen=True, kw_only=True)
class MenuReplaced(StoreEvent):
    """A menu came on sale, as the edition of this id where it said anything new; `called_off` waited for its time till then."""

    items: int
    items_removed: int
    edition_id: UUID | None = None
    called_off: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ItemMarkedOut(StoreEvent):
    """`until` is None where it lasts until somebody says otherwise."""

    item_id: UUID
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ItemMarkedBack(StoreEvent):
    item_id: UUID


@dataclass(frozen=True, kw_only=True)
class OptionsMarkedOut(StoreEvent):
    """`until` is None where it lasts until somebody says otherwise."""

    option_ids: list[UUID]
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class OptionsMarkedBack(StoreEvent):
    option_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class StockFed(StoreEvent):
    """A feed told counts of stock: so many rows, of which so many were newer than what was known."""

    rows: int
    taken: int


@dataclass(frozen=True, kw_only=True)
class PricesFed(StoreEvent):
    """A feed told prices: so many rows, of which so many were newer than what was known."""

    rows: int
    taken: int
