"""Rows of couriers, shifts, deliveries, stops, offers and positions."""

from tortoise import fields
from tortoise.models import Model

from services.dispatch.rules import CourierState, DeliveryState, OfferState, StopKind, StopState, Vehicle


class CourierRow(Model):
    """A person who brings things; there from the first shift on."""

    person_id = fields.UUIDField(primary_key=True)
    vehicle = fields.CharEnumField(Vehicle)
    state = fields.CharEnumField(CourierState)
    misses_in_row = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "couriers"


class ShiftRow(Model):
    """A stretch of time in which a courier takes jobs."""

    id = fields.UUIDField(primary_key=True)
    courier_id = fields.UUIDField()
    started_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "shifts"


class DeliveryRow(Model):
    """One courier's job: its stops in order, linked to orders."""

    id = fields.UUIDField(primary_key=True)
    purchase_id = fields.UUIDField()
    consumer_id = fields.UUIDField()
    courier_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(DeliveryState)
    search_from = fields.DatetimeField(null=True)
    searching_since = fields.DatetimeField(null=True)
    drop_off_pin = fields.TextField()
    wrong_pins = fields.IntField(default=0)
    pay = fields.BigIntField()
    currency = fields.TextField()
    nearby_told = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    assigned_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "deliveries"


class StopRow(Model):
    """A place where the courier picks up or drops off."""

    id = fields.UUIDField(primary_key=True)
    delivery_id = fields.UUIDField()
    kind = fields.CharEnumField(StopKind)
    position = fields.IntField()
    store_id = fields.UUIDField(null=True)
    name = fields.TextField()
    latitude = fields.FloatField()
    longitude = fields.FloatField()
    address: fields.Field[dict[str, object]] = fields.JSONField()
    state = fields.CharEnumField(StopState)
    contact_attempts = fields.IntField(default=0)
    wrong_codes = fields.IntField(default=0)
    codes_locked_until = fields.DatetimeField(null=True)
    arrived_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "stops"


class JobOfferRow(Model):
    """A delivery shown to one courier until a time; one row for each try, never reused."""

    id = fields.UUIDField(primary_key=True)
    delivery_id = fields.UUIDField()
    courier_id = fields.UUIDField()
    state = fields.CharEnumField(OfferState)
    distance_m = fields.IntField()
    reason: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    offered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "job_offers"
