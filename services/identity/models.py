"""Rows of identity: people, sessions, refresh tokens, devices, roles."""

from tortoise import fields
from tortoise.models import Model

from services.identity.rules import EndReason, Platform, PushKind
from services.kernel.actors import Audience


class PersonRow(Model):
    """A human being, known by what Firebase calls them; one row whatever doors they use."""

    id = fields.UUIDField(primary_key=True)
    firebase_uid = fields.TextField()
    name = fields.TextField()
    phone: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    locale = fields.TextField()
    created_at = fields.DatetimeField()
    barred_at = fields.DatetimeField(null=True)

    class Meta:
        table = "people"


class SessionRow(Model):
    """One sign-in on one device at one door, until it ends."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    audience = fields.CharEnumField(Audience)
    store_id = fields.UUIDField(null=True)
    device_name = fields.TextField()
    platform = fields.CharEnumField(Platform)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    end_reason: EndReason | None = fields.CharEnumField(EndReason, null=True)  # type: ignore[assignment]  # null=True widens it

    class Meta:
        table = "sessions"


class RefreshTokenRow(Model):
    """What buys a session's next token pair: only its hash is kept, and a used one's too, to notice its return."""

    id = fields.UUIDField(primary_key=True)
    session_id = fields.UUIDField()
    token_hash = fields.TextField()
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    rotated_at = fields.DatetimeField(null=True)
    parent_id = fields.UUIDField(null=True)
    repeated_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_tokens"


class DeviceRow(Model):
    """Where pushes for a session go; the address belongs to one session at a time."""

    id = fields.UUIDField(primary_key=True)
    session_id = fields.UUIDField()
    person_id = fields.UUIDField()
    push_kind = fields.CharEnumField(PushKind)
    push_token = fields.TextField()
    platform = fields.CharEnumField(Platform)
    locale = fields.TextField()
    seen_at = fields.DatetimeField()

    class Meta:
        table = "devices"


class RoleRow(Model):
    """What a person may be at a door; a revoked one stays as history."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    audience = fields.CharEnumField(Audience)
    store_id = fields.UUIDField(null=True)
    role = fields.TextField()
    granted_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "roles"
