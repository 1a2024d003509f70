"""Staff of a store: who is at the tablet, with which role, and what signing in answers."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.problems import Problem
from api.schema.shared.sessions import (
    CodeOnItsWay,
    CodeProofInput,
    CodeWantedInput,
    DeviceInput,
    IdTokenNotAcceptedProblem,
    NotAllowedHereProblem,
    PhoneNotServedProblem,
    PushAddressInput,
    PushRegistered,
    Refreshed,
    RefreshInput,
    RefreshTokenNotAcceptedProblem,
    RefreshTokenReusedProblem,
    SessionEndedProblem,
    SessionOver,
    SessionToEndInput,
    SessionTokens,
    SignedOut,
    SignInCodeNotAcceptedProblem,
    TooManySignInCodesProblem,
)
from services.identity.errors import StoreChoiceNeeded
from services.identity.queries import PersonCard
from services.kernel.actors import Person, StaffRole, StoreStaff
from services.stores.rules import rights_of

strawberry.enum(StaffRole, name="StaffRole", description="What a person of the store may do there.")


@strawberry.type(description="The person who is signed in, at the store they act for.")
class StaffAccount:
    id: strawberry.ID
    name: str
    role: StaffRole
    store_id: strawberry.ID = strawberry.field(description="The store this session acts for.")
    rights: list[str] = strawberry.field(
        description="All that this role may do there, such as `pause_store`; pass over words you do not know, more may come."
    )

    @classmethod
    def of(cls, actor: Person, person: PersonCard) -> Self:
        if not isinstance(actor, StoreStaff):
            raise TypeError("only staff have a staff account")
        store_id = opaque("StoreProfile", actor.store_id)
        return cls(
            id=opaque("StaffAccount", person.id),
            name=person.name,
            role=actor.role,
            store_id=store_id,
            rights=rights_of(actor.role),
        )


@strawberry.input(description="Sign in with the ID token of the sign-in SDK.")
class SignInStaffInput:
    id_token: str
    device: DeviceInput
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="For which store; needed by those who work for several."
    )


@strawberry.type(description="Signed in.")
class SignInStaffSuccess:
    tokens: SessionTokens
    viewer: StaffAccount


@strawberry.type(description="The person works for several stores: sign in again with one of them.")
class StoreChoiceNeededProblem(Problem):
    store_ids: list[strawberry.ID]

    @classmethod
    def of(cls, refusal: StoreChoiceNeeded) -> Self:
        return cls(message=str(refusal), store_ids=[opaque("StoreProfile", store_id) for store_id in refusal.store_ids])


@strawberry.input(description="The phone to send a code to, and the device that asks.")
class RequestStaffSignInCodeInput(CodeWantedInput):
    pass


@strawberry.type(description="A code is on its way, if this number is to get one; the answer is the same for every number.")
class RequestStaffSignInCodeSuccess(CodeOnItsWay):
    pass


@strawberry.input(description="The code, and what it answers.")
class SignInStaffWithCodeInput(CodeProofInput):
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="For which store; needed by those who work for several."
    )


@strawberry.type(description="Signed in.")
class SignInStaffWithCodeSuccess:
    tokens: SessionTokens
    viewer: StaffAccount


@strawberry.input(description="The session to end.")
class EndStaffSessionInput(SessionToEndInput):
    pass


@strawberry.type(description="The session has ended; its device is signed out within seconds.")
class EndStaffSessionSuccess(SessionOver):
    pass


@strawberry.input(description="The refresh token to exchange.")
class RefreshStaffSessionInput(RefreshInput):
    pass


@strawberry.type(description="The session goes on with a new pair of tokens; the earlier refresh token is used up.")
class RefreshStaffSessionSuccess(Refreshed):
    pass


@strawberry.type(description="Signed out: the tokens open nothing any more, and no push comes to the device.")
class SignOutStaffSuccess(SignedOut):
    pass


@strawberry.input(description="Where this session's device gets its pushes.")
class RegisterStaffPushDeviceInput(PushAddressInput):
    pass


@strawberry.type(description="Pushes for this session go to this address, and nobody else's do.")
class RegisterStaffPushDeviceSuccess(PushRegistered):
    pass


SignInStaffResult = Annotated[
    SignInStaffSuccess | IdTokenNotAcceptedProblem | NotAllowedHereProblem | StoreChoiceNeededProblem,
    strawberry.union("SignInStaffResult", description="What came of signing in."),
]
EndStaffSessionResult = Annotated[
    EndStaffSessionSuccess, strawberry.union("EndStaffSessionResult", description="What came of ending it.")
]
RefreshStaffSessionResult = Annotated[
    RefreshStaffSessionSuccess | RefreshTokenNotAcceptedProblem | RefreshTokenReusedProblem | SessionEndedProblem,
    strawberry.union("RefreshStaffSessionResult", description="What came of asking for the next pair of tokens."),
]
SignOutStaffResult = Annotated[SignOutStaffSuccess, strawberry.union("SignOutStaffResult", description="What came of it.")]
RegisterStaffPushDeviceResult = Annotated[
    RegisterStaffPushDeviceSuccess | SessionEndedProblem,
    strawberry.union("RegisterStaffPushDeviceResult", description="What came of saying where pushes go."),
]
RequestStaffSignInCodeResult = Annotated[
    RequestStaffSignInCodeSuccess | PhoneNotServedProblem | TooManySignInCodesProblem,
    strawberry.union("RequestStaffSignInCodeResult", description="What came of asking for a code."),
]
SignInStaffWithCodeResult = Annotated[
    SignInStaffWithCodeSuccess | SignInCodeNotAcceptedProblem | NotAllowedHereProblem | StoreChoiceNeededProblem,
    strawberry.union("SignInStaffWithCodeResult", description="What came of signing in."),
]
