"""Sessions: what signing in, staying so and being reached look like; inputs and successes get each audience's own names."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.problems import Problem
from services.identity.errors import IdTokenNotAccepted, SignInCodeNotAccepted, TooManySignInCodes
from services.identity.operations import Challenge, SignedIn
from services.identity.queries import SessionCard
from services.identity.rules import DeviceDescription, Platform, PushKind
from services.kernel.actors import Audience

# What an id of a challenge is bound to; no type of the schema is called so, for nothing more is known of one.
CHALLENGE = "SignInChallenge"
strawberry.enum(Audience, name="App", description="Which of Pannier's apps.")
strawberry.enum(Platform, name="Platform", description="What the app runs on.")
strawberry.enum(PushKind, name="PushKind", description="By which kind of address pushes reach a device.")


@strawberry.type(description="The tokens of a session. Send the access token with every request; it lives for minutes.")
class SessionTokens:
    access_token: str = strawberry.field(description="Sent as `Authorization: Bearer <access token>`.")
    refresh_token: str = strawberry.field(description="Buys the next pair, once. Keep it where only this app can read.")
    expires_at: datetime = strawberry.field(description="When the access token stops working; refresh before.")

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        return cls(access_token=signed_in.access_token, refresh_token=signed_in.refresh_token, expires_at=signed_in.expires_at)


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


@strawberry.input(description="The device somebody signs in on.")
class DeviceInput:
    name: str = strawberry.field(description="As its owner will recognise it: `Aino's iPhone`.")
    platform: Platform
    locale: str = strawberry.field(default="en", description="A language tag, such as `fi` or `sv-FI`.")

    def read(self) -> DeviceDescription:
        return DeviceDescription(self.name, self.platform, self.locale)


@strawberry.input
class CodeWantedInput:
    phone: str = strawberry.field(description="A mobile number in international form: `+358401234567`.")
    device_id: str = strawberry.field(
        description="An id that this installation chose at random for itself and keeps: 8 to 128 letters and digits."
    )
    locale: str = strawberry.field(default="en", description="The language of the message, such as `fi`.")


@strawberry.input
class CodeProofInput:
    challenge_id: strawberry.ID = strawberry.field(description="As asking for the code answered it.")
    code: str = strawberry.field(description="The six digits of the message.")
    device: DeviceInput


@strawberry.input
class RefreshInput:
    refresh_token: str


@strawberry.input
class SessionToEndInput:
    session_id: strawberry.ID


@strawberry.input
class PushAddressInput:
    kind: PushKind
    token: str = strawberry.field(description="As the push provider gave it to this installation.")
    platform: Platform
    locale: str = strawberry.field(description="The language pushes come in, such as `fi`.")


@strawberry.type
class CodeOnItsWay:
    challenge_id: strawberry.ID = strawberry.field(description="What the code answers; sign in with both.")
    expires_at: datetime = strawberry.field(description="When the code stops working.")

    @classmethod
    def of(cls, challenge: Challenge) -> Self:
        return cls(challenge_id=opaque(CHALLENGE, challenge.id), expires_at=challenge.expires_at)


@strawberry.type
class SignedOut:
    signed_out_at: datetime


@strawberry.type
class SessionOver:
    session: Session


@strawberry.type
class Refreshed:
    tokens: SessionTokens


@strawberry.type
class PushRegistered:
    registered_at: datetime


@strawberry.type(description="The proof of who is signing in does not hold.")
class IdTokenNotAcceptedProblem(Problem):
    expired: bool = strawberry.field(description="It was good once: take a new one from the sign-in SDK and try again.")

    @classmethod
    def of(cls, refusal: IdTokenNotAccepted) -> Self:
        return cls(message=str(refusal), expired=refusal.expired)


@strawberry.type(description="The account has no access to this app.")
class NotAllowedHereProblem(Problem):
    pass


@strawberry.type(description="Not a refresh token of this app, or one past its time. Sign in again.")
class RefreshTokenNotAcceptedProblem(Problem):
    pass


@strawberry.type(description="The refresh token was used before, so the session has ended for safety. Sign in again.")
class RefreshTokenReusedProblem(Problem):
    pass


@strawberry.type(description="The session has ended: signed out, ended from another device, or access taken away. Sign in again.")
class SessionEndedProblem(Problem):
    pass


@strawberry.type(description="No code is sent to this number: its country is not served, or it is no mobile phone.")
class PhoneNotServedProblem(Problem):
    pass


@strawberry.type(description="Too many codes were asked for. Wait, or sign in another way.")
class TooManySignInCodesProblem(Problem):
    retry_at: datetime = strawberry.field(description="Not before then.")

    @classmethod
    def of(cls, refusal: TooManySignInCodes) -> Self:
        return cls(message=str(refusal), retry_at=refusal.retry_at)


@strawberry.type(description="A wrong code, or one that is no longer good. With no tries left, ask for a new one.")
class SignInCodeNotAcceptedProblem(Problem):
    tries_left: int

    @classmethod
    def of(cls, refusal: SignInCodeNotAccepted) -> Self:
        return cls(message=str(refusal), tries_left=refusal.tries_left)
