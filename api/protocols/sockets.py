"""graphql-transport-ws for one audience: the protocol's messages over one WebSocket, in plain ASGI.

Closes with: 4400 a message that is none · 4401 subscribe before connection_init · 4403 the token is not accepted, has expired,
or its session has ended (the reason says which) · 4406 another protocol · 4408 no connection_init in time · 4409 an id used
twice at a time · 4420 too many sockets of one address or person, and when to come back · 4426 the app must be updated, and to
which version · 4429 a second connection_init · 1009 a message too large · 1012 the server restarts, and when to come back ·
1013 the heartbeat was not answered in time. Apps refresh their token after 4403, and connect again with jitter after 1006,
1011, 1012 and 1013; what they followed begins with how things stand now.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import orjson
import structlog
from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send

from api import problems
from api.engine.documents import RequestRefused
from api.engine.fanout import Follower, Made
from api.operators import metrics
from api.protocols.capacity import most_sockets
from api.protocols.gate import Gate, Json, Ready, refusal
from api.protocols.messages import Closed, authorization_in, id_of, read_message, request_in
from api.protocols.presence import Presence
from api.protocols.requests import Refused, read_payload
from api.protocols.seats import Holder, Seats
from api.protocols.wire import READY_UTF8, RESTART, text_frame
from api.releases.apps import AppVersion, said_in
from services.kernel.request_context import client_address

PROTOCOL = "graphql-transport-ws"
# What a send meets when the other side has left: servers differ in how they say so.
_GONE = (OSError, RuntimeError)
# Of one answer, with the ids that many apps count from one.
_FRAMES_KEPT = 8
_log = structlog.get_logger("pannier.sockets")


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Clocks and bounds, in seconds of the wall and counts."""

    init_within: float = 5.0
    look_again_every: float = 2.0
    subscriptions: int = 20
    finish_within: float = 2.0
    open_at_once: int = field(default_factory=most_sockets)
    # How many sockets of a closing server the others are asked to take a second.
    moved_per_second: int = 250


class SocketDoor:
    """Answers WebSockets for one gate."""

    def __init__(self, gate: Gate, allowed_origins: frozenset[str], bounds: SocketLimits | None = None) -> None:
        self.gate, self._origins, self.bounds = gate, allowed_origins, bounds or SocketLimits()
        self.open = 0
        # Changes under way, some of them for phones that have gone.
        self.changes: set[asyncio.Task[Json]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        await receive()
        if self.open >= self.bounds.open_at_once:
            await _turn_away(scope, send)
            return
        if not self._origin_allowed(headers):
            await send({"type": "websocket.close", "code": 4403, "reason": "origin"})
            return
        spoken = PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if spoken else None})
        if not spoken:
            await send({"type": "websocket.close", "code": 4406, "reason": f"Speak {PROTOCOL}."})
            return
        write = scope.get("extensions", {}).get(READY_UTF8, {}).get("write")
        socket = Socket(self, receive, send, headers.get("authorization"), said_in(headers), write)
        if not await socket.sit_down(client_address.get()):
            return
        self.open += 1
        try:
            with metrics.SOCKETS.labels(self.gate.audience).track_inprogress():
                await socket.live()
        finally:
            self.open -= 1
            socket.stand_up()

    def come_back_after(self) -> float:
        """Seconds after which one of the sockets that are open now shall connect again: not all at once."""
        return 0.5 + random.uniform(0, self.open / self.bounds.moved_per_second)

    def _origin_allowed(self, headers: Mapping[str, str]) -> bool:
        """Apps send no origin; a browser's must be our own host's or a listed one."""
        origin = headers.get("origin")
        return origin is None or origin.partition("://")[2] == headers.get("host") or origin in self._origins


