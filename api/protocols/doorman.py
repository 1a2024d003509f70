"""The doorman: while there is far too much to do, says no before anything is read, by the name of the operation alone.

It costs a twentieth of an operation, and a no must be cheap if the yeses are to go on. Whoever gives a false name gains nothing:
what the doorman lets pass is judged again by what it asks for.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admission import Admission
from api.operators import metrics
from api.operators.watch import SECURITY_HEADERS
from api.priorities import PRIORITIES
from services.kernel.actors import Audience
from services.kernel.errors import Overloaded

_NAMED: Final = b'"operationName":"'
_LONGEST_NAME: Final = 64
# Seconds in which a body that is on its way has begun to come.
PATIENCE: Final = 1.0
# Of the headers that every answer has, those that mean anything for this one.
_HEADERS: Final = tuple(pair for pair in SECURITY_HEADERS if pair[0] in {b"cache-control", b"x-content-type-options"})


class Doorman:
    """Stands before the whole application, for the doors at these addresses."""

    def __init__(self, app: ASGIApp, turns: Admission, audiences: Iterable[Audience]) -> None:
        self._app, self._turns = app, turns
        self._ranks = {f"/graphql/{audience}": _ranks(audience) for audience in audiences}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._turns.is_crowded() or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        ranks = self._ranks.get(scope["path"])
        if ranks is None:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(PATIENCE):
                first = await receive()
        except TimeoutError:
            # Whoever dawdles is not judged here: the door waits for a body as long as it says, and no longer.
            await self._app(scope, receive, send)
            return
        rank = ranks.get(_name(first)) if _is_whole(first, scope) else None
        if rank is not None and (no := self._turns.refusal(rank)):
            metrics.count_response(scope["path"], 503)
            await _say(no, send)
            return
        await self._app(scope, _again(first, receive), send)


def _ranks(audience: Audience) -> Mapping[bytes, int]:
    """The classes by the names of the shipped operations: each is called as its root field."""
    return {(name[0].upper() + name[1:]).encode(): int(rank) for name, rank in PRIORITIES[audience].items()}


def _is_whole(message: Message, scope: Scope) -> bool:
    length = str(len(message.get("body", b""))).encode()
    return not message.get("more_body") or (b"content-length", length) in scope["headers"]


def _name(message: Message) -> bytes:
    """The name of the operation; empty if there is none as apps write it."""
    body: bytes = message.get("body", b"")
    at = body.rfind(_NAMED)
    name, quote, _ = body[at + len(_NAMED) : at + len(_NAMED) + _LONGEST_NAME].partition(b'"')
    return name if at >= 0 and quote else b""


def _again(first: Message, receive: Receive) -> Receive:
    """Everything that was received, from the beginning."""
    waiting = [first]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


async def _say(no: Overloaded, send: Send) -> None:
    body = b'{"errors":[{"message":"%s","extensions":{"code":"OVERLOADED","retryAfter":%.1f}}]}' % (
        str(no).encode(),
        no.retry_after,
    )
    headers = [
        (b"content-type", b"application/graphql-response+json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(-int(-no.retry_after // 1)).encode()),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
