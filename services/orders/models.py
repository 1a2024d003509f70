"""Rows of purchases, orders and their lines."""

from tortoise import fields
from tortoise.models import Model

from services.orders.rules import Fulfilment, OrderStage
from services.payments.rules import LiableParty


class PurchaseRow(Model):
    """What the consumer pays once."""

    id = fields.UUIDField(primary_key=True)
    number = fields.TextField()
    consumer_id = fields.UUIDField()
    cart_id = fields.UUIDField(null=True)
    quote_id = fields.UUIDField(null=True)
    fulfilment = fields.CharEnumField(Fulfilment)
    address: fields.Field[dict[str, object]] = fields.JSONField()
    currency = fields.TextField()
    agreed_total = fields.BigIntField()
    fee_schedule: fields.Field[dict[str, object]] = fields.JSONField()
    promised_from = fields.DatetimeField()
    promised_until = fields.DatetimeField()
    pay_by = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "purchases"


class OrderRow(Model):
    """One store's part of a purchase, with a life of its own."""

    id = fields.UUIDField(primary_key=True)
    number = fields.TextField()
    purchase_id = fields.UUIDField()
    store_id = fields.UUIDField()
    stage = fields.CharEnumField(OrderStage)
    goods = fields.BigIntField()
    goods_tax = fields.BigIntField()
    small_basket_fee = fields.BigIntField()
    delivery_fee = fields.BigIntField()
    service_fee = fields.BigIntField()
    tip = fields.BigIntField()
    fee_tax_bps = fields.IntField()
    distance_m = fields.IntField()
    commission_bps = fields.IntField()
    tax = fields.BigIntField()
    total = fields.BigIntField()
    given_back = fields.BigIntField(default=0)
    preparation_minutes = fields.IntField()
    collection_code = fields.TextField()
    release_at = fields.DatetimeField(null=True)
    accept_by = fields.DatetimeField(null=True)
    ready_at = fields.DatetimeField(null=True)
    settle_after = fields.DatetimeField(null=True)
    reason: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    liable_party: LiableParty | None = fields.CharEnumField(LiableParty, null=True)  # type: ignore[assignment]  # null=True widens it
    created_at = fields.DatetimeField()
    placed_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    preparing_at = fields.DatetimeField(null=True)
    made_ready_at = fields.DatetimeField(null=True)
    handed_over_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    own_delivery_fee = fields.BigIntField(null=True)

    class Meta:
        table = "orders"


class OrderLineRow(Model):
    """One item of an order as it was bought."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField()
    position = fields.IntField()
    item_id = fields.UUIDField()
    product_gtin: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    name = fields.TextField()
    quantity = fields.IntField()
    unit_price = fields.BigIntField()
    options: fields.Field[list[dict[str, object]]] = fields.JSONField()
    note = fields.TextField()
    tax_class = fields.TextField()
    tax_bps = fields.IntField()
    tax = fields.BigIntField()
    total = fields.BigIntField()
    grams = fields.IntField(null=True)

    class Meta:
        table = "order_lines"
