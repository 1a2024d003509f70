"""A support agent's account: who they are, at which level, and what signing in answers."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.sessions import (
    DeviceInput,
    IdTokenNotAcceptedProblem,
    NotAllowedHereProblem,
    Refreshed,
    RefreshInput,
    RefreshTokenNotAcceptedProblem,
    RefreshTokenReusedProblem,
    SessionEndedProblem,
    SessionOver,
    SessionToEndInput,
    SessionTokens,
    SignedOut,
)
from services.identity.queries import PersonCard
from services.kernel.actors import Person, SupportAgent, SupportLevel

strawberry.enum(SupportLevel, name="SupportLevel", description="What an agent may decide alone.")


@strawberry.type(description="The agent who is signed in.")
class AgentAccount:
    id: strawberry.ID
    name: str
    level: SupportLevel

    @classmethod
    def of(cls, actor: Person, person: PersonCard) -> Self:
        if not isinstance(actor, SupportAgent):
            raise TypeError("only agents have an agent's account")
        return cls(id=opaque("AgentAccount", person.id), name=person.name, level=actor.level)


@strawberry.input(description="Sign in with the ID token of the sign-in SDK.")
class SignInAgentInput:
    id_token: str
    device: DeviceInput


@strawberry.type(description="Signed in.")
class SignInAgentSuccess:
    tokens: SessionTokens
    viewer: AgentAccount


@strawberry.input(description="The session to end.")
class EndAgentSessionInput(SessionToEndInput):
    pass


@strawberry.type(description="The session has ended; its device is signed out within seconds.")
class EndAgentSessionSuccess(SessionOver):
    pass


@strawberry.input(description="The refresh token to exchange.")
class RefreshAgentSessionInput(RefreshInput):
    pass


@strawberry.type(description="The session goes on with a new pair of tokens; the earlier refresh token is used up.")
class RefreshAgentSessionSuccess(Refreshed):
    pass


@strawberry.type(description="Signed out: the tokens open nothing any more, and no push comes to the device.")
class SignOutAgentSuccess(SignedOut):
    pass


SignInAgentResult = Annotated[
    SignInAgentSuccess | IdTokenNotAcceptedProblem | NotAllowedHereProblem,
    strawberry.union("SignInAgentResult", description="What came of signing in."),
]
EndAgentSessionResult = Annotated[
    EndAgentSessionSuccess, strawberry.union("EndAgentSessionResult", description="What came of ending it.")
]
RefreshAgentSessionResult = Annotated[
    RefreshAgentSessionSuccess | RefreshTokenNotAcceptedProblem | RefreshTokenReusedProblem | SessionEndedProblem,
    strawberry.union("RefreshAgentSessionResult", description="What came of asking for the next pair of tokens."),
]
SignOutAgentResult = Annotated[SignOutAgentSuccess, strawberry.union("SignOutAgentResult", description="What came of it.")]
