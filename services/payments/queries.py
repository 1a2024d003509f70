"""Reads of payments: the payment of a purchase with its captures and refunds, and what waits for the provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.kernel.actors import Consumer
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.gathering import GatheredRead
from services.payments.rules import LiableParty, MovementState, PaymentState, Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment as it is written; see PaymentRow for what each sum means."""

    id: UUID
    purchase_id: UUID
    consumer_id: UUID
    amount: int
    capturing: int
    captured: int
    released: int
    refunding: int
    refunded: int
    currency: str
    state: PaymentState
    method: str
    provider_ref: str | None
    many_captures: bool | None
    next_action: dict[str, Any] | None
    failure: str | None
    created_at: datetime
    asked_at: datetime | None
    looked_up_at: datetime | None
    closed_at: datetime | None

    @property
    def free(self) -> int:
        """What is authorised and neither asked for nor released."""
        return self.amount - self.capturing - self.released

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(**dict(record) | {"state": PaymentState(record["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    id: UUID
    payment_id: UUID
    order_id: UUID
    amount: int
    split: Split
    state: MovementState
    provider_ref: str | None
    failure: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(**dict(record) | {"state": MovementState(record["state"]), "split": Split.read(record["split"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: UUID
    payment_id: UUID
    order_id: UUID | None
    amount: int
    reason: str
    liable_party: LiableParty
    state: MovementState
    provider_ref: str | None
    failure: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, record: Row) -> Self:
        known = {"state": MovementState(record["state"]), "liable_party": LiableParty(record["liable_party"])}
        return cls(**dict(record) | known)


async def payment(payment_id: UUID) -> Payment:
    """Raises NotFound."""
    return _found(await row("SELECT * FROM payments WHERE id = $1", payment_id))


async def payment_of_purchase(purchase_id: UUID) -> Payment:
    """Raises NotFound."""
    return _found(await row("SELECT * FROM payments WHERE purchase_id = $1", purchase_id))


async def payment_of_consumer(consumer: Consumer, purchase_id: UUID) -> Payment:
    """The consumer's own payment. Raises NotFound."""
    own = "SELECT * FROM payments WHERE purchase_id = $1 AND consumer_id = $2"
    return _found(await row(own, purchase_id, consumer.person_id))


async def payments_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, Payment]:
    """The payments by purchase, of those purchases that have one."""
    found = await _payments.rows_of(purchase_ids)
    return {purchase_id: Payment.of(several[0]) for purchase_id, several in found.items() if several}


_payments = GatheredRead("SELECT * FROM payments WHERE purchase_id = ANY($1::uuid[])", by="purchase_id")


async def refunds_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[Refund]]:
    """The refunds by purchase, oldest first; every purchase asked for has its list."""
    found = await rows(
        "SELECT p.purchase_id, r.* FROM refunds r JOIN payments p ON p.id = r.payment_id"
        " WHERE p.purchase_id = ANY($1::uuid[]) ORDER BY r.created_at, r.id",
        list(purchase_ids),
    )
    by_purchase: dict[UUID, list[Refund]] = {purchase_id: [] for purchase_id in purchase_ids}
    for record in found:
        values: dict[str, Any] = dict(record)
        by_purchase[values.pop("purchase_id")].append(Refund.of(values))
    return by_purchase


async def captures_of(payment_id: UUID) -> list[Capture]:
    """Every capture of a payment, oldest first."""
    found = await rows("SELECT * FROM captures WHERE payment_id = $1 ORDER BY created_at, id", payment_id)
    return [Capture.of(record) for record in found]


async def refunds_of(payment_id: UUID) -> list[Refund]:
    """Every refund of a payment, oldest first."""
    found = await rows("SELECT * FROM refunds WHERE payment_id = $1 ORDER BY created_at, id", payment_id)
    return [Refund.of(record) for record in found]


async def capture_of_order(order_id: UUID) -> Capture | None:
    """What was or will be taken for an order, unless the provider refused it."""
    found = await row("SELECT * FROM captures WHERE order_id = $1", order_id)
    return Capture.of(found) if found else None


async def refunded_of_order(order_id: UUID) -> int:
    """How much of an order's money was or will be given back."""
    given_back = "SELECT coalesce(sum(amount), 0)::bigint AS amount FROM refunds WHERE order_id = $1 AND state <> 'FAILED'"
    found = await row(given_back, order_id)
    return int(found["amount"]) if found else 0


async def lock_payment(purchase_id: UUID) -> Payment:
    """The payment of a purchase, locked until the end of the transaction. Raises NotFound."""
    return _found(await row("SELECT * FROM payments WHERE purchase_id = $1 FOR NO KEY UPDATE", purchase_id))


async def lock_payment_by_id(payment_id: UUID) -> Payment:
    """The payment, locked until the end of the transaction. Raises NotFound."""
    return _found(await row("SELECT * FROM payments WHERE id = $1 FOR NO KEY UPDATE", payment_id))


async def lock_payment_of_provider(provider_ref: str | None, key: UUID | None) -> Payment | None:
    """The payment that a provider speaks of, locked; by our key where its name for it is not yet written down here."""
    found = await row("SELECT * FROM payments WHERE provider_ref = $1 OR id = $2 FOR NO KEY UPDATE", provider_ref, key)
    return Payment.of(found) if found else None


def _found(record: Row | None) -> Payment:
    if record is None:
        raise NotFound("There is no such payment.")
    return Payment.of(record)
