"""A phone in somebody's hand: signed in at its own door, its tokens kept fresh, with one line for what is followed."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import websockets
from websockets.asyncio.client import ClientConnection

from mobile_contracts.phones.documents import app_header, asking_for
from mobile_contracts.phones.gateway import Gateway
from mobile_contracts.phones.refusals import Failed, Refused, Unreachable, failure_in, read_answer

FRESH_FOR = timedelta(minutes=3)
"""City time before its end at which an access token is renewed."""
FRESH_ON_THE_WALL = 1.0
BUSY_TRIES = 3
COME_AGAIN = {"RATE_LIMITED", "OVERLOADED", "UNAVAILABLE"}
"""Codes that say: nothing was done, ask again in a moment."""
TOKEN_REFUSED = 4403
ABNORMAL = 1006
# What a client may come back from: a good-bye, going away, abnormal, failed, restarting, try later, too slow to open.
COME_BACK = {1000, 1001, ABNORMAL, 1011, 1012, 1013, 4408}
LINE_TRIES = 30
RESTARTING = 1012
_RETRY_AFTER = re.compile(r"retryAfter=(\d{1,3}(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Words:
    """What this audience's app calls signing in, staying so, signing out, and saying where pushes go (nothing, at a desk)."""

    sign_in: str
    refresh: str
    sign_out: str
    push: str


