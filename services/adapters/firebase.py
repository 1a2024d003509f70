"""Firebase sign-in: its ID tokens, verified as Google documents, by certificates fetched without holding anybody else up."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Protocol

import httpx
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.identity.errors import IdTokenNotAccepted, TokenFault, TokenNotAccepted
from services.identity.ports import VerifiedIdentity
from services.identity.rules import LONGEST_UID, e164
from services.identity.signed_claims import Expected, check_times, key_id_of, verified_claims
from services.kernel import clock
from services.kernel.errors import BadInput, Unavailable
from services.settings import settings

ALGORITHM = "RS256"
ISSUER = "https://securetoken.google.com/"
CLAIMS = ("iss", "aud", "sub", "iat", "exp", "auth_time")
LARGEST_ANSWER = 64 * 1024
# An unknown key id may be a new key or a forger's word: ask Google again, but not as often as a forger can.
ASK_AGAIN_AFTER = 60.0
PAUSE_AFTER_FAILURE = 2.0
KEPT_AT_MOST = 24 * 3600.0
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*(\d{1,9})\s*(?:,|$)", re.IGNORECASE)
_log = structlog.get_logger(__name__)


class PublicKeys(Protocol):
    async def public_key(self, kid: str) -> RSAPublicKey | None:
        """The key of this id, or None for an unknown one. Raises Unavailable when it cannot be known."""
        ...


class FirebaseIdTokens:
    """Verifies ID tokens of one Firebase project against the keys it is given."""

    def __init__(self, project: str, keys: PublicKeys) -> None:
        self._keys = keys
        self._expected = Expected(ALGORITHM, ISSUER + project, project, CLAIMS)

    async def verify(self, token: str) -> VerifiedIdentity:
        """Who the token was made for. Raises IdTokenNotAccepted, or Unavailable while Google's keys cannot be had."""
        try:
            return await self._verified(token)
        except TokenNotAccepted as refused:
            _log.info("id_token_not_accepted", fault=refused.fault)
            raise IdTokenNotAccepted(refused.fault) from refused

    async def _verified(self, token: str) -> VerifiedIdentity:
        key = await self._keys.public_key(key_id_of(token, ALGORITHM))
        if key is None:
            raise TokenNotAccepted(TokenFault.KEY)
        claims = verified_claims(token, key, self._expected)
        check_times(claims, clock.now(), settings().limits.clock_skew)
        return _identity(claims)


class GoogleCertificates:
    """Google's signing keys by id, kept as long as Google says, asked for by one request at a time."""

    def __init__(
        self, url: str, transport: httpx.AsyncBaseTransport | None = None, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._transport = transport
        self._seconds = seconds
        self._keys: dict[str, RSAPublicKey] = {}
        self._fresh_until = 0.0
        self._ask_from = 0.0
        self._asking = asyncio.Lock()

    async def public_key(self, kid: str) -> RSAPublicKey | None:
        if not self._knows(kid):
            async with self._asking:
                if not self._knows(kid) and self._may_ask():
                    await self._ask()
        if self._seconds() >= self._fresh_until:
            raise Unavailable(PAUSE_AFTER_FAILURE)
        return self._keys.get(kid)

    def _knows(self, kid: str) -> bool:
        return kid in self._keys and self._seconds() < self._fresh_until

    def _may_ask(self) -> bool:
        return self._seconds() >= self._ask_from

    async def _ask(self) -> None:
        try:
            # No redirects: the keys come from the address we know, or not at all.
            async with httpx.AsyncClient(transport=self._transport, follow_redirects=False, timeout=5.0) as client:
                answer = await client.get(self._url)
            self._keys = _keys_in(answer)
        except (httpx.HTTPError, ValueError, TypeError, AttributeError) as failed:
            _log.warning("google_certificates_not_read", error=type(failed).__name__)
            self._ask_from = self._seconds() + PAUSE_AFTER_FAILURE
            raise Unavailable(PAUSE_AFTER_FAILURE) from failed
        at = self._seconds()
        kept_for = max_age(answer.headers.get("cache-control", ""))
        self._fresh_until, self._ask_from = at + kept_for, at + min(kept_for, ASK_AGAIN_AFTER)


def max_age(cache_control: str) -> float:
    """For how many seconds an answer may be kept; nothing said: not at all beyond a minute."""
    found = _MAX_AGE.search(cache_control)
    return min(float(found.group(1)), KEPT_AT_MOST) if found else ASK_AGAIN_AFTER


def _keys_in(answer: httpx.Response) -> dict[str, RSAPublicKey]:
    if answer.status_code != httpx.codes.OK or len(answer.content) > LARGEST_ANSWER:
        raise ValueError(f"status {answer.status_code}, {len(answer.content)} bytes")
    return {kid: _rsa_key(certificate) for kid, certificate in answer.json().items()}


def _rsa_key(certificate: str) -> RSAPublicKey:
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("not an RSA key")
    return key


def _identity(claims: dict[str, Any]) -> VerifiedIdentity:
    uid, name, phone = claims["sub"], claims.get("name"), claims.get("phone_number")
    if len(uid) > LONGEST_UID or "\x00" in uid:
        raise TokenNotAccepted(TokenFault.SUBJECT)
    return VerifiedIdentity(uid, phone=_phone(phone), name=name if isinstance(name, str) else None)


def _phone(claim: object) -> str | None:
    if not isinstance(claim, str):
        return None
    try:
        return e164(claim)
    except BadInput:
        # Firebase vouched for it; that we cannot write it is no reason to keep the person out.
        return None
