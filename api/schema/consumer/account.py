"""A consumer's account: who they are, and what signing in answers."""

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


@strawberry.type(description="The consumer who is signed in.")
class ConsumerAccount:
    id: strawberry.ID
    name: str
    phone: str | None = strawberry.field(description="The verified number, in international form.")
    locale: str = strawberry.field(description="The language of the device last signed in on.")

    @classmethod
    def of(cls, person: PersonCard) -> Self:
        return cls(id=opaque("ConsumerAccount", person.id), name=person.name, phone=person.phone, locale=person.locale)


@strawberry.input(description="Sign in with the ID token of the sign-in SDK.")
class SignInInput:
    id_token: str
    device: DeviceInput


@strawberry.type(description="Signed in.")
class SignInSuccess:
    tokens: SessionTokens
    me: ConsumerAccount


@strawberry.input(description="The phone to send a code to, and the device that asks.")
class RequestSignInCodeInput(CodeWantedInput):
    pass


@strawberry.type(description="A code is on its way, if this number is to get one; the answer is the same for every number.")
class RequestSignInCodeSuccess(CodeOnItsWay):
    pass


@strawberry.input(description="The code, and what it answers.")
class SignInWithCodeInput(CodeProofInput):
    pass


@strawberry.type(description="Signed in.")
class SignInWithCodeSuccess:
    tokens: SessionTokens
    me: ConsumerAccount


@strawberry.input(description="The session to end.")
class EndSessionInput(SessionToEndInput):
    pass


@strawberry.type(description="The session has ended; its device is signed out within seconds.")
class EndSessionSuccess(SessionOver):
    pass


@strawberry.input(description="The refresh token to exchange.")
class RefreshSessionInput(RefreshInput):
    pass


@strawberry.type(description="The session goes on with a new pair of tokens; the earlier refresh token is used up.")
class RefreshSessionSuccess(Refreshed):
    pass


@strawberry.type(description="Signed out: the tokens open nothing any more, and no push comes to the device.")
class SignOutSuccess(SignedOut):
    pass


@strawberry.input(description="Where this session's device gets its pushes.")
class RegisterPushDeviceInput(PushAddressInput):
    pass


@strawberry.type(description="Pushes for this session go to this address, and nobody else's do.")
class RegisterPushDeviceSuccess(PushRegistered):
    pass


SignInResult = Annotated[
    SignInSuccess | IdTokenNotAcceptedProblem | NotAllowedHereProblem,
    strawberry.union("SignInResult", description="What came of signing in."),
]
EndSessionResult = Annotated[EndSessionSuccess, strawberry.union("EndSessionResult", description="What came of ending it.")]
RefreshSessionResult = Annotated[
    RefreshSessionSuccess | RefreshTokenNotAcceptedProblem | RefreshTokenReusedProblem | SessionEndedProblem,
    strawberry.union("RefreshSessionResult", description="What came of asking for the next pair of tokens."),
]
SignOutResult = Annotated[SignOutSuccess, strawberry.union("SignOutResult", description="What came of signing out.")]
RegisterPushDeviceResult = Annotated[
    RegisterPushDeviceSuccess | SessionEndedProblem,
    strawberry.union("RegisterPushDeviceResult", description="What came of saying where pushes go."),
]
RequestSignInCodeResult = Annotated[
    RequestSignInCodeSuccess | PhoneNotServedProblem | TooManySignInCodesProblem,
    strawberry.union("RequestSignInCodeResult", description="What came of asking for a code."),
]
SignInWithCodeResult = Annotated[
    SignInWithCodeSuccess | SignInCodeNotAcceptedProblem | NotAllowedHereProblem,
    strawberry.union("SignInWithCodeResult", description="What came of signing in."),
]
