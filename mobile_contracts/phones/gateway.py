"""The way to the gateway: GraphQL over HTTP and WebSockets at the four public doors, and the stand-in for the sign-in SDK."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from mobile_contracts.phones.documents import app_header
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.refusals import Unreachable

GRAPHQL = "application/graphql-response+json"
PROTOCOL = Subprotocol("graphql-transport-ws")
ANSWERS_WITHIN = 15.0
HEARTBEAT = 4.0
"""Wall seconds between pings on a line, and for their answers: a dead gateway is noticed within eight."""
CONNECTIONS = 16
"""Each more costs the client a look at every question: a few are quicker than many."""
KEPT_FOR = 3.0
"""Shorter than servers keep an idle connection: a question must not meet a door that is just being closed."""
TRIES = 6
WEIGHT_OF_THE_LATEST = 0.1
_BUSY = {502, 503, 504}


@dataclass(slots=True)
class Gateway:
    """One gateway as all phones of a city reach it; they share connections to spare the machine."""

    url: str
    client: httpx.AsyncClient
    pace: Pace
    draw: random.Random
    answers_in: float = 0.0
    """How many seconds of the wall an answer takes lately."""
    release: str | None = None
    """The version these phones are; None is a developer's build, which sends whole documents."""

    async def post(self, audience: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
        """Ask at an audience's door; waits and asks again while nobody is there to hear. Raises Unreachable."""
        headers = {"content-type": "application/json", "accept": GRAPHQL, **app_header(audience, self.release)}
        if token:
            headers["authorization"] = f"Bearer {token}"
        return await self._send(f"/graphql/{audience}", orjson.dumps(body), headers)

    async def id_token(self, audience: str, phone: str, name: str) -> str:
        """What the sign-in SDK gives an app: development's own issuer stands in for it."""
        body = orjson.dumps({"audience": audience, "phone": phone, "name": name})
        answer = await self._send("/dev/sign-in", body, {"content-type": "application/json"})
        if "idToken" not in answer:
            raise Unreachable(f"No developer sign-in at {self.url}: {answer}")
        token: str = answer["idToken"]
        return token

    async def _send(self, path: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        trouble = ""
        for attempt in range(TRIES):
            try:
                response = await self._timed(path, content, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
                trouble = type(away).__name__  # it was never heard, so it may be said again
            except httpx.HTTPError as broken:
                raise Unreachable(f"{path}: {type(broken).__name__}") from broken
            else:
                if response.status_code not in _BUSY:
                    return _read(path, response)
                trouble = f"status {response.status_code}"
            await self.wait_a_little(attempt)
        raise Unreachable(f"{path}: {trouble}")

    async def _timed(self, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        asked = time.monotonic()
        try:
            return await self.client.post(path, content=content, headers=headers)
        finally:
            self.answers_in += WEIGHT_OF_THE_LATEST * (time.monotonic() - asked - self.answers_in)

    async def wait_a_little(self, attempt: int) -> None:
        """Longer from time to time, never all phones at once."""
        await asyncio.sleep(self.draw.uniform(0.5, 1.0) * min(5.0, 0.1 * 2**attempt))

    async def line(self, audience: str) -> ClientConnection:
        """A WebSocket to an audience's door, not yet opened by connection_init."""
        parts = urlsplit(self.url)
        address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}/graphql/{audience}"
        return await connect(
            address,
            subprotocols=[PROTOCOL],
            compression=None,
            proxy=None,
            open_timeout=ANSWERS_WITHIN,
            close_timeout=1,
            ping_interval=HEARTBEAT,
            ping_timeout=HEARTBEAT,
        )


def _read(path: str, response: httpx.Response) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = orjson.loads(response.content)
    except orjson.JSONDecodeError as strange:
        raise Unreachable(f"{path}: status {response.status_code} without JSON") from strange
    return answer


@asynccontextmanager
async def reach(url: str, pace: Pace, draw: random.Random, release: str | None = None) -> AsyncIterator[Gateway]:
    """The gateway at `url`, with connections that are kept and closed at the end."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEPT_FOR)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=httpx.Timeout(ANSWERS_WITHIN), trust_env=False) as client:
        yield Gateway(url, client, pace, draw, release=release)
