"""A courier's account: signing in, staying so, leaving, and being reached."""

import strawberry

from api.context import CourierInfo
from api.schema.courier.account import (
    CourierAccount,
    EndCourierSessionInput,
    EndCourierSessionResult,
    EndCourierSessionSuccess,
    RefreshCourierSessionInput,
    RefreshCourierSessionResult,
    RefreshCourierSessionSuccess,
    RegisterCourierPushDeviceInput,
    RegisterCourierPushDeviceResult,
    RegisterCourierPushDeviceSuccess,
    RequestCourierSignInCodeInput,
    RequestCourierSignInCodeResult,
    RequestCourierSignInCodeSuccess,
    SignInCourierInput,
    SignInCourierResult,
    SignInCourierSuccess,
    SignInCourierWithCodeInput,
    SignInCourierWithCodeResult,
    SignInCourierWithCodeSuccess,
    SignOutCourierResult,
    SignOutCourierSuccess,
)
from api.schema.shared.ids import read_opaque
from api.schema.shared.sessions import CHALLENGE, Session, SessionTokens
from services.identity import operations, queries
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.request_context import client_address


@strawberry.type
class AccountQueries:
    @strawberry.field(description="The courier who is signed in.")
    async def courier_viewer(self, info: CourierInfo) -> CourierAccount:
        return CourierAccount.of(await queries.person(info.context.actor.person_id))

    @strawberry.field(description="Where this person is signed in, in every app, the latest seen first.")
    async def courier_sessions(self, info: CourierInfo) -> list[Session]:
        actor = info.context.actor
        return [Session.of(session, actor.session_id) for session in await queries.sessions_of(actor.person_id)]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(description="Sign in as an approved courier.")
    async def sign_in_courier(self, info: CourierInfo, input: SignInCourierInput) -> SignInCourierResult:
        signed_in = await operations.sign_in(
            Audience.COURIER, input.id_token, device=input.device.read(), verifier=info.context.ports.id_tokens
        )
        return SignInCourierSuccess(tokens=SessionTokens.of(signed_in), viewer=CourierAccount.of(signed_in.person))

    @strawberry.mutation(description="Have a code sent to a mobile phone, to sign in with.")
    async def request_courier_sign_in_code(self, input: RequestCourierSignInCodeInput) -> RequestCourierSignInCodeResult:
        challenge = await operations.ask_for_code(
            Audience.COURIER, input.phone, device_id=input.device_id, locale=input.locale, address=client_address.get()
        )
        return RequestCourierSignInCodeSuccess.of(challenge)

    @strawberry.mutation(description="Sign in as an approved courier, with a code sent to the phone.")
    async def sign_in_courier_with_code(self, input: SignInCourierWithCodeInput) -> SignInCourierWithCodeResult:
        signed_in = await operations.sign_in_with_code(
            Audience.COURIER,
            read_opaque(CHALLENGE, input.challenge_id, "challengeId"),
            input.code,
            device=input.device.read(),
        )
        return SignInCourierWithCodeSuccess(tokens=SessionTokens.of(signed_in), viewer=CourierAccount.of(signed_in.person))

    @strawberry.mutation(description="Exchange the refresh token for a new pair; it works once.")
    async def refresh_courier_session(self, input: RefreshCourierSessionInput) -> RefreshCourierSessionResult:
        refreshed = await operations.refresh(input.refresh_token, audience=Audience.COURIER)
        return RefreshCourierSessionSuccess(tokens=SessionTokens.of(refreshed))

    @strawberry.mutation(description="End this session.")
    async def sign_out_courier(self, info: CourierInfo) -> SignOutCourierResult:
        await operations.sign_out(info.context.actor)
        return SignOutCourierSuccess(signed_out_at=now())

    @strawberry.mutation(description="End another of this person's sessions, such as that of a lost phone.")
    async def end_courier_session(self, info: CourierInfo, input: EndCourierSessionInput) -> EndCourierSessionResult:
        actor, session_id = info.context.actor, read_opaque("Session", input.session_id, "sessionId")
        return EndCourierSessionSuccess(session=Session.of(await operations.end_session(actor, session_id), actor.session_id))

    @strawberry.mutation(description="Say where this session's device gets its pushes.")
    async def register_courier_push_device(
        self, info: CourierInfo, input: RegisterCourierPushDeviceInput
    ) -> RegisterCourierPushDeviceResult:
        await operations.register_push(info.context.actor, input.kind, input.token, input.platform, input.locale)
        return RegisterCourierPushDeviceSuccess(registered_at=now())
