"""The doorman: while there is far too much to do, says no before anything is read, by the name of the operation alone.

A no must be cheap if the yeses are to go on: what came in one piece is refused by its bytes, with bytes made beforehand, before
anything is made of it; what came in pieces as soon as it is whole. Whoever gives a false name gains nothing: what the doorman
lets pass is judged again by what it asks for. Answers that are kept for everybody cost no more than a no, so they are given, a
few at a time, whatever their class.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admission import Admission
from api.operators import metrics
from api.operators.watch import SECURITY_HEADERS
from api.priorities import PRIORITIES
from api.protocols.lane import Lane
from api.protocols.whole import document_id, operation_name, whole_post
from services.kernel.actors import Audience
from services.kernel.errors import Overloaded

# Seconds in which a body that is on its way has begun to come.
PATIENCE: Final = 1.0
KEPT_AT_ONCE: Final = 8
"""Kept answers given at a time in spite of the crowd: each takes no turn, but some time of everybody's."""
# Of the headers that every answer has, those that mean anything for this one.
_HEADERS: Final = tuple(pair for pair in SECURITY_HEADERS if pair[0] in {b"cache-control", b"x-content-type-options"})


@dataclass(frozen=True, slots=True)
class Desk:
    """What the doorman knows of one door: the classes of operations by their names, and what is said of them inside."""

    ranks: Mapping[bytes, int]
    name_of: Callable[[str], str | None] = lambda _document_id: None
    """The name of a registered document's operation."""
    is_kept: Callable[[str], bool] = lambda _name: False
    """Whether answers to the operation of this name are usually found kept."""

    @classmethod
    def of(
        cls,
        audience: Audience,
        name_of: Callable[[str], str | None] = lambda _document_id: None,
        is_kept: Callable[[str], bool] = lambda _name: False,
    ) -> "Desk":
        """A door of the house: each shipped operation is called as its root field."""
        ranks = {(name[0].upper() + name[1:]).encode(): int(rank) for name, rank in PRIORITIES[audience].items()}
        return cls(ranks, name_of, is_kept)

    def name_in(self, body: bytes) -> bytes:
        """Which operation a body asks for; empty if it does not say so as apps do."""
        if name := operation_name(body):
            return name
        asked = document_id(body)
        name_of_it = self.name_of(asked.decode("latin-1")) if asked else None
        return name_of_it.encode() if name_of_it else b""


class Doorman:
    """Stands before the whole application, for the doors at these addresses."""

    def __init__(self, app: ASGIApp, turns: Admission, desks: Mapping[str, Desk], lane: Lane | None = None) -> None:
        self._app, self._turns, self._desks = app, turns, desks
        self._by_bytes = {path.encode(): (path, desk) for path, desk in desks.items()}
        self._kept_inside = 0
        self.lane = lane or Lane()

    def glance(self, data: bytes) -> bytes | None:
        """The whole answer to a request that is refused by its bytes alone; None for whatever has to be looked at."""
        if not self._turns.is_crowded() or (post := whole_post(data)) is None:
            return None
        path, desk = self._by_bytes.get(post.path, ("", None))
        if desk is None:
            return None
        name = desk.name_in(post.body)
        if self._may_be_kept(desk, name) or (after := self._refuse(path, desk, name)) is None:
            return None
        return _line(after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._turns.is_crowded() or scope["method"] != "POST" or _is_browsers(scope):
            await self._app(scope, receive, send)
        elif desk := self._desks.get(scope["path"]):
            await self._judge(desk, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _judge(self, desk: Desk, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                first = await receive()
        except TimeoutError:
            # Whoever dawdles is not judged here: the door waits for a body as long as it says, and no longer.
            await self._app(scope, receive, send)
            return
        name = desk.name_in(first.get("body", b"")) if _is_whole(first, scope) else b""
        if self._may_be_kept(desk, name):
            self._kept_inside += 1
            try:
                await self._app(scope, _again(first, receive), send)
            finally:
                self._kept_inside -= 1
        elif (after := self._refuse(scope["path"], desk, name)) is not None:
            await _say(after, send)
        else:
            await self._app(scope, _again(first, receive), send)

    def _may_be_kept(self, desk: Desk, name: bytes) -> bool:
        return self._kept_inside < KEPT_AT_ONCE and desk.is_kept(name.decode("latin-1"))

    def _refuse(self, path: str, desk: Desk, name: bytes) -> float | None:
        """After how many seconds to come back, where this is refused."""
        rank = desk.ranks.get(name)
        after = None if rank is None else self._turns.come_back_after(rank)
        if after is not None:
            metrics.count_response(path, 503)
        return after


def _is_browsers(scope: Scope) -> bool:
    """A browser reads nothing that comes without the headers of CORS, and those are the doors' to know."""
    return any(name == b"origin" for name, _ in scope["headers"])


def _is_whole(message: Message, scope: Scope) -> bool:
    length = str(len(message.get("body", b""))).encode()
    return not message.get("more_body") or (b"content-length", length) in scope["headers"]


def _again(first: Message, receive: Receive) -> Receive:
    """Everything that was received, from the beginning."""
    waiting = [first]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


# Times to come back are told to the tenth of a second, and there is a longest.
@lru_cache(maxsize=64)
def _answer(after: float) -> tuple[tuple[tuple[bytes, bytes], ...], bytes]:
    body = b'{"errors":[{"message":"%s","extensions":{"code":"OVERLOADED","retryAfter":%.1f}}]}' % (
        str(Overloaded(after)).encode(),
        after,
    )
    headers = (
        (b"content-type", b"application/graphql-response+json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(-int(-after // 1)).encode()),
        *_HEADERS,
    )
    return headers, body


@lru_cache(maxsize=64)
def _line(after: float) -> bytes:
    """The answer as it goes over the line."""
    headers, body = _answer(after)
    told = b"".join(b"%s: %s\r\n" % pair for pair in headers)
    return b"HTTP/1.1 503 Service Unavailable\r\n%s\r\n%s" % (told, body)


async def _say(after: float, send: Send) -> None:
    headers, body = _answer(after)
    await send({"type": "http.response.start", "status": 503, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
