"""Pannier's own tokens: a short one that opens a door, a long one that buys the next pair."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
import orjson

from services.identity import revocations
from services.identity.errors import NotAllowedHere, RefreshTokenNotAccepted, TokenFault, TokenNotAccepted
from services.identity.known_tokens import KnownTokens
from services.identity.rules import APPROVED_COURIER, HeldRole, actor_of
from services.identity.signed_claims import Expected, KeyRing, check_times, key_id_of, verified_claims
from services.kernel import clock
from services.kernel.actors import Audience, Consumer, Courier, Person, StoreStaff
from services.kernel.errors import Unauthenticated
from services.settings import Settings, settings

ALGORITHM = "HS256"
ISSUER = "pannier"
ACCESS = "access"
REFRESH = "refresh"
CLAIMS = ("iss", "aud", "sub", "sid", "typ", "iat", "exp", "jti")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as the phone gets it; `hash` is what we keep of a refresh token."""

    text: str
    expires_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a genuine refresh token says: whose session, and the hash under which we know it."""

    person_id: UUID
    session_id: UUID
    hash: str


def issue_access(actor: Person) -> IssuedToken:
    """A token that lets `actor` through its own audience's door for 15 minutes."""
    extra: dict[str, str] = {}
    if isinstance(actor, StoreStaff):
        extra = {"store": str(actor.store_id), "role": actor.role}
    elif not isinstance(actor, Consumer):
        extra = {"role": APPROVED_COURIER if isinstance(actor, Courier) else actor.level}
    return _issue(ACCESS, actor, settings().limits.access_token_lasts, extra)


def issue_refresh(actor: Person) -> IssuedToken:
    """A token that buys the session's next pair, once, within 60 days."""
    return _issue(REFRESH, actor, settings().limits.refresh_token_lasts, {})


def read_access(token: str, audience: Audience) -> Person:
    """Who holds this access token, for this door alone; asks no database. Raises Unauthenticated for anything not in order."""
    try:
        known = _known.find(_ring(), audience, token)
        if known is None:
            claims = _read(token, ACCESS, audience)
            actor = _actor(claims, audience)
            _known.keep(audience, token, actor, claims)
        else:
            actor, read = known
            check_times(read, clock.now(), settings().limits.clock_skew)
    except TokenNotAccepted as refused:
        raise Unauthenticated("This access token is not accepted. Refresh it, or sign in.") from refused
    if revocations.has_ended(actor.session_id):
        raise Unauthenticated("This session has ended. Please sign in again.")
    return actor


def written_end(token: str) -> datetime:
    """When a token that was read and accepted says that it ends."""
    # Thousands ask at once: what was accepted is not checked again.
    said = token.split(".")[1]
    claims = orjson.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    return datetime.fromtimestamp(claims["exp"], UTC)


def read_refresh(token: str, audience: Audience) -> RefreshClaims:
    """What a refresh token of this door says. Raises RefreshTokenNotAccepted; whether it was used before is not known here."""
    try:
        claims = _read(token, REFRESH, audience)
        return RefreshClaims(_id(claims, "sub"), _id(claims, "sid"), _hash(str(claims["jti"])))
    except TokenNotAccepted as refused:
        raise RefreshTokenNotAccepted(refused.fault) from refused


def key_ring(chosen: Settings) -> KeyRing:
    """The signing keys of the settings; the first one signs. Raises ValueError for none or a short one."""
    secrets_by_id = {kid: secret.get_secret_value().encode() for kid, secret in chosen.token_keys.items()}
    return KeyRing(secrets_by_id, next(iter(secrets_by_id), ""))


def code_secret(key_id: str | None = None) -> tuple[str, bytes]:
    """The secret behind sign-in codes, made of the signing key of this id (the current one's where none is said), and that id.

    A key that has left the ring makes codes that nobody was sent.
    """
    ring = _ring()
    chosen = key_id or ring.current
    return chosen, hmac.digest(ring.secrets.get(chosen) or secrets.token_bytes(32), b"pannier sign-in codes", "sha256")


def audience_claim(audience: Audience) -> str:
    return f"pannier:{audience}"


_rings: list[tuple[Settings, KeyRing]] = []
_known = KnownTokens()


def _ring() -> KeyRing:
    chosen = settings()
    if not _rings or _rings[0][0] is not chosen:
        _rings[:] = [(chosen, key_ring(chosen))]
    return _rings[0][1]


def _issue(kind: str, actor: Person, lasts: int, extra: Mapping[str, str]) -> IssuedToken:
    ring = _ring()
    issued_at = int(clock.now().timestamp())
    jti = secrets.token_urlsafe(32)
    claims = {
        "iss": ISSUER,
        "aud": audience_claim(actor.audience),
        "sub": str(actor.person_id),
        "sid": str(actor.session_id),
        "typ": kind,
        "iat": issued_at,
        "exp": issued_at + lasts,
        "jti": jti,
        **extra,
    }
    text = jwt.encode(claims, ring.secrets[ring.current], ALGORITHM, headers={"kid": ring.current})
    return IssuedToken(text, datetime.fromtimestamp(issued_at + lasts, UTC), _hash(jti))


def _read(token: str, kind: str, audience: Audience) -> dict[str, Any]:
    secret = _ring().secrets.get(key_id_of(token, ALGORITHM))
    if secret is None:
        raise TokenNotAccepted(TokenFault.KEY)
    claims = verified_claims(token, secret, Expected(ALGORITHM, ISSUER, audience_claim(audience), CLAIMS))
    if claims["typ"] != kind:
        raise TokenNotAccepted(TokenFault.TYPE)
    check_times(claims, clock.now(), settings().limits.clock_skew)
    return claims


def _actor(claims: Mapping[str, Any], audience: Audience) -> Person:
    store_id = _id(claims, "store") if "store" in claims else None
    held = HeldRole(audience, str(claims.get("role", "")), store_id)
    try:
        return actor_of(audience, _id(claims, "sub"), _id(claims, "sid"), held)
    except NotAllowedHere as roleless:
        raise TokenNotAccepted(TokenFault.MALFORMED) from roleless


def _id(claims: Mapping[str, Any], name: str) -> UUID:
    fault = TokenFault.SUBJECT if name == "sub" else TokenFault.MALFORMED
    try:
        read = UUID(claims[name])
    except (ValueError, TypeError, AttributeError) as malformed:
        raise TokenNotAccepted(fault) from malformed
    if str(read) != claims[name]:
        # An id has one spelling in our tokens.
        raise TokenNotAccepted(fault)
    return read


def _hash(jti: str) -> str:
    # Of the token's own number, not of its text: a second spelling of the same token must not pass for another one.
    return hashlib.sha256(jti.encode()).hexdigest()
