"""A small gateway for phones to talk to: it says what a test told it to, and remembers what it heard."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from mobile_contracts.phones.gateway import Gateway
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone

BEGINNING = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
Json = dict[str, Any]


@dataclass
class FakeGateway:
    """Answers sign-in and refresh by itself; everything else by `answers`, the first left for each operation."""

    at: datetime = BEGINNING
    lasts: timedelta = timedelta(minutes=15)
    answers: dict[str, list[Json | int | Exception]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    pairs: int = 0
    spent: set[str] = field(default_factory=set)
    # One script for each connection; what each was asked and opened with.
    lines: list[Callable[["FakeLine"], Any]] = field(default_factory=list)
    opened: list[Json] = field(default_factory=list)
    subscribed: list[Json] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/dev/sign-in":
            return httpx.Response(200, json={"idToken": "id-token"})
        body = orjson.loads(request.content)
        operation = body["operationName"]
        self.heard.append(operation)
        self.tokens.append(request.headers.get("authorization"))
        told = self.answers[operation].pop(0) if self.answers.get(operation) else self._by_itself(operation, body)
        if isinstance(told, Exception):
            raise told
        if isinstance(told, int):
            return httpx.Response(told, json={"errors": []})
        return httpx.Response(200, json=told)

    def _by_itself(self, operation: str, body: Json) -> Json:
        if operation.startswith("Refresh"):
            given = body["variables"]["input"]["refreshToken"]
            if given in self.spent:
                return {"data": {"refreshSession": {"__typename": "RefreshTokenReusedProblem", "message": "again"}}}
            self.spent.add(given)
        return {"data": {operation: {"__typename": "Fine", "tokens": self._pair()}}}

    def _pair(self) -> Json:
        self.pairs += 1
        until = (self.at + self.lasts).isoformat().replace("+00:00", "Z")
        return {"accessToken": f"access-{self.pairs}", "refreshToken": f"refresh-{self.pairs}", "expiresAt": until}

    async def line(self, connection: ServerConnection) -> None:
        line = FakeLine(connection)
        try:
            self.opened.append((await line.hear())["payload"])
            await line.say({"type": "connection_ack"})
            self.subscribed.append(await line.hear())
            await self.lines.pop(0)(line)
        except ConnectionClosed:
            return


@dataclass
class FakeLine:
    """The gateway's end of a WebSocket."""

    connection: ServerConnection

    async def hear(self) -> Json:
        heard: Json = orjson.loads(await self.connection.recv())
        return heard

    async def say(self, message: Json) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def next(self, **data: Any) -> None:
        await self.say({"id": "1", "type": "next", "payload": {"data": data}})

    async def close(self, code: int, reason: str = "") -> None:
        await self.connection.close(code, reason)

    def break_off(self) -> None:
        """As when the machine behind it dies: no good-bye."""
        self.connection.transport.abort()


def coded(code: str, **extensions: Any) -> Json:
    return {"data": None, "errors": [{"message": "no", "extensions": {"code": code, **extensions}}]}


@asynccontextmanager
async def a_phone(fake: FakeGateway, audience: str = "consumer") -> AsyncIterator[Phone]:
    """A phone that reaches the fake gateway, HTTP without a socket, lines over a real one."""
    async with serve(fake.line, "127.0.0.1", 0, subprotocols=[Subprotocol("graphql-transport-ws")]) as server:
        host, port = next(iter(server.sockets)).getsockname()[:2]
        url = f"http://{host}:{port}"
        async with httpx.AsyncClient(transport=httpx.MockTransport(fake.answer), base_url=url) as client:
            pace = Pace(fake.now, 60.0, asyncio.get_running_loop().time() + 1e9, fake.at)
            yield Phone(Gateway(url, client, pace, random.Random(1)), audience, "+358404000001", "Aino")
