"""A consumer's account: who they are, where they are signed in, and what signing in answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.sessions import (
    DeviceInput,
    IdTokenNotAcceptedProblem,
    PushAddressInput,
    PushRegistered,
    Refreshed,
    RefreshInput,
    RefreshTokenNotAcceptedProblem,
    RefreshTokenReusedProblem,
    SessionEndedProblem,
    SessionTokens,
    SignedOut,
)
from services.identity.queries import PersonCard, SessionCard
from services.identity.rules import Platform
from services.kernel.actors import Audience

strawberry.enum(Audience, name="App", description="Which of Pannier's apps.")


@strawberry.type(description="The consumer who is signed in.")
class ConsumerAccount:
    id: strawberry.ID
    name: str
    phone: str | None = strawberry.field(description="The verified number, in international form.")
    locale: str = strawberry.field(description="The language of the device last signed in on.")

    @classmethod
    def of(cls, person: PersonCard) -> Self:
        return cls(id=opaque("ConsumerAccount", person.id), name=person.name, phone=person.phone, locale=person.locale)


@strawberry.type(description="A place where the person is signed in, in whichever app.")
class Session:
    id: strawberry.ID
    app: Audience
    device_name: str
    platform: Platform
    signed_in_at: datetime
    last_seen_at: datetime = strawberry.field(description="When it last asked for new tokens.")
    ended_at: datetime | None
    current: bool = strawberry.field(description="Whether this is the session that asks.")

    @classmethod
    def of(cls, session: SessionCard, asking: UUID) -> Self:
        return cls(
            id=opaque("Session", session.id),
            app=session.audience,
            device_name=session.device_name,
            platform=session.platform,
            signed_in_at=session.created_at,
            last_seen_at=session.last_seen_at,
            ended_at=session.ended_at,
            current=session.id == asking,
        )


@strawberry.input(description="Sign in with the ID token of the sign-in SDK.")
class SignInInput:
    id_token: str
    device: DeviceInput


@strawberry.type(description="Signed in.")
class SignInSuccess:
    tokens: SessionTokens
    me: ConsumerAccount


@strawberry.input(description="The session to end.")
class EndSessionInput:
    session_id: strawberry.ID


@strawberry.type(description="The session has ended; its device is signed out within seconds.")
class EndSessionSuccess:
    session: Session


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
    SignInSuccess | IdTokenNotAcceptedProblem, strawberry.union("SignInResult", description="What came of signing in.")
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
