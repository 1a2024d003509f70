"""Facts about stores."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class StoreEvent(Event):
    """A fact in one store's stream."""

    store_id: UUID

    @property
    def stream(self) -> UUID:
        return self.store_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"store:{self.store_id}",)


@dataclass(frozen=True, kw_only=True)
class StoreOpened(StoreEvent):
    partner_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class StoreHoursChanged(StoreEvent):
    opening_hours: str
    before: str


@dataclass(frozen=True, kw_only=True)
class StorePaused(StoreEvent):
    until: datetime
    pause_reason: str


@dataclass(frozen=True, kw_only=True)
class StoreResumed(StoreEvent):
    paused_until: datetime
