"""Facts about editions; that one was published is told by MenuReplaced."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.editions.queries import editions_topic
from services.stores.events import StoreEvent


@dataclass(frozen=True, kw_only=True)
class EditionEvent(StoreEvent):
    """A fact that changes nothing of what the store sells: only those who edit are told."""

    edition_id: UUID

    @property
    def topics(self) -> tuple[str, ...]:
        return (editions_topic(self.store_id),)


@dataclass(frozen=True, kw_only=True)
class MenuDraftBegun(EditionEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class MenuDraftDiscarded(EditionEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class MenuPublicationScheduled(EditionEvent):
    publish_at: datetime


@dataclass(frozen=True, kw_only=True)
class MenuPublicationCalledOff(EditionEvent):
    """`fault` says why where the menu could not stand any more when its time had come."""

    fault: str | None
