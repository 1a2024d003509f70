"""Staff of a store: signing in at a tablet, staying so, leaving, and being reached."""

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque, read_optional
from api.schema.shared.sessions import CHALLENGE, Session, SessionTokens
from api.schema.store.staff import (
    EndStaffSessionInput,
    EndStaffSessionResult,
    EndStaffSessionSuccess,
    RefreshStaffSessionInput,
    RefreshStaffSessionResult,
    RefreshStaffSessionSuccess,
    RegisterStaffPushDeviceInput,
    RegisterStaffPushDeviceResult,
    RegisterStaffPushDeviceSuccess,
    RequestStaffSignInCodeInput,
    RequestStaffSignInCodeResult,
    RequestStaffSignInCodeSuccess,
    SignInStaffInput,
    SignInStaffResult,
    SignInStaffSuccess,
    SignInStaffWithCodeInput,
    SignInStaffWithCodeResult,
    SignInStaffWithCodeSuccess,
    SignOutStaffResult,
    SignOutStaffSuccess,
    StaffAccount,
)
from services.identity import operations, queries
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.request_context import client_address


@strawberry.type
class StaffQueries:
    @strawberry.field(description="The person who is signed in, at their store.")
    async def store_viewer(self, info: StoreInfo) -> StaffAccount:
        return StaffAccount.of(info.context.actor, await queries.person(info.context.actor.person_id))

    @strawberry.field(description="Where this person is signed in, in every app, the latest seen first.")
    async def staff_sessions(self, info: StoreInfo) -> list[Session]:
        actor = info.context.actor
        return [Session.of(session, actor.session_id) for session in await queries.sessions_of(actor.person_id)]


@strawberry.type
class StaffMutations:
    @strawberry.mutation(description="Sign in for a store.")
    async def sign_in_staff(self, info: StoreInfo, input: SignInStaffInput) -> SignInStaffResult:
        signed_in = await operations.sign_in(
            Audience.STORE,
            input.id_token,
            device=input.device.read(),
            store_id=read_optional("StoreProfile", input.store_id, "storeId"),
            verifier=info.context.ports.id_tokens,
        )
        return SignInStaffSuccess(tokens=SessionTokens.of(signed_in), viewer=StaffAccount.of(signed_in.actor, signed_in.person))

    @strawberry.mutation(description="Have a code sent to a mobile phone, to sign in with.")
    async def request_staff_sign_in_code(self, input: RequestStaffSignInCodeInput) -> RequestStaffSignInCodeResult:
        challenge = await operations.ask_for_code(
            Audience.STORE, input.phone, device_id=input.device_id, locale=input.locale, address=client_address.get()
        )
        return RequestStaffSignInCodeSuccess.of(challenge)

    @strawberry.mutation(description="Sign in at the store's tablet, with a code sent to the phone.")
    async def sign_in_staff_with_code(self, input: SignInStaffWithCodeInput) -> SignInStaffWithCodeResult:
        signed_in = await operations.sign_in_with_code(
            Audience.STORE,
            read_opaque(CHALLENGE, input.challenge_id, "challengeId"),
            input.code,
            device=input.device.read(),
            store_id=read_optional("StoreProfile", input.store_id, "storeId"),
        )
        return SignInStaffWithCodeSuccess(
            tokens=SessionTokens.of(signed_in), viewer=StaffAccount.of(signed_in.actor, signed_in.person)
        )

    @strawberry.mutation(description="Exchange the refresh token for a new pair; it works once.")
    async def refresh_staff_session(self, input: RefreshStaffSessionInput) -> RefreshStaffSessionResult:
        refreshed = await operations.refresh(input.refresh_token, audience=Audience.STORE)
        return RefreshStaffSessionSuccess(tokens=SessionTokens.of(refreshed))

    @strawberry.mutation(description="End this session.")
    async def sign_out_staff(self, info: StoreInfo) -> SignOutStaffResult:
        await operations.sign_out(info.context.actor)
        return SignOutStaffSuccess(signed_out_at=now())

    @strawberry.mutation(description="End another of this person's sessions, such as that of a lost phone.")
    async def end_staff_session(self, info: StoreInfo, input: EndStaffSessionInput) -> EndStaffSessionResult:
        actor, session_id = info.context.actor, read_opaque("Session", input.session_id, "sessionId")
        return EndStaffSessionSuccess(session=Session.of(await operations.end_session(actor, session_id), actor.session_id))

    @strawberry.mutation(description="Say where this session's device gets its pushes.")
    async def register_staff_push_device(
        self, info: StoreInfo, input: RegisterStaffPushDeviceInput
    ) -> RegisterStaffPushDeviceResult:
        await operations.register_push(info.context.actor, input.kind, input.token, input.platform, input.locale)
        return RegisterStaffPushDeviceSuccess(registered_at=now())
