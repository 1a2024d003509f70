"""Access tokens of a Google service account, renewed off the event loop, one renewal at a time."""

import asyncio
import functools
from datetime import UTC, timedelta
from pathlib import Path
from typing import Protocol

import requests
import structlog
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from services.kernel import clock

SCOPES = ("https://www.googleapis.com/auth/firebase.messaging",)
RENEW_BEFORE = timedelta(minutes=5)
PAUSE_AFTER_FAILURE = timedelta(seconds=5)
TIMEOUT = 5.0
_log = structlog.get_logger(__name__)


class TokenUnavailable(RuntimeError):
    """Google gives no token now."""


class AccessTokens(Protocol):
    async def token(self) -> str:
        """A token that is good for some minutes more. Raises TokenUnavailable."""
        ...

    def forget(self, token: str) -> None:
        """This token was not accepted: give another one next time."""
        ...


class ServiceAccountTokens:
    """Tokens of the account whose key file is given."""

    def __init__(self, file: Path) -> None:
        self._credentials = Credentials.from_service_account_file(str(file), scopes=SCOPES)  # type: ignore[no-untyped-call]
        self._renewing = asyncio.Lock()
        self._refused: str | None = None
        self._ask_from = clock.wall()

    async def token(self) -> str:
        if not self._fresh():
            async with self._renewing:
                if not self._fresh():
                    await self._renew()
        return str(self._credentials.token)

    def forget(self, token: str) -> None:
        self._refused = token

    def _fresh(self) -> bool:
        token, expiry = self._credentials.token, self._credentials.expiry
        if not token or token == self._refused or expiry is None:
            return False
        return bool(expiry.replace(tzinfo=UTC) - clock.wall() > RENEW_BEFORE)

    async def _renew(self) -> None:
        if clock.wall() < self._ask_from:
            raise TokenUnavailable("no access token")
        try:
            await asyncio.to_thread(self._ask)
        except (GoogleAuthError, OSError, ValueError) as failed:
            self._ask_from = clock.wall() + PAUSE_AFTER_FAILURE
            _log.error("access_token_not_renewed", error=type(failed).__name__)
            raise TokenUnavailable("no access token") from failed

    def _ask(self) -> None:
        with requests.Session() as session:
            self._credentials.refresh(functools.partial(Request(session), timeout=TIMEOUT))
