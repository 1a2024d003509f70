"""Rows of support cases, what was done about them, and the log of what agents looked at."""

from tortoise import fields
from tortoise.models import Model

from services.cases.rules import ActionKind, AuditedAction, CaseReason, CaseState


class SupportCaseRow(Model):
    """Something about a purchase that support has to look into."""

    id = fields.UUIDField(primary_key=True)
    number = fields.TextField()
    purchase_id = fields.UUIDField()
    order_id = fields.UUIDField(null=True)
    reason = fields.CharEnumField(CaseReason)
    state = fields.CharEnumField(CaseState)
    opened_as = fields.TextField()
    opened_by = fields.UUIDField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "support_cases"


class CaseActionRow(Model):
    """One thing said or done about a case."""

    id = fields.UUIDField(primary_key=True)
    case_id = fields.UUIDField()
    kind = fields.CharEnumField(ActionKind)
    text = fields.TextField()
    actor_as = fields.TextField()
    actor_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "case_actions"


class AuditRow(Model):
    """One link of the log; written by `services.cases.audit` alone, its number and hashes by the database."""

    sequence = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    person_id = fields.UUIDField()
    session_id = fields.UUIDField()
    level = fields.TextField()
    action = fields.CharEnumField(AuditedAction)
    subject = fields.TextField()
    about_id = fields.UUIDField(null=True)
    purchase_id = fields.UUIDField(null=True)
    case_id = fields.UUIDField(null=True)
    reason: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]  # null=True widens it
    expires_at = fields.DatetimeField(null=True)
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        table = "audit_log"
