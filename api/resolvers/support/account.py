"""A support agent's account: signing in, staying so, and leaving."""

import strawberry

from api.context import SupportInfo
from api.schema.shared.sessions import SessionTokens
from api.schema.support.account import (
    AgentAccount,
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
