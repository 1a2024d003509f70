"""Who works for a store: invited, made something else, let go; an owner always remains."""

from uuid import UUID

from services.identity import operations as identity
from services.identity.queries import InvitationCard, StaffCard, once_staff, staff_of_store
from services.kernel.actors import Audience, StaffRole, StoreStaff
from services.kernel.database import run
from services.kernel.errors import NotFound
from services.kernel.unit_of_work import unit_of_work
from services.stores.errors import LastOwner
from services.stores.events import StaffInvited
from services.stores.operations.changing import must_be_allowed


async def invite_staff(staff: StoreStaff, phone: str, role: StaffRole, locale: str) -> InvitationCard:
    """Ask whoever has this number to work here; they are told by a text, and come in when they sign in with it.

    Asking the same again changes nothing. Raises BadInput, PhoneNotServed, TooManySignInCodes, AlreadyStaff,
    TooManyInvitations, Forbidden.
    """
    must_be_allowed(staff, "invite_staff")
    async with unit_of_work(staff) as work:
        invited = await identity.invite(staff, phone, role, locale)
        if invited.is_new:
            told = invited.invitation
            await work.record(StaffInvited(store_id=staff.store_id, invitation_id=told.id, role=told.role))
        return invited.invitation


async def withdraw_invitation(staff: StoreStaff, invitation_id: UUID) -> None:
    """The invitation lets nobody in any more; again changes nothing. Raises NotFound, Forbidden."""
    must_be_allowed(staff, "invite_staff")
    await identity.withdraw_invitation(staff, invitation_id)


async def change_staff_role(staff: StoreStaff, person_id: UUID, role: StaffRole) -> list[StaffCard]:
    """Let somebody of the store be something else here; their sessions end, for tokens tell the role. Again changes nothing.

    Raises LastOwner, NotFound, Forbidden.
    """
    must_be_allowed(staff, "change_staff_role")
    async with unit_of_work(staff):
        before = await _held(staff.store_id)
        card = next((one for one in before if one.person_id == person_id), None)
        if card is None:
            raise NotFound("Nobody of this store is called so.")
        if card.role is role:
            return before
        _keep_an_owner(before, card)
        await identity.grant_role(staff, person_id, Audience.STORE, role, staff.store_id)
        return await staff_of_store(staff.store_id)


async def remove_staff(staff: StoreStaff, person_id: UUID) -> list[StaffCard]:
    """Let somebody go: no token of theirs opens this store any more, and open lines close. Again changes nothing.

    Raises LastOwner, NotFound, Forbidden.
    """
    must_be_allowed(staff, "remove_staff")
    async with unit_of_work(staff):
        before = await _held(staff.store_id)
        card = next((one for one in before if one.person_id == person_id), None)
        if card is None:
            if await once_staff(person_id, staff.store_id):
                return before
            raise NotFound("Nobody of this store is called so.")
        _keep_an_owner(before, card)
        await identity.revoke_role(staff, person_id, Audience.STORE, staff.store_id)
        return await staff_of_store(staff.store_id)


async def _held(store_id: UUID) -> list[StaffCard]:
    """Who works here, until the transaction ends nobody else changes it: two owners cannot let each other go at once."""
    await run("SELECT pg_advisory_xact_lock(hashtextextended('staff' || $1, 0))", str(store_id))
    return await staff_of_store(store_id)


def _keep_an_owner(before: list[StaffCard], leaving: StaffCard) -> None:
    owners = [one for one in before if one.role is StaffRole.OWNER]
    if owners == [leaving]:
        raise LastOwner
