"""Signed tokens, read with suspicion: one spelling, one algorithm, a known key, every claim that was asked for, our own clock."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from services.identity.errors import TokenFault, TokenNotAccepted

LONGEST_TOKEN = 4096
SHORTEST_SECRET = 32
# Base64url without padding: a token has one spelling, so that no second text means the same thing.
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER = frozenset({"alg", "kid", "typ"})
_FAULTS: tuple[tuple[type[jwt.PyJWTError], TokenFault], ...] = (
    (jwt.InvalidSignatureError, TokenFault.SIGNATURE),
    (jwt.InvalidAlgorithmError, TokenFault.ALGORITHM),
    (jwt.InvalidIssuerError, TokenFault.ISSUER),
    (jwt.InvalidAudienceError, TokenFault.AUDIENCE),
    (jwt.MissingRequiredClaimError, TokenFault.MISSING_CLAIM),
    (InvalidSubjectError, TokenFault.SUBJECT),
)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The secrets we sign with, by key id: the `current` one signs, the others still verify until their tokens have run out."""

    secrets: Mapping[str, bytes]
    current: str

    def __post_init__(self) -> None:
        if self.current not in self.secrets:
            raise ValueError(f"The key ring has no key {self.current!r} to sign with.")
        short = sorted(kid for kid, secret in self.secrets.items() if len(secret) < SHORTEST_SECRET)
        if short:
            raise ValueError(f"A signing key needs at least {SHORTEST_SECRET} bytes; too short: {', '.join(short)}.")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be accepted."""

    algorithm: str
    issuer: str
    audience: str
    claims: Sequence[str]


def key_id_of(token: str, algorithm: str) -> str:
    """The key the token says it was signed with, if spelling and header are as we write them; nothing is verified yet."""
    if len(token) > LONGEST_TOKEN or not _SHAPE.fullmatch(token):
        raise TokenNotAccepted(TokenFault.MALFORMED)
    header = _strictly_read(token)
    if header.get("alg") != algorithm:
        raise TokenNotAccepted(TokenFault.ALGORITHM)
    if not header.keys() <= _HEADER or header.get("typ", "JWT") != "JWT":
        # No `crit`, no `jwk`, no `jku`: a header may not bring its own rules or its own key.
        raise TokenNotAccepted(TokenFault.MALFORMED)
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise TokenNotAccepted(TokenFault.KEY)
    return kid


def verified_claims(token: str, key: Any, expected: Expected) -> dict[str, Any]:
    """The claims of a token signed with `key` for us; its times are not checked here. Raises TokenNotAccepted."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[expected.algorithm],
            audience=expected.audience,
            issuer=expected.issuer,
            options={
                "require": list(expected.claims),
                "strict_aud": True,
                "enforce_minimum_key_length": True,
                # The library looks at the wall's clock; ours may run with the city.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as refused:
        raise TokenNotAccepted(_fault_of(refused)) from refused
    if not claims["sub"]:
        raise TokenNotAccepted(TokenFault.SUBJECT)
    return claims


def _strictly_read(token: str) -> dict[str, Any]:
    """The header, once every segment is in its one spelling and header and claims are objects that all readers read alike."""
    try:
        header, claims, _ = (_bytes_of(segment) for segment in token.split("."))
        read, _ = (
            json.loads(part.decode(), object_pairs_hook=_no_name_twice, parse_constant=_no_number) for part in (header, claims)
        )
    except (ValueError, RecursionError) as malformed:
        raise TokenNotAccepted(TokenFault.MALFORMED) from malformed
    if not isinstance(read, dict):
        raise TokenNotAccepted(TokenFault.MALFORMED)
    return read


def _bytes_of(segment: str) -> bytes:
    decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != segment.encode():
        raise ValueError("spare bits")
    return decoded


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice")
    return read


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def check_times(claims: Mapping[str, Any], at: datetime, skew: float) -> None:
    """Raises TokenNotAccepted unless `at` lies between the token's times, give or take `skew` seconds between two clocks."""
    moment = at.timestamp()
    if _seconds(claims, "exp") + skew <= moment:
        raise TokenNotAccepted(TokenFault.EXPIRED)
    for name in ("iat", "nbf", "auth_time"):
        if name in claims and _seconds(claims, name) - skew > moment:
            raise TokenNotAccepted(TokenFault.NOT_YET)


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TokenNotAccepted(TokenFault.MALFORMED)
    return value


def _fault_of(refused: jwt.PyJWTError) -> TokenFault:
    return next((fault for kind, fault in _FAULTS if isinstance(refused, kind)), TokenFault.MALFORMED)
