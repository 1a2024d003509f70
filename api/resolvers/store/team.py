"""Who works for a store: seen, asked, made something else, let go."""

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque
from api.schema.store.team import (
    ChangeStaffRoleInput,
    ChangeStaffRoleResult,
    ChangeStaffRoleSuccess,
    InviteStaffInput,
    InviteStaffResult,
    InviteStaffSuccess,
    RemoveStaffInput,
    RemoveStaffResult,
    RemoveStaffSuccess,
    StaffInvitation,
    StaffMember,
    StoreTeam,
    WithdrawStaffInvitationInput,
    WithdrawStaffInvitationResult,
    WithdrawStaffInvitationSuccess,
)
from services.stores import operations
from services.stores.team import team_of


@strawberry.type
class TeamQueries:
    @strawberry.field(description="Who works for the store, and who was asked to.")
    async def store_team(self, info: StoreInfo) -> StoreTeam:
        team = await team_of(info.context.actor)
        return StoreTeam(
            members=[StaffMember.of(card) for card in team.members],
            invitations=[StaffInvitation.of(card) for card in team.invitations],
        )


@strawberry.type
class TeamMutations:
    @strawberry.mutation(description="Ask whoever has a phone's number to work for the store.")
    async def invite_staff(self, info: StoreInfo, input: InviteStaffInput) -> InviteStaffResult:
        card = await operations.invite_staff(info.context.actor, input.phone, input.role, input.locale)
        return InviteStaffSuccess(invitation=StaffInvitation.of(card))

    @strawberry.mutation(description="Withdraw an invitation.")
    async def withdraw_staff_invitation(
        self, info: StoreInfo, input: WithdrawStaffInvitationInput
    ) -> WithdrawStaffInvitationResult:
        invitation_id = read_opaque("StaffInvitation", input.invitation_id, "invitationId")
        await operations.withdraw_invitation(info.context.actor, invitation_id)
        return WithdrawStaffInvitationSuccess(invitation_id=input.invitation_id)

    @strawberry.mutation(description="Let somebody of the store be something else.")
    async def change_staff_role(self, info: StoreInfo, input: ChangeStaffRoleInput) -> ChangeStaffRoleResult:
        person_id = read_opaque("StaffMember", input.person_id, "personId")
        members = await operations.change_staff_role(info.context.actor, person_id, input.role)
        return ChangeStaffRoleSuccess(members=[StaffMember.of(card) for card in members])

    @strawberry.mutation(description="Let somebody go, at once.")
    async def remove_staff(self, info: StoreInfo, input: RemoveStaffInput) -> RemoveStaffResult:
        person_id = read_opaque("StaffMember", input.person_id, "personId")
        members = await operations.remove_staff(info.context.actor, person_id)
        return RemoveStaffSuccess(members=[StaffMember.of(card) for card in members])