@dataclass(slots=True, eq=False)
class Socket:
    """One open socket: who holds it and what runs on it."""

    door: SocketDoor
    receive: Receive
    send: Send
    authorization: str | None
    said: dict[str, object]
    write: Callable[[bytes], bool] | None
    app: AppVersion | None = None
    presence: Presence = field(init=False)
    holder: Holder = ""
    opened: bool = False
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    _limit: asyncio.Timeout = field(init=False)
    _why: Closed = field(init=False)
    _timer: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self.presence = Presence(self.door.gate.enter)
        self._why = Closed(4408, "Connection initialisation timeout")

    async def sit_down(self, address: str) -> bool:
        """Take one of the seats that an address has; where it has none left, the socket is closed."""
        try:
            self.seats.take(address)
        except Closed as why:
            await self._close(why)
            return False
        self.holder = address
        return True

    def stand_up(self) -> None:
        self.seats.leave(self.holder)

    @property
    def seats(self) -> Seats:
        return self.door.gate.guard.turnstile.seats

    async def live(self) -> None:
        """Serve until either side closes; whatever runs, changes apart, is ended, and has ended, when this returns."""
        try:
            async with asyncio.timeout(self.door.bounds.init_within) as self._limit:
                await self._listen()
        except Closed as why:
            await self._close(why)
        except TimeoutError as late:
            # The listener's own limit, or a network that timed out beneath it.
            if self._limit.expired():
                await self._close(self._why)
            else:
                _log.info("socket_lost", error=type(late).__name__)
        except _GONE as gone:
            _log.info("socket_lost", error=type(gone).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, it stays this socket's
            _log.exception("socket_failed", error=type(error).__name__)
            await self._close(Closed(1011, problems.MASK))
        finally:
            await self._end_all()

    async def _end_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        tasks = list(self.running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, why: Closed) -> None:
        metrics.SOCKET_CLOSES.labels(self.door.gate.audience, str(why.code)).inc()
        with suppress(*_GONE):  # the other side may be gone already
            await self.send({"type": "websocket.close", "code": why.code, "reason": why.reason})

    def _look_again(self) -> None:
        """Every two seconds: end what is no longer allowed to be open."""
        try:
            self.presence.look_again()
        except Closed as why:
            self._why = why
            self._limit.reschedule(asyncio.get_running_loop().time())
        else:
            self._look_later()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.door.bounds.look_again_every, self._look_again)

    async def _listen(self) -> None:
        while True:
            message = await self.receive()
            if message["type"] == "websocket.receive":
                await self._take(read_message(message))
            elif message["type"] == RESTART:
                await self._move_on()
            else:
                return

    async def _move_on(self) -> None:
        """Finish what is in hand, and send the app to another server."""
        retry_after = self.door.come_back_after()
        for followed in self.followed:
            self.running[followed].cancel()
        in_hand = [task for name, task in self.running.items() if name not in self.followed]
        if in_hand:
            await asyncio.wait(in_hand, timeout=self.door.bounds.finish_within)
        raise Closed(1012, f"Restarting; retryAfter={retry_after:.1f}")

    async def _take(self, message: Json) -> None:
        kind = message.get("type")
        if kind == "connection_init":
            await self._open(message)
        elif kind == "ping":
            await self._say({"type": "pong"})
        elif kind == "pong":
            return
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            self._complete(id_of(message))
        else:
            raise Closed(4400, "Unknown message type")

    async def _open(self, message: Json) -> None:
        if self.opened:
            raise Closed(4429, "Too many initialisation requests")
        payload = message.get("payload")
        given = authorization_in(payload)
        self.app = self._meet(payload or {})
        self.presence.come_in(self.authorization if given is None else given)
        if self.presence.viewer is not None:
            self.seats.take(self.presence.viewer.person_id)
            self.seats.leave(self.holder)
            self.holder = self.presence.viewer.person_id
        self.opened = True
        self._limit.reschedule(None)
        self._look_later()
        notices = self.door.gate.reception.notices(self.app)
        await self._say({"type": "connection_ack"} | ({"payload": notices} if notices else {}))

    def _meet(self, payload: Json) -> AppVersion | None:
        try:
            return self.door.gate.meet(self.said | said_in(payload))
        except RequestRefused as refused:
            told = refused.errors[0].extensions or {}
            raise Closed(4426, f"{told['code']}; minimumVersion={told.get('minimumVersion', '')}") from refused

    async def _subscribe(self, message: Json) -> None:
        name = id_of(message)
        if not self.opened:
            raise Closed(4401, "Unauthorized")
        if name in self.running:
            raise Closed(4409, f"Subscriber for {name} already exists")
        most = self.door.bounds.subscriptions
        if len(self.running) >= most:
            await self._refuse(name, problems.coded(f"At most {most} operations on a socket.", "RATE_LIMITED", retryAfter=1))
            return
        payload = request_in(message)
        self.presence.look_again()
        try:
            ready = self.door.gate.prepare(read_payload(payload), self.app)
        except Refused as refused:
            await self._refuse(name, problems.coded(str(refused), refused.code))
        except RequestRefused as refused:
            await self._refuse(name, *refusal(refused)["errors"])
        else:
            if ready.kind is OperationType.SUBSCRIPTION:
                self.followed.add(name)
            change = self._begin(ready) if ready.kind is OperationType.MUTATION else None
            self.running[name] = asyncio.create_task(self._run(name, ready, change))

    async def _run(self, id: str, ready: Ready, change: asyncio.Task[Json] | None) -> None:
        """One operation's life on this socket; ends with `complete`, or with `error` if nothing was executed."""
        try:
            if ready.kind is OperationType.SUBSCRIPTION:
                await self._follow(id, ready)
            else:
                answer = await (asyncio.shield(change) if change else self.door.gate.answer(ready, self.presence.viewer))
                await self._say({"id": id, "type": "next", "payload": answer})
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

    def _begin(self, ready: Ready) -> asyncio.Task[Json]:
        """A query ends with who asked it; a change is carried to its end: who asked will look for it when the line is back.

        It is under way before anything else is read: a farewell in the same moment does not take it back.
        """
        change = asyncio.create_task(self.door.gate.answer(ready, self.presence.viewer))
        self.door.changes.add(change)
        change.add_done_callback(self._ended)
        return change

    def _ended(self, change: asyncio.Task[Json]) -> None:
        self.door.changes.discard(change)
        if not change.cancelled():
            change.exception()  # whoever still listens is told of it; where nobody does, it was counted

    async def _follow(self, id: str, ready: Ready) -> None:
        """Each answer once it can be sent: a slow socket hears fewer of them, and always the newest."""
        gate = self.door.gate
        head = b'{"id":' + orjson.dumps(id) + b',"type":"next","payload":'
        stream = await gate.follow(ready, self.presence.viewer)
        if isinstance(stream, Follower) and self.write is not None:
            stream.hand_to(partial(self._write_answer, self.write, head))
        try:
            async for answer in stream:
                await self._send(b"".join((head, answer, b"}")))
                metrics.SOCKET_MESSAGES.count(gate.audience)
        finally:
            await stream.aclose()

    def _write_answer(self, write: Callable[[bytes], bool], head: bytes, answer: bytes, made: Made) -> bool:
        """Send an answer at once where the line takes it; who follows by the same id gets the same frame."""
        frame = made.get(head)
        if frame is None:
            frame = text_frame(b"".join((head, answer, b"}")))
            if len(made) < _FRAMES_KEPT:
                made[head] = frame
        written = write(frame)
        if written:
            metrics.SOCKET_MESSAGES.count(self.door.gate.audience)
        return written

    def _complete(self, id: str) -> None:
        task = self.running.pop(id, None)
        self.followed.discard(id)
        if task is not None:
            task.cancel()

    def _forget(self, id: str) -> None:
        # The id may belong to a newer operation by now: a client may use it again as soon as it completed the old one.
        if self.running.get(id) is asyncio.current_task():
            del self.running[id]
            self.followed.discard(id)

    async def _refuse(self, id: str, *errors: Json) -> None:
        self._forget(id)
        await self._say({"id": id, "type": "error", "payload": list(errors)})

    async def _say(self, message: Json) -> None:
        await self._send(orjson.dumps(message))

    async def _send(self, message: bytes) -> None:
        if self.write is not None:
            await self.send({"type": "websocket.send", "utf8": message})
        else:
            await self.send({"type": "websocket.send", "text": message.decode()})


async def _turn_away(scope: Scope, send: Send) -> None:
    """More sockets than this process may hold: another one, or this one in a moment."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"retry-after", b"5")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1013})
