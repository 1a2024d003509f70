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


@dataclass(frozen=True, kw_only=True)
class StaffInvited(StoreEvent):
    """Somebody was asked to work for the store; whose number it is stands with the invitation alone."""

    invitation_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class StoreWentLive(StoreEvent):
    """The store is shown and sells."""


@dataclass(frozen=True, kw_only=True)
class StoreDescribed(StoreEvent):
    """The store says something else of itself."""


@dataclass(frozen=True, kw_only=True)
class StoreBusy(StoreEvent):
    extra_minutes: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class StoreNotBusy(StoreEvent):
    busy_until: datetime


@dataclass(frozen=True, kw_only=True)
class StoreOrderTakingChanged(StoreEvent):
    """Orders are taken on otherwise: by themselves or not, after so long, so many of them."""


@dataclass(frozen=True, kw_only=True)
class StoreDeliveryChanged(StoreEvent):
    """Goods are brought to other places, or from another amount on."""


@dataclass(frozen=True, kw_only=True)
class StoreDeliveryFeesChanged(StoreEvent):
    """Bringing goods costs something else; both as they are kept, empty for the house's."""

    fees: str
    before: str
