"""Rows of payments: the payment of a purchase, its captures and refunds, what the provider told us, and the ledger."""

from tortoise import fields
from tortoise.models import Model

from services.payments.accounts import AccountKind
from services.payments.rules import LiableParty, MovementState, PaymentState


class PaymentRow(Model):
    """What a purchase costs and how far it is paid.

    `capturing` and `refunding` are what was asked for and not refused, `captured` and `refunded` what the provider has done;
    `released` is the held part that will never be taken. `many_captures` is whether parts can be taken one after the other,
    unknown until the provider tells. `closed_at` is when the provider held nothing any more.
    """

    id = fields.UUIDField(primary_key=True)
    purchase_id = fields.UUIDField()
    consumer_id = fields.UUIDField()
    amount = fields.BigIntField()
    capturing = fields.BigIntField()
    captured = fields.BigIntField()
    released = fields.BigIntField()
    refunding = fields.BigIntField()
    refunded = fields.BigIntField()
    currency = fields.TextField()
    state = fields.CharEnumField(PaymentState)
    method = fields.TextField()
    provider_ref: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    many_captures = fields.BooleanField(null=True)
    next_action: fields.Field[object] = fields.JSONField(null=True)
    failure: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    created_at = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)
    looked_up_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments"


class CaptureRow(Model):
    """The part of a payment that one order took at its hand-over, and who earns what of it."""

    id = fields.UUIDField(primary_key=True)
    payment_id = fields.UUIDField()
    order_id = fields.UUIDField()
    amount = fields.BigIntField()
    split: fields.Field[object] = fields.JSONField()
    state = fields.CharEnumField(MovementState)
    provider_ref: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    failure: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "captures"


class RefundRow(Model):
    """Money given back after it was taken, why, and who bears it."""

    id = fields.UUIDField(primary_key=True)
    payment_id = fields.UUIDField()
    order_id = fields.UUIDField(null=True)
    amount = fields.BigIntField()
    reason = fields.TextField()
    liable_party = fields.CharEnumField(LiableParty)
    state = fields.CharEnumField(MovementState)
    provider_ref: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    failure: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refunds"


class ProviderEventRow(Model):
    """A webhook as it was received, once by the provider's own id; without what it says about the person or the card."""

    id = fields.CharField(max_length=255, primary_key=True)
    kind = fields.TextField()
    payload: fields.Field[object] = fields.JSONField()
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "provider_events"


class LedgerAccountRow(Model):
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(AccountKind)
    owner_id = fields.UUIDField(null=True)
    currency = fields.TextField()

    class Meta:
        table = "ledger_accounts"


class LedgerTransactionRow(Model):
    """A fact about money; its entries sum to zero."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    reference = fields.UUIDField()
    purchase_id = fields.UUIDField(null=True)
    posted_at = fields.DatetimeField()

    class Meta:
        table = "ledger_transactions"
