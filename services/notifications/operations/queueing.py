"""Queueing: a row per device in the transaction of the handler; older stages that nobody has sent yet give way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.dispatch.events import DeliveryEvent
from services.kernel import clock
from services.kernel.actors import Audience
from services.kernel.database import run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.notifications.queries import Recipient
from services.notifications.rules import LARGEST_PAYLOAD, payload_size
from services.notifications.tellings import Telling, Told, matters_until

PUSHES_TOPIC = "pushes"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPush:
    """What a push about a fact has in common for all its devices."""

    event: Told
    event_id: UUID
    audience: Audience
    how: Telling
    data: Mapping[str, str]


async def queue(push: NewPush, sayings: Sequence[tuple[Recipient, str, str]]) -> int:
    """Let each device show the fact once, in the given title and body; doing it again changes nothing.

    Earlier stages of the same purchase that still wait for these devices are dropped. Answers how many were queued.
    """
    at = clock.now()
    fitting = [saying for saying in sayings if payload_size(saying[1], saying[2], push.data) <= LARGEST_PAYLOAD]
    async with unit_of_work() as work:
        queued = await run(_QUEUE, *_columns(fitting), *_shared(push), at, matters_until(push.event, at), clock.wall())
        work.nudge(PUSHES_TOPIC)
        return queued


def _columns(sayings: Sequence[tuple[Recipient, str, str]]) -> tuple[list[Any], ...]:
    return (
        [new_id() for _ in sayings],
        [recipient.person_id for recipient, _, _ in sayings],
        [recipient.device_id for recipient, _, _ in sayings],
        [title for _, title, _ in sayings],
        [body for _, _, body in sayings],
    )


def _shared(push: NewPush) -> tuple[Any, ...]:
    how = push.how
    return (
        push.event_id,
        push.event.purchase_id,
        push.audience,
        how.kind,
        how.rank,
        push.data,
        how.priority,
        collapse_key(push),
        how.collapsible,
    )


def collapse_key(push: NewPush) -> str:
    """What shares this key shares one place on the screen."""
    if push.audience is Audience.COURIER and isinstance(push.event, DeliveryEvent):
        return f"job-{push.event.delivery_id.hex}"
    return f"purchase-{push.event.purchase_id.hex}" if push.how.rank else f"event-{push.event_id.hex}"


# What is in somebody's hands is not taken away from them: it is looked at again when it comes back.
_QUEUE = """
WITH told AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS t (id, person_id, device_id, title, body)
), older AS (
    SELECT m.id FROM push_messages m JOIN told USING (device_id)
    WHERE m.purchase_id = $7 AND m.state = 'PENDING' AND m.stage_rank > 0 AND m.stage_rank < $10 AND m.event_id < $6
      AND (m.leased_until IS NULL OR m.leased_until < $17)
    ORDER BY m.id FOR UPDATE OF m
), dropped AS (
    UPDATE push_messages SET state = 'DROPPED', error = 'superseded' FROM older WHERE push_messages.id = older.id
)
INSERT INTO push_messages (id, event_id, purchase_id, audience, person_id, device_id, kind, stage_rank, title, body, data,
    priority, collapse_key, collapsible, state, due_at, expires_at, created_at)
SELECT id, $6, $7, $8, person_id, device_id, $9, $10, title, body, $11, $12, $13, $14, 'PENDING', $15, $16, $15
FROM told ORDER BY device_id
ON CONFLICT ON CONSTRAINT push_messages_once DO NOTHING
"""


async def withdraw(purchase_id: UUID, person_id: UUID, kind: str) -> int:
    """Drop what waits unsent of this kind for a person; answers how many."""
    return await run(
        "UPDATE push_messages SET state = 'DROPPED', error = 'withdrawn' WHERE purchase_id = $1 AND person_id = $2 AND kind = $3"
        " AND state = 'PENDING' AND (leased_until IS NULL OR leased_until < $4)",
        purchase_id,
        person_id,
        kind,
        clock.wall(),
    )
