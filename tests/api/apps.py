"""What tests of the edge hold in their hands: a client of the doors, the shipped documents, and sockets against a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api.protocols.prompt_lines import PromptLine
from api.protocols.wire import ANSWERED_WITHIN, HEARTBEAT, Wire
from services.identity import tokens
from services.kernel.actors import Person

CONTRACTS = Path(__file__).parents[2] / "mobile_contracts"
GRAPHQL = "application/graphql-response+json"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: status, data, errors."""

    status: int
    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    headers: Mapping[str, str]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    def result(self) -> Any:
        """The one root field of an answer without errors."""
        assert self.errors == []
        assert self.data is not None
        (value,) = self.data.values()
        return value


class Doors:
    """Asks the gateway as apps do."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def run(
        self, audience: str, operation: str, variables: dict[str, Any] | None = None, *, actor: Person | None = None
    ) -> Told:
        """Run the shipped document of this name at an audience's door."""
        return await self.ask(audience, document(audience, operation), variables, actor=actor)

    async def ask(
        self,
        audience: str,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        actor: Person | None = None,
        token: str | None = None,
    ) -> Told:
        """Run any document at an audience's door."""
        return await self.post(
            audience, {"query": query, "variables": variables}, token=token or (access_token(actor) if actor else None)
        )

    async def post(
        self, audience: str, body: object, *, token: str | None = None, headers: Mapping[str, str | bytes] | None = None
    ) -> Told:
        """Send any body; bytes go as they are, everything else as JSON."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {
            "content-type": "application/json",
            "accept": GRAPHQL,
            **({"authorization": f"Bearer {token}"} if token else {}),
            **(headers or {}),
        }
        return told(await self.client.post(f"/graphql/{audience}", content=content, headers=as_bytes(sent)))


def as_bytes(headers: Mapping[str, str | bytes]) -> dict[bytes, bytes]:
    return {name.encode(): value if isinstance(value, bytes) else value.encode("latin-1") for name, value in headers.items()}


def told(response: httpx.Response) -> Told:
    body = orjson.loads(response.content)
    return Told(response.status_code, body.get("data"), body.get("errors", []), response.headers)


def access_token(actor: Person) -> str:
    return tokens.issue_access(actor).text


def document(audience: str, operation: str) -> str:
    """The text of a shipped operation."""
    return (CONTRACTS / audience / "operations" / f"{operation}.graphql").read_text("utf-8")


def released_id(audience: str, operation: str) -> str:
    """The id by which the first release of an audience's app asks for an operation."""
    platform = "web" if audience == "support" else "ios"
    manifest = orjson.loads((CONTRACTS / audience / "releases" / f"{audience}-{platform}-1.0.0.json").read_bytes())
    (found,) = [listed["id"] for listed in manifest["operations"] if listed["name"] == operation]
    return str(found)


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=True), base_url="http://testserver")


@asynccontextmanager
async def served(app: ASGIApp, *, heartbeat: float = HEARTBEAT) -> AsyncIterator[str]:
    """A real server on a free port of this machine; answers `127.0.0.1:<port>`."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        http=PromptLine,
        ws=Wire,
        ws_max_size=256 * 1024,
        ws_per_message_deflate=False,
        ws_ping_interval=heartbeat,
        ws_ping_timeout=heartbeat * ANSWERED_WITHIN / HEARTBEAT,
        log_level="error",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Not `serve()`: signals belong to the test run. Who calls before it accepts waits in the socket's queue.
        running = asyncio.create_task(server._serve([listening]))
        host, port = listening.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            server.should_exit = True
            await running


class Line:
    """One WebSocket that speaks graphql-transport-ws, step by step."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, message: object) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = orjson.loads(await asyncio.wait_for(self.connection.recv(), 10))
        return heard

    async def open(self, actor: Person | None = None) -> None:
        """Open the door, as a guest or as somebody."""
        payload = {"authorization": f"Bearer {access_token(actor)}"} if actor else {}
        await self.say({"type": "connection_init", "payload": payload})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, name: str, query: str, variables: dict[str, Any] | None = None) -> None:
        await self.say({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def closed_by_server(self) -> tuple[int, str]:
        """Read until the server closes; its code and reason."""
        async with asyncio.timeout(10):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def line_to(
    address: str, audience: str, *, protocol: str | None = "graphql-transport-ws", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Line]:
    subprotocols = [Subprotocol(protocol)] if protocol else None
    async with connect(f"ws://{address}/graphql/{audience}", subprotocols=subprotocols, additional_headers=headers) as connection:
        yield Line(connection)
