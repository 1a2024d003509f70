"""Knowing people and giving them roles."""

from uuid import UUID

from services.identity.errors import NotAllowedHere
from services.identity.events import RoleGranted, RoleRevoked
from services.identity.models import RoleRow
from services.identity.operations.ending import finish
from services.identity.ports import VerifiedIdentity
from services.identity.queries import PersonCard
from services.identity.rules import DEFAULT_LOCALE, ROLES, EndReason, HeldRole, checked_locale, e164, may_grant, plain_name
from services.kernel.actors import Actor, Audience, System
from services.kernel.clock import now
from services.kernel.database import Row, row, rows, run
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work

# What stands for Firebase's name of a person who has only ever signed in by codes.
BY_CODE = "code:"


async def enrol_person(uid: str, *, name: str = "", phone: str | None = None, locale: str = DEFAULT_LOCALE) -> PersonCard:
    """Make known, before they first sign in, the person whom Firebase calls `uid`; again brings name and phone up to date."""
    identity = VerifiedIdentity(uid, phone=e164(phone) if phone else None, name=name)
    async with unit_of_work():
        return await know_person(identity, checked_locale(locale))


async def know_person(identity: VerifiedIdentity, locale: str) -> PersonCard:
    """The person of a verified identity, in the transaction in force: new, or known and brought up to date."""
    if identity.phone:
        # Numbers are handed on: whoever proved theirs last has it; those who prove the same one at the same moment take turns.
        await run("SELECT pg_advisory_xact_lock(hashtextextended('phone' || $1, 0))", identity.phone)
        await run(_HAND_ON, identity.phone, identity.uid)
    found = await row(_KNOW, new_id(), identity.uid, plain_name(identity.name or ""), identity.phone, locale, now())
    assert found is not None  # noqa: S101 - an upsert always answers its row
    refuse_barred(found)
    return PersonCard(*found[:4])


async def know_phone(phone: str, locale: str) -> PersonCard:
    """The person who has proved this number by a code, in the transaction in force: whose it is, or somebody new."""
    await run("SELECT pg_advisory_xact_lock(hashtextextended('phone' || $1, 0))", phone)
    person_id = new_id()
    found = await row(_KNOW_PHONE, person_id, f"{BY_CODE}{person_id}", phone, locale, now())
    assert found is not None  # noqa: S101 - an upsert always answers its row
    refuse_barred(found)
    return PersonCard(*found[:4])


def refuse_barred(found: Row) -> None:
    """Raises NotAllowedHere for a person who may come in nowhere any more."""
    if found["barred_at"] is not None:
        raise NotAllowedHere(Audience.CONSUMER)


# Somebody known by codes alone who comes with Firebase's word for the same number is the same person; anybody else loses it.
_HAND_ON = """
UPDATE people SET
    firebase_uid = CASE WHEN starts_with(firebase_uid, 'code:') AND NOT EXISTS (SELECT FROM people p WHERE p.firebase_uid = $2)
        THEN $2 ELSE firebase_uid END,
    phone = CASE WHEN starts_with(firebase_uid, 'code:') AND NOT EXISTS (SELECT FROM people p WHERE p.firebase_uid = $2)
        THEN phone END
WHERE phone = $1 AND firebase_uid <> $2
"""
_KNOW_PHONE = """
INSERT INTO people (id, firebase_uid, name, phone, locale, created_at) VALUES ($1, $2, '', $3, $4, $5)
ON CONFLICT (phone) DO UPDATE SET locale = EXCLUDED.locale
RETURNING id, name, phone, locale, barred_at
"""
_KNOW = """
INSERT INTO people (id, firebase_uid, name, phone, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (firebase_uid) DO UPDATE SET
    name = CASE WHEN EXCLUDED.name = '' THEN people.name ELSE EXCLUDED.name END,
    phone = COALESCE(EXCLUDED.phone, people.phone),
    locale = EXCLUDED.locale
RETURNING id, name, phone, locale, barred_at
"""


