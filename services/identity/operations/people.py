"""Knowing people and giving them roles."""

from uuid import UUID

from services.identity.events import RoleGranted, RoleRevoked
from services.identity.models import RoleRow
from services.identity.operations.ending import finish
from services.identity.ports import VerifiedIdentity
from services.identity.queries import PersonCard
from services.identity.rules import DEFAULT_LOCALE, ROLES, EndReason, HeldRole, checked_locale, e164, may_grant, plain_name
from services.kernel.actors import Actor, Audience
from services.kernel.clock import now
from services.kernel.database import row, rows, run
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work


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
        await run("UPDATE people SET phone = NULL WHERE phone = $1 AND firebase_uid <> $2", identity.phone, identity.uid)
    found = await row(_KNOW, new_id(), identity.uid, plain_name(identity.name or ""), identity.phone, locale, now())
    assert found is not None  # noqa: S101 - an upsert always answers its row
    return PersonCard(*found)


_KNOW = """
INSERT INTO people (id, firebase_uid, name, phone, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (firebase_uid) DO UPDATE SET
    name = CASE WHEN EXCLUDED.name = '' THEN people.name ELSE EXCLUDED.name END,
    phone = COALESCE(EXCLUDED.phone, people.phone),
    locale = EXCLUDED.locale
RETURNING id, name, phone, locale
"""


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
