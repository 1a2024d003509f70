"""Reads of identity: who people are, where they are signed in, where their pushes go."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.identity.rules import HeldRole, Platform, PushKind, e164
from services.kernel.actors import Audience, Person, StaffRole
from services.kernel.database import row, rows
from services.kernel.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person; name and phone are personal data, to be shown only to themselves or masked."""

    id: UUID
    name: str
    phone: str | None
    locale: str


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A place where a person is, or was, signed in."""

    id: UUID
    audience: Audience
    device_name: str
    platform: Platform
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    store_id: UUID | None


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """Where pushes reach a person in one audience's app."""

    id: UUID
    person_id: UUID
    session_id: UUID
    audience: Audience
    store_id: UUID | None
    push_kind: PushKind
    push_token: str
    platform: Platform
    locale: str


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A person of a store and what they may do there."""

    person_id: UUID
    name: str
    role: StaffRole


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """Somebody was asked to work for a store; the number is personal data, to be shown masked."""

    id: UUID
    phone: str
    role: StaffRole
    created_at: datetime
    expires_at: datetime


PERSON = "id, name, phone, locale"
SESSION = "id, audience, device_name, platform, created_at, last_seen_at, ended_at, store_id"


def session_card(found: Any) -> SessionCard:
    """A card of a row that holds the session's columns by name."""
    return SessionCard(
        id=found["id"],
        audience=Audience(found["audience"]),
        device_name=found["device_name"],
        platform=Platform(found["platform"]),
        created_at=found["created_at"],
        last_seen_at=found["last_seen_at"],
        ended_at=found["ended_at"],
        store_id=found["store_id"],
    )


async def person(person_id: UUID) -> PersonCard:
    """One person. Raises NotFound."""
    found = await row(f"SELECT {PERSON} FROM people WHERE id = $1", person_id)  # noqa: S608 - our own columns
    if found is None:
        raise NotFound("There is no such person.")
    return PersonCard(*found)


async def people_by_ids(ids: Collection[UUID]) -> dict[UUID, PersonCard]:
    """The people of these ids that exist, by id."""
    found = await rows(f"SELECT {PERSON} FROM people WHERE id = ANY($1::uuid[])", list(ids))  # noqa: S608 - our own columns
    return {record["id"]: PersonCard(*record) for record in found}


async def person_by_phone(phone: str, region: str | None = None) -> PersonCard | None:
    """Whose verified phone number this is, however it was typed; None for nobody's."""
    try:
        number = e164(phone, region)
    except BadInput:
        return None
    found = await row(f"SELECT {PERSON} FROM people WHERE phone = $1", number)  # noqa: S608 - our own columns
    return PersonCard(*found) if found else None


async def person_by_uid(firebase_uid: str) -> PersonCard | None:
    """The person whom Firebase calls so; None for nobody."""
    found = await row(f"SELECT {PERSON} FROM people WHERE firebase_uid = $1", firebase_uid)  # noqa: S608 - our own columns
    return PersonCard(*found) if found else None


async def sessions_of(person_id: UUID) -> list[SessionCard]:
    """Where the person is signed in now, at every door, the latest seen first, a hundred at most."""
    found = await rows(
        f"SELECT {SESSION} FROM sessions WHERE person_id = $1 AND ended_at IS NULL ORDER BY last_seen_at DESC, id DESC LIMIT 100",  # noqa: S608 - our own columns
        person_id,
    )
    return [session_card(record) for record in found]


async def lock_session(actor: Person, session_id: UUID) -> SessionCard:
    """A session of the actor's own, held until the end of the transaction. Raises NotFound, also for somebody else's."""
    found = await row(
        f"SELECT {SESSION} FROM sessions WHERE id = $1 AND person_id = $2 FOR UPDATE",  # noqa: S608 - our own columns
        session_id,
        actor.person_id,
    )
    if found is None:
        raise NotFound("There is no such session.")
    return session_card(found)


async def devices_of_people(ids: Collection[UUID], audience: Audience | None = None) -> list[DeviceCard]:
    """Every device these people are reached on, of one audience's app or of all."""
    found = await rows(_DEVICES, list(ids), audience)
    return [
        DeviceCard(
            id=record["id"],
            person_id=record["person_id"],
            session_id=record["session_id"],
            audience=Audience(record["audience"]),
            store_id=record["store_id"],
            push_kind=PushKind(record["push_kind"]),
            push_token=record["push_token"],
            platform=Platform(record["platform"]),
            locale=record["locale"],
        )
        for record in found
    ]


_DEVICES = """
SELECT d.id, d.person_id, d.session_id, s.audience, s.store_id, d.push_kind, d.push_token, d.platform, d.locale
FROM devices d JOIN sessions s ON s.id = d.session_id
WHERE d.person_id = ANY($1::uuid[]) AND s.ended_at IS NULL AND ($2::text IS NULL OR s.audience = $2)
ORDER BY d.id
"""


async def staff_of_store(store_id: UUID) -> list[StaffCard]:
    """Who works for the store now, by name."""
    found = await rows(
        "SELECT p.id, p.name, r.role FROM roles r JOIN people p ON p.id = r.person_id "
        "WHERE r.store_id = $1 AND r.revoked_at IS NULL ORDER BY p.name, p.id",
        store_id,
    )
    return [StaffCard(record["id"], record["name"], StaffRole(record["role"])) for record in found]


async def open_invitations(store_id: UUID, at: datetime) -> list[InvitationCard]:
    """Who was asked to work for the store and may still come, the latest first."""
    found = await rows(
        f"SELECT {_INVITATION} FROM staff_invitations WHERE store_id = $1 AND expires_at > $2 "  # noqa: S608 - our own columns
        "AND accepted_at IS NULL AND withdrawn_at IS NULL ORDER BY id DESC",
        store_id,
        at,
    )
    return [_invitation_card(record) for record in found]


async def invitation(invitation_id: UUID) -> InvitationCard:
    """One invitation, however it stands. Raises NotFound."""
    found = await row(f"SELECT {_INVITATION} FROM staff_invitations WHERE id = $1", invitation_id)  # noqa: S608 - our own columns
    if found is None:
        raise NotFound("There is no such invitation.")
    return _invitation_card(found)


def _invitation_card(found: Any) -> InvitationCard:
    return InvitationCard(found["id"], found["phone"], StaffRole(found["role"]), found["created_at"], found["expires_at"])


_INVITATION = "id, phone, role, created_at, expires_at"


async def once_staff(person_id: UUID, store_id: UUID) -> bool:
    """Whether the person has ever worked for the store."""
    return await row("SELECT id FROM roles WHERE person_id = $1 AND store_id = $2 LIMIT 1", person_id, store_id) is not None


async def roles_in_force(person_id: UUID, audience: Audience) -> list[HeldRole]:
    """What the person may be at this door."""
    found = await rows(
        "SELECT role, store_id FROM roles WHERE person_id = $1 AND audience = $2 AND revoked_at IS NULL", person_id, audience
    )
    return [HeldRole(audience, record["role"], record["store_id"]) for record in found]
