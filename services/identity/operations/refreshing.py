"""Staying signed in: a refresh token works once, and its return ends the session."""

from datetime import datetime, timedelta
from uuid import UUID

from services.identity import tokens
from services.identity.errors import RefreshTokenNotAccepted, RefreshTokenReused, SessionEnded, TokenFault
from services.identity.operations.ending import finish
from services.identity.operations.signed_in import SignedIn, with_tokens
from services.identity.queries import PersonCard, session_card
from services.identity.rules import EndReason, HeldRole, RefreshVerdict, actor_of, refresh_verdict
from services.identity.tokens import IssuedToken, RefreshClaims
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.database import Row, row, run
from services.kernel.errors import Refusal
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.settings import settings


async def refresh(refresh_token: str, *, audience: Audience) -> SignedIn:
    """Exchange a refresh token for a new pair; each works once. One that comes back ends its session: it may be stolen.

    A phone that asks twice at the same moment, or never hears the answer, is forgiven: for seconds, once, and only until one of
    the pairs was used; then the other one counts as stolen.

    Raises RefreshTokenNotAccepted, RefreshTokenReused, SessionEnded.
    """
    claims = tokens.read_refresh(refresh_token, audience)
    async with unit_of_work() as work:
        outcome = await _exchange(work, claims)
    # Raised after the commit: the session of a stolen token stays ended although the call is refused.
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def _exchange(work: UnitOfWork, claims: RefreshClaims) -> SignedIn | Refusal:
    found = await row(_LOCK, claims.hash, claims.session_id)
    if found is None:
        return RefreshTokenNotAccepted(TokenFault.KEY)
    match _verdict(found, now()):
        case RefreshVerdict.ENDED:
            return SessionEnded()
        case RefreshVerdict.EXPIRED:
            return RefreshTokenNotAccepted(TokenFault.EXPIRED)
        case RefreshVerdict.REUSED:
            await finish(work, [claims.session_id], EndReason.REFRESH_TOKEN_REUSED)
            return RefreshTokenReused()
        case RefreshVerdict.ROTATE:
            return await _rotate(work, found)


async def _rotate(work: UnitOfWork, found: Row) -> SignedIn | Refusal:
    audience = Audience(found["audience"])
    if audience is not Audience.CONSUMER and found["role"] is None:
        await finish(work, [found["id"]], EndReason.ROLE_REVOKED)
        return SessionEnded()
    held = HeldRole(audience, found["role"] or "", found["store_id"])
    actor = actor_of(audience, found["person_id"], found["id"], held)
    person = PersonCard(found["person_id"], found["name"], found["phone"], found["locale"])
    signed_in, refreshing = with_tokens(actor, session_card(found), person)
    await _keep(found["token_id"], found["id"], refreshing)
    return signed_in


async def _keep(spent: UUID, session_id: UUID, refreshing: IssuedToken) -> None:
    await run(_ROTATE, spent, session_id, now(), new_id(), refreshing.hash, refreshing.expires_at)


def _verdict(found: Row, at: datetime) -> RefreshVerdict:
    return refresh_verdict(
        expires_at=found["expires_at"],
        rotated_at=found["rotated_at"],
        ended_at=found["ended_at"],
        at=at,
        grace=timedelta(0) if found["grace_used"] else timedelta(seconds=settings().limits.refresh_reuse_grace),
    )


# Both rows are locked: of two phones with one token, the second sees that the first has rotated it.
_LOCK = """
SELECT s.id, s.person_id, s.audience, s.store_id, s.device_name, s.platform, s.created_at, s.last_seen_at, s.ended_at,
       t.id AS token_id, t.expires_at, t.rotated_at, p.name, p.phone, p.locale, r.role,
       t.repeated_at IS NOT NULL OR EXISTS (
           SELECT FROM refresh_tokens c WHERE c.parent_id = t.id AND c.rotated_at IS NOT NULL) AS grace_used
FROM refresh_tokens t
JOIN sessions s ON s.id = t.session_id
JOIN people p ON p.id = s.person_id
LEFT JOIN roles r ON r.person_id = s.person_id AND r.audience = s.audience AND r.store_id IS NOT DISTINCT FROM s.store_id
    AND r.revoked_at IS NULL
WHERE t.token_hash = $1 AND s.id = $2
FOR UPDATE OF s, t
"""

# Of two pairs that one token bought, the first to be used stays; the other one's refresh token is spent, and past forgiving.
_ROTATE = """
WITH spent AS (
    UPDATE refresh_tokens SET repeated_at = CASE WHEN rotated_at IS NOT NULL THEN $3::timestamptz END,
        rotated_at = COALESCE(rotated_at, $3)
    WHERE id = $1 RETURNING parent_id
), twins AS (
    UPDATE refresh_tokens t SET rotated_at = $3, repeated_at = $3 FROM spent
    WHERE t.parent_id = spent.parent_id AND t.id <> $1 AND t.rotated_at IS NULL
), seen AS (
    UPDATE sessions SET last_seen_at = $3 WHERE id = $2
)
INSERT INTO refresh_tokens (id, session_id, token_hash, issued_at, expires_at, parent_id) VALUES ($4, $2, $5, $3, $6, $1)
"""
