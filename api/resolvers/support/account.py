"""A support agent's account: signing in, staying so, and leaving."""

import strawberry

from api.context import SupportInfo
from api.schema.shared.ids import read_opaque
from api.schema.shared.sessions import Session, SessionTokens
from api.schema.support.account import (
    AgentAccount,
    EndAgentSessionInput,
    EndAgentSessionResult,
    EndAgentSessionSuccess,
    RefreshAgentSessionInput,
    RefreshAgentSessionResult,
    RefreshAgentSessionSuccess,
    SignInAgentInput,
    SignInAgentResult,
    SignInAgentSuccess,
    SignOutAgentResult,
    SignOutAgentSuccess,
)
from services.identity import operations, queries
from services.kernel.actors import Audience
from services.kernel.clock import now


@strawberry.type
class AccountQueries:
    @strawberry.field(description="The agent who is signed in.")
    async def support_viewer(self, info: SupportInfo) -> AgentAccount:
        return AgentAccount.of(info.context.actor, await queries.person(info.context.actor.person_id))

    @strawberry.field(description="Where this person is signed in, in every app, the latest seen first.")
    async def agent_sessions(self, info: SupportInfo) -> list[Session]:
        actor = info.context.actor
        return [Session.of(session, actor.session_id) for session in await queries.sessions_of(actor.person_id)]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(description="Sign in as a support agent.")
    async def sign_in_agent(self, info: SupportInfo, input: SignInAgentInput) -> SignInAgentResult:
        signed_in = await operations.sign_in(
            Audience.SUPPORT, input.id_token, device=input.device.read(), verifier=info.context.ports.id_tokens
        )
        return SignInAgentSuccess(tokens=SessionTokens.of(signed_in), viewer=AgentAccount.of(signed_in.actor, signed_in.person))

    @strawberry.mutation(description="Exchange the refresh token for a new pair; it works once.")
    async def refresh_agent_session(self, input: RefreshAgentSessionInput) -> RefreshAgentSessionResult:
        refreshed = await operations.refresh(input.refresh_token, audience=Audience.SUPPORT)
        return RefreshAgentSessionSuccess(tokens=SessionTokens.of(refreshed))

    @strawberry.mutation(description="End this session.")
    async def sign_out_agent(self, info: SupportInfo) -> SignOutAgentResult:
        await operations.sign_out(info.context.actor)
        return SignOutAgentSuccess(signed_out_at=now())

    @strawberry.mutation(description="End another of this person's sessions, such as that of a lost phone.")
    async def end_agent_session(self, info: SupportInfo, input: EndAgentSessionInput) -> EndAgentSessionResult:
        actor, session_id = info.context.actor, read_opaque("Session", input.session_id, "sessionId")
        return EndAgentSessionSuccess(session=Session.of(await operations.end_session(actor, session_id), actor.session_id))
