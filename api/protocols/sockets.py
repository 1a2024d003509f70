"""graphql-transport-ws for one audience: the protocol's messages over one WebSocket, in plain ASGI.

Closes with: 4400 a message that is none · 4401 subscribe before connection_init · 4403 the token is not accepted, has expired,
or its session has ended · 4406 another protocol · 4408 no connection_init in time · 4409 an id used twice at a time ·
4429 a second connection_init · 1009 a message too large. Apps refresh their token after 4403, and connect again with jitter
after 1006, 1011 and 1012.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from graphql import GraphQLError, OperationType
from starlette.types import Message, Receive, Scope, Send

from api import limits, problems
from api.engine.documents import RequestRefused
from api.operators import metrics
from api.protocols.gate import Gate, Json, Ready, refusal
from api.protocols.requests import Refused, read_json, read_payload
from services.kernel.actors import Person
from services.kernel.errors import Unauthenticated

PROTOCOL = "graphql-transport-ws"
_LONGEST_ID = 128
# What a send meets when the other side has left: servers differ in how they say so.
_GONE = (OSError, RuntimeError)
_log = structlog.get_logger("pannier.sockets")


class Closed(Exception):
    """The socket must be closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Clocks and bounds of one socket, in seconds and counts."""

    init_within: float = 5.0
    look_again_every: float = 2.0
    subscriptions: int = 20


class SocketDoor:
    """Answers WebSockets for one gate."""

    def __init__(self, gate: Gate, allowed_origins: frozenset[str], bounds: SocketLimits | None = None) -> None:
        self._gate, self._origins, self._bounds = gate, allowed_origins, bounds or SocketLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        await receive()
        if not self._origin_allowed(headers):
            await send({"type": "websocket.close", "code": 4403, "reason": "origin"})
            return
        spoken = PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if spoken else None})
        if not spoken:
            await send({"type": "websocket.close", "code": 4406, "reason": f"Speak {PROTOCOL}."})
            return
        socket = Socket(self._gate, self._bounds, headers.get("authorization"), receive, send)
        with metrics.SOCKETS.labels(self._gate.audience).track_inprogress():
            await socket.live()

    def _origin_allowed(self, headers: Mapping[str, str]) -> bool:
        """Apps send no origin; a browser's must be our own host's or a listed one."""
        origin = headers.get("origin")
        return origin is None or origin.partition("://")[2] == headers.get("host") or origin in self._origins


@dataclass(slots=True)
class Socket:
    """One open socket: who holds it and what runs on it."""

    gate: Gate
    bounds: SocketLimits
    authorization: str | None
    receive: Receive
    send: Send
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    viewer: Person | None = None
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def live(self) -> None:
        """Serve until either side closes; whatever runs is ended, and has ended, when this returns."""
        watching = asyncio.create_task(self._watch())
        listening = asyncio.create_task(self._listen())
        try:
            done, _ = await asyncio.wait({watching, listening}, return_when=asyncio.FIRST_COMPLETED)
            await self._end(done.pop().exception())
        finally:
            tasks = [watching, listening, *self.running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self, why: BaseException | None) -> None:
        if why is None or isinstance(why, _GONE):
            return
        if not isinstance(why, Closed):
            _log.error("socket_failed", error=type(why).__name__, exc_info=why)
            why = Closed(1011, problems.MASK)
        metrics.SOCKET_CLOSES.labels(self.gate.audience, str(why.code)).inc()
        with suppress(*_GONE):  # the other side may be gone already
            await self.send({"type": "websocket.close", "code": why.code, "reason": _reason(why)})

    async def _watch(self) -> None:
        """Close what is not opened in time, and what is no longer allowed to be open."""
        try:
            async with asyncio.timeout(self.bounds.init_within):
                await self.opened.wait()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            await asyncio.sleep(self.bounds.look_again_every)
            self._look_again()

    def _look_again(self) -> None:
        try:
            self.viewer = self.gate.enter(self.authorization)
        except Unauthenticated as refused:
            raise Closed(4403, "Forbidden: the token has expired or the session has ended") from refused

    async def _listen(self) -> None:
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._take(_read(message))

    async def _take(self, message: Json) -> None:
        kind = message.get("type")
        if kind == "connection_init":
            await self._open(message.get("payload"))
        elif kind == "ping":
            await self._say({"type": "pong"})
        elif kind == "pong":
            return
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            self._complete(_id_of(message))
        else:
            raise Closed(4400, "Unknown message type")

    async def _open(self, payload: Any) -> None:
        if self.opened.is_set():
            raise Closed(4429, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "The payload of connection_init must be an object")
        given = next((value for name, value in (payload or {}).items() if name.lower() == "authorization"), None)
        if given is not None and not isinstance(given, str):
            raise Closed(4400, "`authorization` must be text")
        self.authorization = self.authorization if given is None else given
        try:
            self.viewer = self.gate.enter(self.authorization)
        except Unauthenticated as refused:
            raise Closed(4403, "Forbidden") from refused
        self.opened.set()
        await self._say({"type": "connection_ack"})

    async def _subscribe(self, message: Json) -> None:
        name = _id_of(message)
        if not self.opened.is_set():
            raise Closed(4401, "Unauthorized")
        if name in self.running:
            raise Closed(4409, f"Subscriber for {name} already exists")
        if len(self.running) >= self.bounds.subscriptions:
            await self._refuse(
                name, problems.coded(f"At most {self.bounds.subscriptions} operations on a socket.", "RATE_LIMITED", retryAfter=1)
            )
            return
        if not isinstance(message.get("payload"), dict):
            raise Closed(4400, "The payload of subscribe must be an object")
        try:
            ready = self.gate.prepare(read_payload(message["payload"]))
        except Refused as refused:
            await self._refuse(name, problems.coded(str(refused), refused.code))
        except RequestRefused as refused:
            await self._refuse(name, *refusal(refused)["errors"])
        else:
            self._look_again()
            self.running[name] = asyncio.create_task(self._run(name, ready))

    async def _run(self, id: str, ready: Ready) -> None:
        """One operation's life on this socket; ends with `complete`, or with `error` if nothing was executed."""
        try:
            if ready.kind is OperationType.SUBSCRIPTION:
                await self._follow(id, ready)
            else:
                await self._say({"id": id, "type": "next", "payload": await self.gate.answer(ready, self.viewer)})
            self._forget(id)
            await self._say({"id": id, "type": "complete"})
        except RequestRefused as refused:
            await self._refuse(id, *refusal(refused)["errors"])
        except _GONE as gone:
            _log.info("subscription_unheard", error=type(gone).__name__)
        except Exception as error:  # noqa: BLE001 - a stream broke after its first answers; it is told like a field's failure
            await self._refuse(id, problems.execution_error(GraphQLError(problems.MASK, original_error=error)))
        finally:
            self._forget(id)

    async def _follow(self, id: str, ready: Ready) -> None:
        events = await self.gate.events(ready, self.viewer)
        try:
            async for answer in events:
                await self._say({"id": id, "type": "next", "payload": answer})
                metrics.SOCKET_MESSAGES.labels(self.gate.audience).inc()
        finally:
            await events.aclose()

    def _complete(self, id: str) -> None:
        task = self.running.pop(id, None)
        if task is not None:
            task.cancel()

    def _forget(self, id: str) -> None:
        # The id may belong to a newer operation by now: a client may use it again as soon as it completed the old one.
        if self.running.get(id) is asyncio.current_task():
            del self.running[id]

    async def _refuse(self, id: str, *errors: Json) -> None:
        self._forget(id)
        await self._say({"id": id, "type": "error", "payload": list(errors)})

    async def _say(self, message: Json) -> None:
        await self.send({"type": "websocket.send", "text": orjson.dumps(message).decode()})


def _reason(why: Closed) -> str:
    # What a close frame can carry beside its code.
    return str(why).encode()[:123].decode(errors="ignore")


def _read(message: Message) -> Json:
    """The protocol message in a frame. Raises Closed for anything that is none."""
    text = message.get("text")
    if text is None:
        raise Closed(4400, "Binary frames are not understood")
    if len(text) > limits.BODY:
        raise Closed(1009, "Message too large")
    try:
        read = read_json(text)
    except Refused as refused:
        raise Closed(4400, "The message is not well-formed JSON") from refused
    if not isinstance(read, dict):
        raise Closed(4400, "The message must be an object")
    return read


def _id_of(message: Json) -> str:
    given = message.get("id")
    if not isinstance(given, str) or not 1 <= len(given) <= _LONGEST_ID:
        raise Closed(4400, f"`id` must be text of 1 to {_LONGEST_ID} characters")
    return given
