"""Who works for a store and who was asked to, for those who may see it."""

from dataclasses import dataclass

from services.identity.queries import InvitationCard, StaffCard, open_invitations, staff_of_store
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.stores.operations import must_be_allowed


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody who works for a store, and everybody who was asked to and may still come."""

    members: list[StaffCard]
    invitations: list[InvitationCard]


async def team_of(staff: StoreStaff) -> Team:
    """The team of one's own store. Raises Forbidden."""
    must_be_allowed(staff, "see_staff")
    return Team(await staff_of_store(staff.store_id), await open_invitations(staff.store_id, clock.now()))
