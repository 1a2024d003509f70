"""A courier's account: who they are, and what signing in answers."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.ids import opaque
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
from services.identity.queries import PersonCard


@strawberry.type(description="The courier who is signed in.")
class CourierAccount:
    id: strawberry.ID
    name: str
    phone: str | None = strawberry.field(description="The verified number, in international form.")
    locale: str = strawberry.field(description="The language of the device last signed in on.")

    @classmethod
    def of(cls, person: PersonCard) -> Self:
        return cls(id=opaque("CourierAccount", person.id), name=person.name, phone=person.phone, locale=person.locale)


@strawberry.input(description="Sign in with the ID token of the sign-in SDK.")
class SignInCourierInput:
    id_token: str
    device: DeviceInput


@strawberry.type(description="Signed in.")
class SignInCourierSuccess:
    tokens: SessionTokens
    viewer: CourierAccount


@strawberry.input(description="The phone to send a code to, and the device that asks.")
class RequestCourierSignInCodeInput(CodeWantedInput):
    pass


@strawberry.type(description="A code is on its way, if this number is to get one; the answer is the same for every number.")
class RequestCourierSignInCodeSuccess(CodeOnItsWay):
    pass


@strawberry.input(description="The code, and what it answers.")
class SignInCourierWithCodeInput(CodeProofInput):
    pass


@strawberry.type(description="Signed in.")
class SignInCourierWithCodeSuccess:
    tokens: SessionTokens
    viewer: CourierAccount


@strawberry.input(description="The session to end.")
class EndCourierSessionInput(SessionToEndInput):
    pass


@strawberry.type(description="The session has ended; its device is signed out within seconds.")
class EndCourierSessionSuccess(SessionOver):
    pass


@strawberry.input(description="The refresh token to exchange.")
class RefreshCourierSessionInput(RefreshInput):
    pass


@strawberry.type(description="The session goes on with a new pair of tokens; the earlier refresh token is used up.")
class RefreshCourierSessionSuccess(Refreshed):
    pass


@strawberry.type(description="Signed out: the tokens open nothing any more, and no push comes to the device.")
class SignOutCourierSuccess(SignedOut):
    pass


@strawberry.input(description="Where this session's device gets its pushes.")
class RegisterCourierPushDeviceInput(PushAddressInput):
    pass


@strawberry.type(description="Pushes for this session go to this address, and nobody else's do.")
class RegisterCourierPushDeviceSuccess(PushRegistered):
    pass


SignInCourierResult = Annotated[
    SignInCourierSuccess | IdTokenNotAcceptedProblem | NotAllowedHereProblem,
    strawberry.union("SignInCourierResult", description="What came of signing in."),
]
EndCourierSessionResult = Annotated[
    EndCourierSessionSuccess, strawberry.union("EndCourierSessionResult", description="What came of ending it.")
]
RefreshCourierSessionResult = Annotated[
    RefreshCourierSessionSuccess | RefreshTokenNotAcceptedProblem | RefreshTokenReusedProblem | SessionEndedProblem,
    strawberry.union("RefreshCourierSessionResult", description="What came of asking for the next pair of tokens."),
]
SignOutCourierResult = Annotated[SignOutCourierSuccess, strawberry.union("SignOutCourierResult", description="What came of it.")]
RegisterCourierPushDeviceResult = Annotated[
    RegisterCourierPushDeviceSuccess | SessionEndedProblem,
    strawberry.union("RegisterCourierPushDeviceResult", description="What came of saying where pushes go."),
]
RequestCourierSignInCodeResult = Annotated[
    RequestCourierSignInCodeSuccess | PhoneNotServedProblem | TooManySignInCodesProblem,
    strawberry.union("RequestCourierSignInCodeResult", description="What came of asking for a code."),
]
SignInCourierWithCodeResult = Annotated[
    SignInCourierWithCodeSuccess | SignInCodeNotAcceptedProblem | NotAllowedHereProblem,
    strawberry.union("SignInCourierWithCodeResult", description="What came of signing in."),
]
