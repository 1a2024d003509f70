"""What happened to the money of a purchase; all of it is told in the purchase's stream."""

from dataclasses import dataclass
from uuid import UUID

from services.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    """What every event about a payment says."""

    purchase_id: UUID
    payment_id: UUID

    @property
    def stream(self) -> UUID:
        return self.purchase_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"purchase:{self.purchase_id}",)


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorised(PaymentEvent):
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(PaymentEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsConfirmation(PaymentEvent):
    """What the app has to do stands in the payment: it may hold a secret, which no event carries."""


@dataclass(frozen=True, kw_only=True)
class PaymentVoided(PaymentEvent):
    """Nothing was taken and nothing will be."""

    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class UnwantedHoldFound(PaymentEvent):
    """The provider holds money for a payment that has ended without it."""


@dataclass(frozen=True, kw_only=True)
class MoneyReleased(PaymentEvent):
    """A held part will not be taken; `order_id` None: what was left over at the end."""

    order_id: UUID | None
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaptureRequested(PaymentEvent):
    capture_id: UUID
    order_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class OrderMoneyCaptured(PaymentEvent):
    capture_id: UUID
    order_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CaptureFailed(PaymentEvent):
    """The provider refused to pay what it had authorised; somebody must look at it."""

    capture_id: UUID
    order_id: UUID
    amount: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundRequested(PaymentEvent):
    refund_id: UUID
    order_id: UUID | None
    amount: int
    currency: str
    reason: str
    liable_party: str


@dataclass(frozen=True, kw_only=True)
class RefundMade(PaymentEvent):
    refund_id: UUID
    order_id: UUID | None
    amount: int
    currency: str
    reason: str
    liable_party: str


@dataclass(frozen=True, kw_only=True)
class RefundFailed(PaymentEvent):
    """The provider refused to give money back; somebody must look at it."""

    refund_id: UUID
    amount: int
    reason: str
