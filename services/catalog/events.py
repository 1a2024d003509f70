"""Facts about what stores sell."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.stores.events import StoreEvent


@dataclass(frozen=True, kw_only=True)
class MenuReplaced(StoreEvent):
    items: int
    items_removed: int


@dataclass(frozen=True, kw_only=True)
class ItemMarkedOut(StoreEvent):
    """`until` is None where it lasts until somebody says otherwise."""

    item_id: UUID
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ItemMarkedBack(StoreEvent):
    item_id: UUID
