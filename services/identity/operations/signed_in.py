"""What signing in and refreshing both answer: a session and the pair of tokens that carries it on."""

from dataclasses import dataclass
from datetime import datetime

from services.identity import tokens
from services.identity.queries import PersonCard, SessionCard
from services.identity.tokens import IssuedToken
from services.kernel.actors import Person


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session with the pair of tokens that opens its door; `expires_at` is the access token's end."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    session: SessionCard
    person: PersonCard
    actor: Person


def with_tokens(actor: Person, session: SessionCard, person: PersonCard) -> tuple[SignedIn, IssuedToken]:
    """A new pair for the session; the caller has to keep the hash of the refresh token, given beside."""
    access, refreshing = tokens.issue_access(actor), tokens.issue_refresh(actor)
    return SignedIn(access.text, refreshing.text, access.expires_at, session, person, actor), refreshing
