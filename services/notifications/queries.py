"""Reads of notifications: who is to be told where, and what was told."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.identity.queries import devices_of_people
from services.identity.rules import Platform, PushKind
from services.kernel.actors import Audience
from services.kernel.database import Row, rows
from services.notifications.ports import PushAddress
from services.notifications.rules import Candidate, Priority, PushState


@dataclass(frozen=True, slots=True)
class Recipient:
    """A device that can show a notification, whose it is and which language it speaks."""

    device_id: UUID
    person_id: UUID
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMessage:
    """A message whose time has come, with the address its device has now; None where the device is gone."""

    id: UUID
    device_id: UUID
    title: str
    body: str
    data: dict[str, str]
    attempts: int
    candidate: Candidate
    address: PushAddress | None

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(
            id=record["id"],
            device_id=record["device_id"],
            title=record["title"],
            body=record["body"],
            data=record["data"],
            attempts=record["attempts"],
            candidate=_candidate(record),
            address=_address(record),
        )


async def devices_of_person(person_id: UUID, audience: Audience) -> list[Recipient]:
    """Where a person sees notifications in one audience's app."""
    return [
        Recipient(device.id, device.person_id, device.locale)
        for device in await devices_of_people([person_id], audience)
        # A Live Activity is no place for a notification of its own.
        if device.push_kind is not PushKind.LIVE_ACTIVITY
    ]


async def devices_of_store(store_id: UUID) -> list[Recipient]:
    """The devices of everybody who works for the store and is signed in there."""
    return [Recipient(*record) for record in await rows(_OF_STORE, store_id)]


_OF_STORE = """
SELECT d.id, d.person_id, d.locale
FROM roles r JOIN devices d ON d.person_id = r.person_id JOIN sessions s ON s.id = d.session_id
WHERE r.store_id = $1 AND r.revoked_at IS NULL AND s.audience = 'store' AND s.store_id = r.store_id AND s.ended_at IS NULL
  AND d.push_kind <> 'LIVE_ACTIVITY'
ORDER BY d.id
"""


async def lock_due(at: datetime, wall: datetime, limit: int) -> list[DueMessage]:
    """Hold messages that are due at `at` and in nobody's hands, the urgent ones first; those that others hold are theirs."""
    return [DueMessage.of(record) for record in await rows(_DUE, at, wall, limit)]


_DUE = """
SELECT m.id, m.device_id, m.title, m.body, m.data, m.attempts, m.priority, m.collapse_key, m.collapsible, m.expires_at,
    d.push_kind, d.push_token, d.platform,
    m.stage_rank > 0 AND EXISTS (
        SELECT FROM push_messages newer WHERE newer.purchase_id = m.purchase_id AND newer.device_id = m.device_id
        AND newer.stage_rank > m.stage_rank AND newer.event_id > m.event_id AND newer.state <> 'FAILED') AS superseded
FROM push_messages m
LEFT JOIN (devices d JOIN sessions s ON s.id = d.session_id AND s.ended_at IS NULL)
    ON d.id = m.device_id AND d.person_id = m.person_id
WHERE m.state = 'PENDING' AND m.due_at <= $1 AND (m.leased_until IS NULL OR m.leased_until < $2)
ORDER BY m.priority, m.due_at, m.id LIMIT $3 FOR UPDATE OF m SKIP LOCKED
"""


async def pushes_of_purchase(purchase_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What was told about a purchase, by audience, in order; a person is named by id alone."""
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in await rows(_OF_PURCHASE, purchase_id):
        told[record["audience"]].append(
            {
                "person": str(record["person_id"]),
                "kind": record["kind"],
                "title": record["title"],
                "state": record["state"],
                "at": (record["sent_at"] or record["created_at"]).isoformat(),
            }
        )
    return dict(told)


_OF_PURCHASE = """
SELECT audience, person_id, kind, title, state, sent_at, created_at FROM push_messages WHERE purchase_id = $1
ORDER BY event_id, device_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTold:
    """One notification about a purchase on one device of a person, without its words' details."""

    purchase_id: UUID
    audience: Audience
    person_id: UUID
    kind: str
    title: str
    state: PushState
    created_at: datetime
    sent_at: datetime | None


async def pushes_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[PushTold]]:
    """What was told about each purchase, in order; every purchase asked for has its list."""
    by_purchase: dict[UUID, list[PushTold]] = {purchase_id: [] for purchase_id in purchase_ids}
    for record in await rows(_OF_PURCHASES, list(purchase_ids)):
        typed = {"audience": Audience(record["audience"]), "state": PushState(record["state"])}
        by_purchase[record["purchase_id"]].append(PushTold(**dict(record) | typed))
    return by_purchase


_OF_PURCHASES = """
SELECT purchase_id, audience, person_id, kind, title, state, created_at, sent_at FROM push_messages
WHERE purchase_id = ANY($1::uuid[]) ORDER BY event_id, device_id
"""


async def pushes_by_state() -> dict[str, int]:
    """How many messages are in each state; a state without any is there too."""
    counted = {record["state"]: record["messages"] for record in await rows(_BY_STATE)}
    return {state: counted.get(state, 0) for state in PushState}


_BY_STATE = "SELECT state, count(*) AS messages FROM push_messages GROUP BY state"


def _candidate(record: Row) -> Candidate:
    return Candidate(
        collapse_key=record["collapse_key"],
        collapsible=record["collapsible"],
        priority=Priority(record["priority"]),
        expires_at=record["expires_at"],
        superseded=record["superseded"],
        platform=Platform(record["platform"]) if record["platform"] else None,
    )


def _address(record: Row) -> PushAddress | None:
    if record["push_token"] is None:
        return None
    return PushAddress(PushKind(record["push_kind"]), record["push_token"], Platform(record["platform"]))