async def bar_person(actor: System, person_id: UUID, *, reason: str) -> None:
    """Let a person in nowhere any more, and end every session of theirs; again changes nothing. Raises NotFound."""
    async with unit_of_work(actor, reason=reason) as work:
        found = await row("SELECT barred_at FROM people WHERE id = $1 FOR UPDATE", person_id)
        if found is None:
            raise NotFound("There is no such person.")
        if found["barred_at"] is None:
            await run("UPDATE people SET barred_at = $2 WHERE id = $1", person_id, now())
            opened = await rows("SELECT id FROM sessions WHERE person_id = $1 AND ended_at IS NULL", person_id)
            await finish(work, [record["id"] for record in opened], EndReason.BARRED)


async def grant_role(actor: Actor, person_id: UUID, audience: Audience, role: str, store_id: UUID | None = None) -> HeldRole:
    """Let a person act at a door; the role they had there is replaced, and its sessions end so that no token keeps it.

    Granting what is held changes nothing. Raises Forbidden, NotFound for an unknown person, BadInput for a role unknown here.
    """
    granted = _checked(actor, audience, role, store_id)
    async with unit_of_work(actor) as work:
        held = await _lock_role(person_id, audience, store_id)
        if held == granted:
            return granted
        if held is not None:
            await _revoke(work, person_id, held)
        await RoleRow.create(id=new_id(), person_id=person_id, audience=audience, store_id=store_id, role=role, granted_at=now())
        await work.record(RoleGranted(person_id=person_id, audience=audience, role=role, store_id=store_id))
        return granted


async def revoke_role(actor: Actor, person_id: UUID, audience: Audience, store_id: UUID | None = None) -> None:
    """Take a role away and end the sessions opened with it; nothing held, nothing changed. Raises Forbidden, NotFound."""
    if not may_grant(actor, audience, store_id):
        raise Forbidden("Your role does not allow this.")
    async with unit_of_work(actor) as work:
        held = await _lock_role(person_id, audience, store_id)
        if held is not None:
            await _revoke(work, person_id, held)


def _checked(actor: Actor, audience: Audience, role: str, store_id: UUID | None) -> HeldRole:
    if not may_grant(actor, audience, store_id):
        raise Forbidden("Your role does not allow this.")
    if role not in ROLES.get(audience, frozenset()) or (audience is Audience.STORE) != (store_id is not None):
        raise BadInput("There is no such role here.", field="role")
    return HeldRole(audience, str(role), store_id)


async def _lock_role(person_id: UUID, audience: Audience, store_id: UUID | None) -> HeldRole | None:
    # The person is locked, for a role that is not there yet cannot be.
    if await row("SELECT id FROM people WHERE id = $1 FOR UPDATE", person_id) is None:
        raise NotFound("There is no such person.")
    found = await row(_HELD, person_id, audience, store_id)
    return HeldRole(audience, found["role"], store_id) if found else None


async def _revoke(work: UnitOfWork, person_id: UUID, held: HeldRole) -> None:
    await run(_REVOKE, person_id, held.audience, held.store_id, now())
    opened = await rows(_OPENED, person_id, held.audience, held.store_id)
    await finish(work, [record["id"] for record in opened], EndReason.ROLE_REVOKED)
    await work.record(RoleRevoked(person_id=person_id, audience=held.audience, role=held.role, store_id=held.store_id))


_HELD = """
SELECT role FROM roles
WHERE person_id = $1 AND audience = $2 AND store_id IS NOT DISTINCT FROM $3::uuid AND revoked_at IS NULL
"""
_REVOKE = """
UPDATE roles SET revoked_at = $4
WHERE person_id = $1 AND audience = $2 AND store_id IS NOT DISTINCT FROM $3::uuid AND revoked_at IS NULL
"""
_OPENED = """
SELECT id FROM sessions
WHERE person_id = $1 AND audience = $2 AND store_id IS NOT DISTINCT FROM $3::uuid AND ended_at IS NULL
"""
