"""A consumer's account: signing in, staying so, leaving, and being reached."""

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.account import (
    ConsumerAccount,
    EndSessionInput,
    EndSessionResult,
    EndSessionSuccess,
    RefreshSessionInput,
    RefreshSessionResult,
    RefreshSessionSuccess,
    RegisterPushDeviceInput,
    RegisterPushDeviceResult,
    RegisterPushDeviceSuccess,
    RequestSignInCodeInput,
    RequestSignInCodeResult,
    RequestSignInCodeSuccess,
    SignInInput,
    SignInResult,
    SignInSuccess,
    SignInWithCodeInput,
    SignInWithCodeResult,
    SignInWithCodeSuccess,
    SignOutResult,
    SignOutSuccess,
)
from api.schema.shared.ids import read_opaque
from api.schema.shared.sessions import CHALLENGE, Session, SessionTokens
from services.identity import operations, queries
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.request_context import client_address


@strawberry.type
class AccountQueries:
    @strawberry.field(description="The consumer who is signed in.")
    async def me(self, info: ConsumerInfo) -> ConsumerAccount:
        return ConsumerAccount.of(await queries.person(info.context.actor.person_id))

    @strawberry.field(description="Where this person is signed in, in every app, the latest seen first.")
    async def my_sessions(self, info: ConsumerInfo) -> list[Session]:
        actor = info.context.actor
        return [Session.of(session, actor.session_id) for session in await queries.sessions_of(actor.person_id)]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(description="Sign in; the first time makes the account.")
    async def sign_in(self, info: ConsumerInfo, input: SignInInput) -> SignInResult:
        signed_in = await operations.sign_in(
            Audience.CONSUMER, input.id_token, device=input.device.read(), verifier=info.context.ports.id_tokens
        )
        return SignInSuccess(tokens=SessionTokens.of(signed_in), me=ConsumerAccount.of(signed_in.person))

    @strawberry.mutation(description="Have a code sent to a mobile phone, to sign in with.")
    async def request_sign_in_code(self, input: RequestSignInCodeInput) -> RequestSignInCodeResult:
        challenge = await operations.ask_for_code(
            Audience.CONSUMER, input.phone, device_id=input.device_id, locale=input.locale, address=client_address.get()
        )
        return RequestSignInCodeSuccess.of(challenge)

    @strawberry.mutation(description="Sign in with a code sent to the phone; the first time makes the account.")
    async def sign_in_with_code(self, input: SignInWithCodeInput) -> SignInWithCodeResult:
        signed_in = await operations.sign_in_with_code(
            Audience.CONSUMER,
            read_opaque(CHALLENGE, input.challenge_id, "challengeId"),
            input.code,
            device=input.device.read(),
        )
        return SignInWithCodeSuccess(tokens=SessionTokens.of(signed_in), me=ConsumerAccount.of(signed_in.person))

    @strawberry.mutation(description="Exchange the refresh token for a new pair; it works once.")
    async def refresh_session(self, input: RefreshSessionInput) -> RefreshSessionResult:
        refreshed = await operations.refresh(input.refresh_token, audience=Audience.CONSUMER)
        return RefreshSessionSuccess(tokens=SessionTokens.of(refreshed))

    @strawberry.mutation(description="End this session.")
    async def sign_out(self, info: ConsumerInfo) -> SignOutResult:
        await operations.sign_out(info.context.actor)
        return SignOutSuccess(signed_out_at=now())

    @strawberry.mutation(description="End another of this person's sessions, such as that of a lost phone.")
    async def end_session(self, info: ConsumerInfo, input: EndSessionInput) -> EndSessionResult:
        actor, session_id = info.context.actor, read_opaque("Session", input.session_id, "sessionId")
        return EndSessionSuccess(session=Session.of(await operations.end_session(actor, session_id), actor.session_id))

    @strawberry.mutation(description="Say where this session's device gets its pushes.")
    async def register_push_device(self, info: ConsumerInfo, input: RegisterPushDeviceInput) -> RegisterPushDeviceResult:
        await operations.register_push(info.context.actor, input.kind, input.token, input.platform, input.locale)
        return RegisterPushDeviceSuccess(registered_at=now())
