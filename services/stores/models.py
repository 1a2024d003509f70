"""Rows of partners and their stores."""

from enum import StrEnum

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from services.kernel.ids import new_id


class StoreKind(StrEnum):
    RESTAURANT = "RESTAURANT"
    GROCER = "GROCER"
    SHOP = "SHOP"


class StoreState(StrEnum):
    DRAFT = "DRAFT"
    LIVE = "LIVE"
    CLOSED_DOWN = "CLOSED_DOWN"


class PauseReason(StrEnum):
    BY_STAFF = "BY_STAFF"
    UNANSWERED_ORDERS = "UNANSWERED_ORDERS"


class Partner(Model):
    """A legal business: owns stores and is paid out."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    source_ref = fields.TextField(null=True)
    legal_name = fields.TextField()
    commission_bps = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "partners"


class Store(Model):
    """One place that sells."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    partner_id = fields.UUIDField()
    source_ref = fields.TextField(null=True)
    kind = fields.CharEnumField(StoreKind)
    name = fields.TextField()
    slug = fields.TextField()
    category = fields.TextField()
    cuisines = ArrayField("text")
    latitude = fields.FloatField()
    longitude = fields.FloatField()
    street = fields.TextField()
    housenumber = fields.TextField()
    postcode = fields.TextField()
    city = fields.TextField()
    country = fields.TextField()
    time_zone = fields.TextField()
    currency = fields.TextField()
    opening_hours = fields.TextField()
    hours_assumed = fields.BooleanField()
    preparation_minutes = fields.IntField()
    delivery_radius_m = fields.IntField()
    minimum_basket = fields.BigIntField()
    prices_include_tax = fields.BooleanField()
    auto_accept = fields.BooleanField()
    state = fields.CharEnumField(StoreState)
    paused_until = fields.DatetimeField(null=True)
    pause_reason = fields.CharEnumField(PauseReason, null=True)
    expiries_in_row = fields.IntField(default=0)
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField()
    story = fields.TextField(default="")
    busy_minutes = fields.IntField(default=0)
    busy_until = fields.DatetimeField(null=True)
    last_order_minutes = fields.IntField(null=True)
    preparation_windows = fields.TextField(default="")
    capacity_orders = fields.IntField(null=True)
    capacity_value = fields.BigIntField(null=True)
    delivery_area = ArrayField("double precision", null=True)
    delivery_fees = fields.TextField(default="")

    class Meta:
        table = "stores"
