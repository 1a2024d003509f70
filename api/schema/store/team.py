"""Who works for a store, and who was asked to."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.problems import Problem
from api.schema.shared.sessions import PhoneNotServedProblem, TooManySignInCodesProblem
from services.identity.errors import TooManyInvitations
from services.identity.queries import InvitationCard, StaffCard
from services.identity.rules import DEFAULT_LOCALE
from services.kernel.actors import StaffRole
from services.stores.errors import LastOwner

_SHOWN_DIGITS = 3


@strawberry.type(description="A person who works for the store.")
class StaffMember:
    id: strawberry.ID
    name: str
    role: StaffRole

    @classmethod
    def of(cls, card: StaffCard) -> Self:
        return cls(id=opaque("StaffMember", card.person_id), name=card.name, role=card.role)


@strawberry.type(description="Somebody was asked to work for the store and has not come yet.")
class StaffInvitation:
    id: strawberry.ID
    phone: str = strawberry.field(description="The last digits alone.")
    role: StaffRole
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, card: InvitationCard) -> Self:
        return cls(
            id=opaque("StaffInvitation", card.id),
            phone=f"…{card.phone[-_SHOWN_DIGITS:]}",
            role=card.role,
            invited_at=card.created_at,
            expires_at=card.expires_at,
        )


@strawberry.type(description="Everybody who works for the store, and everybody who was asked to.")
class StoreTeam:
    members: list[StaffMember]
    invitations: list[StaffInvitation]


@strawberry.input(description="Whom to ask, and as what they would come.")
class InviteStaffInput:
    phone: str = strawberry.field(description="A mobile phone's number with its country, such as +358 40 123 4567.")
    role: StaffRole
    locale: str = strawberry.field(default=DEFAULT_LOCALE, description="The language of the text that is sent.")


@strawberry.input(description="The invitation to withdraw.")
class WithdrawStaffInvitationInput:
    invitation_id: strawberry.ID


@strawberry.input(description="What somebody of the store is from now on.")
class ChangeStaffRoleInput:
    person_id: strawberry.ID
    role: StaffRole


@strawberry.input(description="Whom to let go.")
class RemoveStaffInput:
    person_id: strawberry.ID


@strawberry.type(description="A text is on its way; whoever has the number comes in by signing in with it.")
class InviteStaffSuccess:
    invitation: StaffInvitation


@strawberry.type(description="The invitation lets nobody in any more.")
class WithdrawStaffInvitationSuccess:
    invitation_id: strawberry.ID


@strawberry.type(description="They sign in anew, and are this from then on.")
class ChangeStaffRoleSuccess:
    members: list[StaffMember]


@strawberry.type(description="They are out: no token of theirs opens this store, and their lines are closed within seconds.")
class RemoveStaffSuccess:
    members: list[StaffMember]


@strawberry.type(description="Whoever has this number works for the store already.")
class AlreadyStaffProblem(Problem):
    pass


@strawberry.type(description="So many invitations may be open, and no more.")
class TooManyInvitationsProblem(Problem):
    most: int

    @classmethod
    def of(cls, refusal: TooManyInvitations) -> Self:
        return cls(message=str(refusal), most=refusal.most)


@strawberry.type(description="A store always has an owner.")
class LastOwnerProblem(Problem):
    @classmethod
    def of(cls, refusal: LastOwner) -> Self:
        return cls(message=str(refusal))


InviteStaffResult = Annotated[
    InviteStaffSuccess | AlreadyStaffProblem | TooManyInvitationsProblem | PhoneNotServedProblem | TooManySignInCodesProblem,
    strawberry.union("InviteStaffResult", description="The invitation, or why not."),
]
WithdrawStaffInvitationResult = Annotated[
    WithdrawStaffInvitationSuccess, strawberry.union("WithdrawStaffInvitationResult", description="What came of it.")
]
ChangeStaffRoleResult = Annotated[
    ChangeStaffRoleSuccess | LastOwnerProblem,
    strawberry.union("ChangeStaffRoleResult", description="Who works here now, or why not."),
]
RemoveStaffResult = Annotated[
    RemoveStaffSuccess | LastOwnerProblem, strawberry.union("RemoveStaffResult", description="Who works here now, or why not.")
]
