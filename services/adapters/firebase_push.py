"""Firebase Cloud Messaging: one call a message over HTTP v1, in firebase-admin's encoding; the answers are read here."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import structlog

from services.adapters.firebase_messages import encode
from services.adapters.google_tokens import AccessTokens, ServiceAccountTokens, TokenUnavailable
from services.adapters.http_words import OVERLOADED, json_object, retry_after
from services.notifications.ports import Outcome, PushMessage, Refused, RetryLater, Sent, Unregistered

TIMEOUT = 10.0
QUOTA_PAUSE = 60.0
LONGEST_REASON = 200
_GONE = {"UNREGISTERED", "SENDER_ID_MISMATCH"}
_log = structlog.get_logger(__name__)


class PushNotConfigured(ValueError):
    """The settings ask for Firebase pushes and do not say with whose credentials."""


def open_firebase_push(project: str, credentials: Path | None, url: str) -> "FirebasePush":
    """The sender of a project. Raises PushNotConfigured."""
    if credentials is None:
        raise PushNotConfigured("PANNIER_PUSH is 'firebase' and PANNIER_FIREBASE_CREDENTIALS names no service account file.")
    try:
        tokens = ServiceAccountTokens(credentials)
    except (OSError, ValueError) as unreadable:
        raise PushNotConfigured(
            f"{credentials}, which PANNIER_FIREBASE_CREDENTIALS names, is not a readable service account file."
        ) from unreadable
    return FirebasePush(project, tokens, url)


class FirebasePush:
    """Sends through FCM as one service account."""

    def __init__(self, project: str, tokens: AccessTokens, url: str, timeout: float = TIMEOUT) -> None:
        self._path = f"{url}/v1/projects/{project}/messages:send"
        self._tokens = tokens
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def send(self, message: PushMessage) -> Outcome:
        try:
            body = b'{"message":' + encode(message).encode() + b"}"
        except ValueError as unfit:
            return Refused(f"not encodable: {unfit}"[:LONGEST_REASON], alert=True)
        try:
            token = await self._tokens.token()
            answer = await self._open().post(self._path, content=body, headers=_headers(token))
        except TokenUnavailable as unavailable:
            return RetryLater(None, str(unavailable))
        except httpx.HTTPError as failed:
            return RetryLater(None, type(failed).__name__)
        if answer.status_code == httpx.codes.UNAUTHORIZED and _code_of(answer) == "UNAUTHENTICATED":
            self._tokens.forget(token)
        return outcome_of(answer)

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        # Opened by the first message: most processes of the house never send one.
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, follow_redirects=False)
        return self._client


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=UTF-8"}


def outcome_of(answer: httpx.Response) -> Outcome:
    """What FCM's answer means for the message, as its error codes are documented."""
    if answer.status_code == httpx.codes.OK:
        return Sent(str(json_object(answer).get("name") or "fcm"))
    code = _code_of(answer)
    if code in _GONE:
        return Unregistered()
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        pause = retry_after(answer)
        return RetryLater(QUOTA_PAUSE if pause is None else pause, code)
    if answer.status_code in OVERLOADED:
        return RetryLater(retry_after(answer), code)
    if code == "UNAUTHENTICATED":
        # Our own token was not accepted; the next attempt comes with a new one.
        _log.error("fcm_token_not_accepted")
        return RetryLater(None, code)
    return Refused(code, alert=True)


def _code_of(answer: httpx.Response) -> str:
    """FCM's own error code where it gives one, else the general status."""
    error = json_object(answer).get("error")
    if not isinstance(error, Mapping):
        return f"HTTP_{answer.status_code}"
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping) and str(detail.get("@type", "")).endswith("FcmError") and detail.get("errorCode"):
            return str(detail["errorCode"])[:LONGEST_REASON]
    return str(error.get("status") or f"HTTP_{answer.status_code}")[:LONGEST_REASON]
