"""What notifications need of strangers: somebody who brings one message to one device and says what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.identity.rules import Platform, PushKind
from services.notifications.rules import Priority


@dataclass(frozen=True, slots=True)
class PushAddress:
    """Where a device is reached: an FCM registration token or a Firebase installation id."""

    kind: PushKind
    token: str
    platform: Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveActivity:
    """What an iOS Live Activity shows, told beside the app's own address; `urgent` are stages, the rest are moves of a time."""

    token: str
    content: Mapping[str, str]
    at: datetime
    stale_at: datetime
    urgent: bool
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMessage:
    """One notification for one device.

    What bears the same `collapse_key` is replaced on the screen; `collapsed`: also while the device cannot be reached.
    """

    id: UUID
    address: PushAddress
    title: str
    body: str
    data: Mapping[str, str]
    priority: Priority
    collapse_key: str
    collapsed: bool
    lasts_for: timedelta
    sent_at: datetime
    live_activity: LiveActivity | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken the message and calls it so."""

    ref: str


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Not now; `after` seconds at the earliest, or None where the provider did not say."""

    after: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Unregistered:
    """There is no such device any more, or it belongs to another project's app."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Trying again would not help; `alert`: somebody must look at it."""

    reason: str
    alert: bool


Outcome = Sent | RetryLater | Unregistered | Refused


class PushSender(Protocol):
    async def send(self, message: PushMessage) -> Outcome:
        """Bring one message to its device, within 10 s or not at all. Failure is an answer, not an error."""
        ...

    async def close(self) -> None:
        """Let go of connections; the process ends."""
        ...


class HasPush(Protocol):
    """The ports of the house, as far as notifications see them."""

    @property
    def push(self) -> PushSender: ...
