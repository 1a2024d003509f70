"""Deadlines that have passed: which purchase a sweeper takes up next."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

from services.kernel.database import row


class Overdue(Enum):
    """The deadlines that a sweeper keeps."""

    ANSWER = "ANSWER"
    PAYMENT = "PAYMENT"
    RELEASE = "RELEASE"
    SETTLEMENT = "SETTLEMENT"


async def claim_overdue(what: Overdue, at: datetime, passed_over: Sequence[UUID]) -> UUID | None:
    """Hold a purchase with an order whose deadline has passed; those that others hold are theirs. None when none is left."""
    found = await row(_OVERDUE[what], at, list(passed_over))
    return found["id"] if found else None


_CLAIM = (
    "SELECT p.id FROM orders o JOIN purchases p ON p.id = o.purchase_id WHERE {due} AND NOT p.id = ANY($2::uuid[])"
    " ORDER BY {deadline} LIMIT 1 FOR NO KEY UPDATE OF p SKIP LOCKED"
)
_OVERDUE = {
    Overdue.ANSWER: _CLAIM.format(due="o.stage = 'PLACED' AND o.accept_by < $1", deadline="o.accept_by"),
    Overdue.PAYMENT: _CLAIM.format(due="o.stage = 'PENDING_PAYMENT' AND p.pay_by < $1", deadline="p.pay_by"),
    Overdue.RELEASE: _CLAIM.format(due="o.stage = 'SCHEDULED' AND o.release_at <= $1", deadline="o.release_at"),
    Overdue.SETTLEMENT: _CLAIM.format(
        due="o.stage IN ('DELIVERED', 'RETURNED', 'DISPOSED') AND o.settle_after <= $1", deadline="o.settle_after"
    ),
}
