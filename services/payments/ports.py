"""What payments need of strangers: a card network that authorises, captures, voids and refunds, each under our own key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from services.payments.rules import MovementState, ProviderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What the provider says about one authorisation.

    `provider_ref` is its name for it, None where it declined without making one; `key` is ours, if the provider tells it;
    `many_captures`: parts can be captured one after the other, None where it is not told; `next_action` is what the app has
    to do with the consumer; `failure` is a code, or None.
    """

    provider_ref: str | None
    status: ProviderStatus
    key: UUID | None = None
    many_captures: bool | None = None
    next_action: Mapping[str, Any] | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of a capture or a refund; REQUESTED means that the provider has not decided yet."""

    provider_ref: str
    state: MovementState = MovementState.DONE
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class RefundNews:
    """What a webhook says about one of our refunds."""

    refund_id: UUID
    movement: Movement


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A verified webhook; both parts None where it speaks of something payments do not follow."""

    id: str
    kind: str
    authorisation: Authorisation | None = None
    refund: RefundNews | None = None


class CardProvider(Protocol):
    """Every call may raise ProviderUnavailable: then the same call with the same key is safe and has one effect."""

    async def authorise(self, key: UUID, amount: int, currency: str, method: str) -> Authorisation:
        """Hold `amount`, to be captured later. A decline is an answer (FAILED), not an error."""
        ...

    async def confirm(self, provider_ref: str, answer: str) -> Authorisation:
        """Pass on the consumer's confirmation; a wrong one leaves NEEDS_CONFIRMATION or ends in FAILED."""
        ...

    async def capture(self, key: UUID, provider_ref: str, amount: int, *, final: bool) -> Movement:
        """Take `amount` of what is held; `final` lets the rest go, the same whenever the key is. Raises ProviderRefused."""
        ...

    async def void(self, key: UUID, provider_ref: str) -> None:
        """Let go whatever is still held; nothing held is fine. Raises ProviderRefused."""
        ...

    async def refund(self, key: UUID, provider_ref: str, amount: int) -> Movement:
        """Give back `amount` of what was captured. Raises ProviderRefused."""
        ...

    async def look_up(self, provider_ref: str) -> Authorisation:
        """What the provider says now."""
        ...

    async def look_up_refund(self, provider_ref: str) -> Movement:
        """What has become of a refund that was not decided at once."""
        ...

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """The event of a webhook call. Raises WebhookForged unless it is signed by the provider and fresh."""
        ...


class HasCards(Protocol):
    """The ports of the house, as far as payments see them."""

    @property
    def cards(self) -> CardProvider: ...
