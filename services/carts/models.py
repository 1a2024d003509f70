"""Rows of carts, their lines, and quotes."""

from enum import StrEnum

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from services.kernel.ids import new_id


class CartState(StrEnum):
    OPEN = "OPEN"
    CHECKED_OUT = "CHECKED_OUT"
    EXPIRED = "EXPIRED"


class Cart(Model):
    """What a consumer means to buy; at most one is open."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    consumer_id = fields.UUIDField()
    state = fields.CharEnumField(CartState)
    address: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    tip = fields.BigIntField()
    version = fields.BigIntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "carts"


class CartLine(Model):
    """So many pieces of one item, each with the same choices."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart_id = fields.UUIDField()
    item_id = fields.UUIDField()
    option_ids = ArrayField("uuid")
    quantity = fields.IntField()
    note = fields.TextField()
    position = fields.IntField()

    class Meta:
        table = "cart_lines"


class QuoteRow(Model):
    """A priced cart as it was promised; `services.carts.quotes` reads and signs it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart_id = fields.UUIDField()
    consumer_id = fields.UUIDField()
    cart_version = fields.BigIntField()
    address: fields.JSONField[dict[str, object]] = fields.JSONField()
    prices: fields.JSONField[dict[str, object]] = fields.JSONField()
    promised_from = fields.DatetimeField()
    promised_until = fields.DatetimeField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    signature = fields.TextField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "quotes"
