"""The money of a purchase as agents see it: what was taken and given back, the way to pay by its kind alone."""

from datetime import datetime
from typing import Any, Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.orders import LiableParty, PaymentState
from services.cases.rules import mask_method
from services.payments.queries import Capture, Payment, Refund
from services.payments.rules import MovementState

strawberry.enum(MovementState, description="Whether money has moved at the card network.")


@strawberry.type(description="What was taken for one order.")
class SupportCapture:
    order_id: strawberry.ID
    amount: Money
    state: MovementState
    failure: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, capture: Capture, currency: str) -> Self:
        return cls(
            order_id=opaque("SupportOrder", capture.order_id),
            amount=Money.minor(capture.amount, currency),
            state=capture.state,
            failure=capture.failure,
            created_at=capture.created_at,
            finished_at=capture.finished_at,
        )


@strawberry.type(description="What was given back of what was taken.")
class SupportRefund:
    order_id: strawberry.ID | None
    amount: Money
    reason: str
    liable_party: LiableParty
    state: MovementState
    failure: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, refund: Refund, currency: str) -> Self:
        return cls(
            order_id=opaque("SupportOrder", refund.order_id) if refund.order_id else None,
            amount=Money.minor(refund.amount, currency),
            reason=refund.reason,
            liable_party=refund.liable_party,
            state=refund.state,
            failure=refund.failure,
            created_at=refund.created_at,
            finished_at=refund.finished_at,
        )


@strawberry.type(description="How a purchase is paid.")
class SupportPayment:
    state: PaymentState
    method: str = strawberry.field(description="The kind of the way to pay; the rest is masked.")
    amount: Money = strawberry.field(description="What was agreed at checkout.")
    captured: Money
    released: Money = strawberry.field(description="What was held and will never be taken.")
    refunded: Money
    failure: str | None
    created_at: datetime
    captures: list[SupportCapture]
    refunds: list[SupportRefund]

    @classmethod
    def of(cls, payment: Payment, captures: list[Capture], refunds: list[Refund]) -> Self:
        names = ("amount", "captured", "released", "refunded")
        money: dict[str, Any] = {name: Money.minor(getattr(payment, name), payment.currency) for name in names}
        return cls(
            state=payment.state,
            method=mask_method(payment.method),
            failure=payment.failure,
            created_at=payment.created_at,
            captures=[SupportCapture.of(capture, payment.currency) for capture in captures],
            refunds=[SupportRefund.of(refund, payment.currency) for refund in refunds],
            **money,
        )