WORDS = {
    "consumer": Words("SignIn", "RefreshSession", "SignOut", "RegisterPushDevice"),
    "store": Words("SignInStaff", "RefreshStaffSession", "SignOutStaff", "RegisterStaffPushDevice"),
    "courier": Words("SignInCourier", "RefreshCourierSession", "SignOutCourier", "RegisterCourierPushDevice"),
    "support": Words("SignInAgent", "RefreshAgentSession", "SignOutAgent", ""),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens the door, what renews it, and until when."""

    access: str
    refresh: str
    expires_at: datetime


@dataclass(slots=True)
class Phone:
    """One app on one device. `number` is the person's telephone number, by which sign-in knows them."""

    gateway: Gateway
    audience: str
    number: str
    name: str
    locale: str = "en"
    platform: str = "ANDROID"
    tokens: Tokens | None = None
    signed_in: dict[str, Any] = field(default_factory=dict)
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sign_in(self) -> dict[str, Any]:
        """Open a session; answers what the gateway says of it. Raises Refused where this person has no business at this door."""
        words = WORDS[self.audience]
        id_token = await self.gateway.id_token(self.audience, self.number, self.name)
        device = {"name": f"{self.name}'s phone", "platform": self.platform, "locale": self.locale}
        answer = await self._post(words.sign_in, {"input": {"idToken": id_token, "device": device}}, None)
        self._keep(read_answer(words.sign_in, answer))
        return self.signed_in

    async def register_push(self) -> None:
        """Say where pushes for this person go: an invented address that only the local push sender knows."""
        token = f"local-{self.audience}-{self.number}"
        await self.ask(
            WORDS[self.audience].push,
            {"input": {"kind": "FCM_TOKEN", "token": token, "platform": self.platform, "locale": self.locale}},
        )

    async def sign_out(self) -> None:
        """End the session; the next question would open another."""
        await self.ask(WORDS[self.audience].sign_out)
        self.tokens = None

    async def ask(self, operation: str, variables: dict[str, Any] | None = None) -> Any:
        """Run a shipped operation and read its one answer. Raises Refused, Failed, Unreachable."""
        for attempt in range(BUSY_TRIES + 1):
            token = await self.fresh_token()
            try:
                return read_answer(operation, await self._post(operation, variables, token))
            except Failed as failed:
                if attempt == BUSY_TRIES or not await self._may_ask_again(failed, token):
                    raise
        raise AssertionError

    async def say_as_guest(self, operation: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a shipped operation as somebody who is not signed in; the whole answer."""
        return await self._post(operation, variables, None)

    async def ask_as_guest(self, operation: str, variables: dict[str, Any] | None = None) -> Any:
        """Run a shipped operation as somebody who is not signed in. Raises Refused, Failed, Unreachable."""
        return read_answer(operation, await self._post(operation, variables, None))

    async def _may_ask_again(self, failed: Failed, token: str) -> bool:
        if failed.code == "UNAUTHENTICATED":
            await self._renew(token)
            return True
        if failed.code in COME_AGAIN:
            await asyncio.sleep(failed.retry_after or 1.0)
            return True
        return False

    async def fresh_token(self) -> str:
        """An access token that will not end in a moment."""
        tokens = self.tokens
        if tokens is None:
            await self.sign_in()
        elif self._ends_soon(tokens):
            await self._renew(tokens.access)
        if self.tokens is None:
            raise AssertionError
        return self.tokens.access

    def _ends_soon(self, tokens: Tokens) -> bool:
        pace = self.gateway.pace
        # At a high speed minutes of the city are moments of the wall, and a request takes a moment.
        ahead = max(FRESH_FOR, timedelta(seconds=FRESH_ON_THE_WALL * pace.speed))
        return pace.now() >= tokens.expires_at - ahead

    async def _renew(self, old: str) -> None:
        """Buy the next pair of tokens, once for all who noticed; sign in anew where the session has ended."""
        async with self._renewing:
            tokens = self.tokens
            if tokens is not None and tokens.access != old:
                return
            words = WORDS[self.audience]
            if tokens is not None:
                with suppress(Refused, Failed):
                    answer = await self._post(words.refresh, {"input": {"refreshToken": tokens.refresh}}, None)
                    self._keep(read_answer(words.refresh, answer))
                    return
            await self.sign_in()

    def _keep(self, answer: dict[str, Any]) -> None:
        said = answer["tokens"]
        self.tokens = Tokens(said["accessToken"], said["refreshToken"], moment(said["expiresAt"]))
        self.signed_in = {**self.signed_in, **answer}

    async def _post(self, operation: str, variables: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        body = self._asking(operation) | {"variables": variables or {}}
        return await self.gateway.post(self.audience, body, token)

    def _asking(self, operation: str) -> dict[str, Any]:
        return asking_for(self.audience, operation, self.gateway.release) | {"operationName": operation}

    async def follow(self, operation: str, variables: Callable[[], dict[str, Any]]) -> AsyncGenerator[Any, None]:
        """What a shipped subscription says, for ever: over a lost line it asks again with what `variables` says then.

        Raises Failed where the gateway does not let this person follow that, Unreachable where it stays away.
        """
        attempt = 0
        while True:
            try:
                token = await self.fresh_token()
                async with await self.gateway.line(self.audience) as line:
                    said = {"authorization": f"Bearer {token}"} | app_header(self.audience, self.gateway.release)
                    await _say(line, {"type": "connection_init", "payload": said})
                    async for value in self._hear(line, operation, variables()):
                        attempt = 0
                        yield value
                    return
            except (OSError, websockets.WebSocketException, TimeoutError) as lost:
                attempt += 1
                await self._come_back(lost, attempt)
            except Failed as failed:
                attempt += 1
                if failed.code not in COME_AGAIN or attempt > LINE_TRIES:
                    raise
                await asyncio.sleep(failed.retry_after or 1.0)

    async def _hear(self, line: ClientConnection, operation: str, variables: dict[str, Any]) -> AsyncGenerator[Any, None]:
        payload = self._asking(operation) | {"variables": variables}
        async for text in line:
            message = orjson.loads(text)
            kind = message["type"]
            if kind == "connection_ack":
                await _say(line, {"id": "1", "type": "subscribe", "payload": payload})
            elif kind == "ping":
                await _say(line, {"type": "pong"})
            elif kind == "next":
                yield read_answer(operation, message["payload"])
            elif kind == "error":
                raise failure_in(operation, message["payload"])
            elif kind == "complete":
                return
        # The server said good-bye politely; what was followed is not over.
        raise ConnectionResetError(f"closed with {line.close_code}")

    async def _come_back(self, lost: Exception, attempt: int) -> None:
        """After a lost line: a new token where it was the token, else a moment's wait, not the same for everybody."""
        code = lost.rcvd.code if isinstance(lost, websockets.ConnectionClosed) and lost.rcvd else ABNORMAL
        if attempt > LINE_TRIES or (code not in COME_BACK and code != TOKEN_REFUSED):
            raise Unreachable(f"line closed with {code}") from lost
        if code == TOKEN_REFUSED and attempt == 1:
            return  # opening the line again renews a token that is about to end
        if code == TOKEN_REFUSED and self.tokens is not None:
            await self._renew(self.tokens.access)
        if code == RESTARTING and attempt == 1:
            # The server that went gave each of its phones another moment, so that those that stay are not all asked at once.
            await asyncio.sleep(_told_to_wait(lost))
            return
        await self.gateway.wait_a_little(attempt)


def _told_to_wait(lost: Exception) -> float:
    """Seconds that the close's reason asks for; a short moment where it asks for none."""
    reason = lost.rcvd.reason if isinstance(lost, websockets.ConnectionClosed) and lost.rcvd else ""
    said = _RETRY_AFTER.search(reason)
    return float(said[1]) if said else 0.5


async def _say(line: ClientConnection, message: dict[str, Any]) -> None:
    await line.send(orjson.dumps(message).decode())


def moment(text: str) -> datetime:
    """A DateTime of the gateway."""
    return datetime.fromisoformat(text)
