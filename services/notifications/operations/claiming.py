"""Claiming: which due messages go out now, decided per device under its hold, the attempt counted before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.kernel import clock
from services.kernel.database import rows, run
from services.kernel.unit_of_work import unit_of_work
from services.notifications.ports import PushMessage
from services.notifications.queries import DueMessage, lock_due
from services.notifications.rules import HOUR, MINUTE, Drop, Pace, Send, Wait, after, verdict
from services.settings import settings


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in our hands: the attempt's number is what tells our hands from the next ones."""

    message: PushMessage
    device_id: UUID
    attempt: int
    expires_at: datetime


@dataclass(slots=True)
class _Decided:
    sent: list[tuple[DueMessage, Send]] = field(default_factory=list)
    waiting: list[tuple[DueMessage, Wait]] = field(default_factory=list)
    dropped: list[tuple[DueMessage, Drop]] = field(default_factory=list)


async def claim(limit: int) -> tuple[list[Claimed], int]:
    """Lease up to `limit` due messages that may go out now; answers them and how many due ones were looked at.

    The others of those are put off to when their device may be told again, or dropped.
    """
    async with unit_of_work():
        at = clock.now()
        due = await lock_due(at, clock.wall(), limit)
        if not due:
            return [], 0
        paces = await _hold_paces(sorted({message.device_id for message in due if message.address}), at)
        decided = _decide(due, paces, at)
        await _write(decided, paces, at)
    return [_claimed(message, sent, at) for message, sent in decided.sent], len(due)


def _decide(due: Sequence[DueMessage], paces: dict[UUID, Pace], at: datetime) -> _Decided:
    """Decide one message after the other, each seeing what those before it use up; `paces` are moved on."""
    decided = _Decided()
    for message in due:
        pace = paces.get(message.device_id, Pace(at))
        match verdict(message.candidate, pace, at):
            case Send() as sent:
                paces[message.device_id] = after(pace, message.candidate, sent, at)
                decided.sent.append((message, sent))
            case Wait() as waiting:
                decided.waiting.append((message, waiting))
            case Drop() as dropped:
                decided.dropped.append((message, dropped))
    return decided


async def _hold_paces(device_ids: list[UUID], at: datetime) -> dict[UUID, Pace]:
    """How much each device was told lately; nobody else decides about these devices until we have."""
    held = await rows(_HOLD, device_ids, at)
    counted = {record["device_id"]: record for record in await rows(_COUNT, device_ids, at, at - MINUTE, at - HOUR)}
    paces = {}
    for record in held:
        lately = counted.get(record["device_id"])
        paces[record["device_id"]] = Pace(
            collapsible_from=record["collapsible_from"],
            minute=lately["minute"] if lately else 0,
            minute_frees_at=lately["minute_since"] + MINUTE if lately and lately["minute_since"] else None,
            hour=lately["hour"] if lately else 0,
            hour_frees_at=lately["hour_since"] + HOUR if lately else None,
            keys=frozenset(lately["keys"] or ()) if lately else frozenset(),
        )
    return paces


_HOLD = """
INSERT INTO push_paces (device_id, collapsible_from, used_at) SELECT device_id, $2, $2 FROM unnest($1::uuid[]) AS d (device_id)
ORDER BY device_id ON CONFLICT (device_id) DO UPDATE SET used_at = EXCLUDED.used_at RETURNING device_id, collapsible_from
"""
# All attempts of a message count where its last one does: too many rather than too few.
_COUNT = """
SELECT device_id,
    coalesce(sum(attempts) FILTER (WHERE claimed_at > $3), 0)::int AS minute,
    min(claimed_at) FILTER (WHERE claimed_at > $3) AS minute_since,
    sum(attempts)::int AS hour, min(claimed_at) AS hour_since,
    array_agg(DISTINCT collapse_key) FILTER (WHERE collapsed AND expires_at > $2) AS keys
FROM push_messages WHERE device_id = ANY($1::uuid[]) AND claimed_at > $4 GROUP BY device_id
"""


async def _write(decided: _Decided, paces: dict[UUID, Pace], at: datetime) -> None:
    if decided.sent:
        ids, collapsed = [message.id for message, _ in decided.sent], [sent.collapsed for _, sent in decided.sent]
        await run(_LEASE, ids, collapsed, clock.wall() + timedelta(seconds=settings().lease), at)
    if decided.waiting:
        await run(_PUT_OFF, [message.id for message, _ in decided.waiting], [waiting.until for _, waiting in decided.waiting])
    if decided.dropped:
        await run(_DROP, [message.id for message, _ in decided.dropped], [dropped.reason for _, dropped in decided.dropped])
    used = [message.device_id for message, sent in decided.sent if sent.collapsed]
    if used:
        await run(_MOVE_ON, used, [paces[device_id].collapsible_from for device_id in used])


_LEASE = """
UPDATE push_messages m SET leased_until = $3, attempts = attempts + 1, claimed_at = $4, collapsed = s.collapsed
FROM unnest($1::uuid[], $2::bool[]) AS s (id, collapsed) WHERE m.id = s.id
"""
_PUT_OFF = """
UPDATE push_messages m SET due_at = w.until FROM unnest($1::uuid[], $2::timestamptz[]) AS w (id, until) WHERE m.id = w.id
"""
_DROP = """
UPDATE push_messages m SET state = 'DROPPED', error = d.reason, leased_until = NULL
FROM unnest($1::uuid[], $2::text[]) AS d (id, reason) WHERE m.id = d.id
"""
_MOVE_ON = """
UPDATE push_paces p SET collapsible_from = u.full_at
FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::timestamptz[])) AS u (device_id, full_at) WHERE p.device_id = u.device_id
"""


def _claimed(due: DueMessage, sent: Send, at: datetime) -> Claimed:
    assert due.address is not None  # noqa: S101 - what has no address was dropped
    candidate = due.candidate
    message = PushMessage(
        id=due.id,
        address=due.address,
        title=due.title,
        body=due.body,
        data=due.data,
        priority=candidate.priority,
        collapse_key=candidate.collapse_key,
        collapsed=sent.collapsed,
        lasts_for=candidate.expires_at - at,
        sent_at=at,
    )
    return Claimed(message, due.device_id, due.attempts + 1, candidate.expires_at)
