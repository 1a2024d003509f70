"""Asking somebody to work for a store, by the number of their phone: taken up when they sign in there, or withdrawn."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.identity import code_rules
from services.identity.errors import AlreadyStaff, TooManyInvitations
from services.identity.events import RoleGranted
from services.identity.models import RoleRow
from services.identity.operations.budgets import charge
from services.identity.queries import InvitationCard, PersonCard, invitation
from services.identity.rules import checked_locale, e164
from services.kernel.actors import Audience, StaffRole, StoreStaff
from services.kernel.clock import now
from services.kernel.database import row, rows, run
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.settings import settings

LASTS = timedelta(days=7)
MOST_OPEN = 20


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and whether it is a new one that nobody was told of yet."""

    invitation: InvitationCard
    is_new: bool


async def invite(staff: StoreStaff, phone: str, role: StaffRole, locale: str) -> Invited:
    """Let whoever has this number come in as this for a week; asking the same again changes nothing, another role replaces it.

    Raises BadInput, PhoneNotServed, TooManySignInCodes, AlreadyStaff, TooManyInvitations.
    """
    number, language, at = e164(phone), checked_locale(locale), now()
    country, price = code_rules.served(number, settings().sign_in_codes)
    async with unit_of_work(staff):
        await run("SELECT pg_advisory_xact_lock(hashtextextended('staff' || $1, 0))", str(staff.store_id))
        found = await row(_STANDING, staff.store_id, number, at)
        assert found is not None  # noqa: S101 - a row without conditions
        if found["is_staff"]:
            raise AlreadyStaff
        if found["id"] and found["role"] == role and found["expires_at"] > at:
            return Invited(await invitation(found["id"]), is_new=False)
        if found["open"] >= MOST_OPEN:
            raise TooManyInvitations(MOST_OPEN)
        asking = code_rules.Asking(number, country, price, "", "", known=False)
        await charge(code_rules.costs(asking, settings().sign_in_codes))
        if found["id"]:
            await run("UPDATE staff_invitations SET withdrawn_at = $2 WHERE id = $1", found["id"], at)
        new = new_id()
        await run(_INVITE, new, staff.store_id, number, role, language, staff.person_id, at, at + LASTS)
        return Invited(await invitation(new), is_new=True)


async def withdraw_invitation(staff: StoreStaff, invitation_id: UUID) -> None:
    """The invitation lets nobody in any more; again changes nothing. Raises NotFound, also for another store's."""
    async with unit_of_work(staff):
        found = await row(_HOLD, invitation_id, staff.store_id)
        if found is None:
            raise NotFound("There is no such invitation.")
        if found["accepted_at"] is None and found["withdrawn_at"] is None:
            await run("UPDATE staff_invitations SET withdrawn_at = $2 WHERE id = $1", invitation_id, now())


async def accept_invitations(work: UnitOfWork, person: PersonCard) -> None:
    """Whoever has proved this number takes up what was asked of it, inside `work`; a role held already stays as it is."""
    if person.phone is None:
        return
    for record in await rows(_ACCEPT, person.phone, now()):
        if await row(_HELD, person.id, record["store_id"]):
            continue
        facts = {"person_id": person.id, "audience": Audience.STORE, "store_id": record["store_id"], "role": record["role"]}
        await RoleRow.create(id=new_id(), granted_at=now(), **facts)
        await work.record(RoleGranted(**facts))


async def claim_telling(invitation_id: UUID) -> tuple[str, str] | None:
    """Number and language to tell of an invitation, once; None where somebody told it already, or it is over."""
    found = await row(_CLAIM, invitation_id, now())
    return (found["phone"], found["locale"]) if found else None


async def untold(invitation_id: UUID) -> None:
    """Nobody could be told of it yet."""
    await run("UPDATE staff_invitations SET told_at = NULL WHERE id = $1", invitation_id)


_STANDING = """
SELECT EXISTS (
           SELECT FROM roles r JOIN people p ON p.id = r.person_id
           WHERE p.phone = $2 AND r.store_id = $1 AND r.revoked_at IS NULL) AS is_staff,
       (SELECT count(*) FROM staff_invitations i WHERE i.store_id = $1 AND i.phone <> $2 AND i.expires_at > $3
            AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL) AS open,
       mine.id, mine.role, mine.expires_at
FROM (SELECT) AS one LEFT JOIN staff_invitations mine
    ON mine.store_id = $1 AND mine.phone = $2 AND mine.accepted_at IS NULL AND mine.withdrawn_at IS NULL
"""
_INVITE = """
INSERT INTO staff_invitations (id, store_id, phone, role, locale, invited_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_HOLD = "SELECT accepted_at, withdrawn_at FROM staff_invitations WHERE id = $1 AND store_id = $2 FOR UPDATE"
# Only while whoever invited may still do so.
_ACCEPT = """
UPDATE staff_invitations i SET accepted_at = $2
WHERE i.phone = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2 AND EXISTS (
    SELECT FROM roles r
    WHERE r.person_id = i.invited_by AND r.store_id = i.store_id AND r.role = 'OWNER' AND r.revoked_at IS NULL)
RETURNING i.store_id, i.role
"""
_HELD = "SELECT id FROM roles WHERE person_id = $1 AND store_id = $2 AND revoked_at IS NULL"
# Marked before it leaves: a worker that dies in between sends nothing twice, and the owner may withdraw and ask again.
_CLAIM = """
UPDATE staff_invitations SET told_at = $2
WHERE id = $1 AND told_at IS NULL AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2
RETURNING phone, locale
"""
