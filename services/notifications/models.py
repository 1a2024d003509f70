"""Rows of notifications: messages for devices, and each device's pace."""

from tortoise import fields
from tortoise.models import Model

from services.kernel.actors import Audience
from services.notifications.rules import Priority, PushState


class PushMessageRow(Model):
    """One visible notification about one event on one device.

    Times are the house's, so that an offer's push ends with the offer; the lease alone is the wall's.
    """

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField()
    purchase_id = fields.UUIDField()
    audience = fields.CharEnumField(Audience)
    person_id = fields.UUIDField()
    device_id = fields.UUIDField()
    kind = fields.TextField()
    stage_rank = fields.IntField()
    title = fields.TextField()
    body = fields.TextField()
    data: fields.Field[object] = fields.JSONField()
    priority = fields.CharEnumField(Priority)
    collapse_key = fields.TextField()
    collapsible = fields.BooleanField()
    state = fields.CharEnumField(PushState)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    leased_until = fields.DatetimeField(null=True)
    claimed_at = fields.DatetimeField(null=True)
    collapsed = fields.BooleanField(default=False)
    provider_ref: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    error: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "push_messages"


class PushPaceRow(Model):
    """When a device's bucket of collapsible messages will be full again."""

    device_id = fields.UUIDField(primary_key=True)
    collapsible_from = fields.DatetimeField()
    used_at = fields.DatetimeField()

    class Meta:
        table = "push_paces"
