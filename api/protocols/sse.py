"""graphql-sse in distinct connections mode: the answers to one operation as server-sent events over one HTTP response.

`event: next` with an answer, `event: complete` at the end, a comment now and then so that nobody in between takes the line for
dead. Errors of the document come as an event too, as the protocol demands; what is refused before it (no token, too much, too
fast) keeps its HTTP status.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson
import structlog
from graphql import GraphQLError
from starlette.types import Receive, Send

from api import problems
from api.engine.documents import RequestRefused
from api.protocols.gate import Json, refusal
from services.kernel.errors import Unauthenticated

HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"vary", b"Accept"),
    # Proxies that would gather events into larger pieces.
    (b"x-accel-buffering", b"no"),
)
_COMPLETE: Final = b"event: complete\ndata:\n\n"
_HEARTBEAT: Final = b":\n\n"
_log = structlog.get_logger("pannier.streams")


async def once(answer: Json) -> AsyncIterator[bytes]:
    """A stream of one answer."""
    yield orjson.dumps(answer)


@dataclass(frozen=True, slots=True)
class EventStream:
    """One response: the answers, who listens, and how to tell that they may still."""

    answers: AsyncIterator[bytes]
    receive: Receive
    send: Send
    still_allowed: Callable[[], object]
    heartbeat: float
    look_again_every: float
    notices: Mapping[str, str] = field(default_factory=dict)
    """What an app in its last days is told beside the answers."""

    async def run(self) -> None:
        """Send until the answers end or the client goes; then nothing of it runs any more."""
        notices = [(name.encode(), words.encode()) for name, words in self.notices.items()]
        await self.send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *notices]})
        await self._say(_HEARTBEAT)
        tasks = [asyncio.create_task(part) for part in (self._tell(), self._beat(), self._look(), self._hear())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await self._end(next(iter(done)))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if close := getattr(self.answers, "aclose", None):
                await close()

    async def _end(self, ended: asyncio.Task[bool]) -> None:
        """Say the last words, unless nobody is there to hear them."""
        error = ended.exception()
        if isinstance(error, OSError) or (error is None and not ended.result()):
            return
        if error is not None:
            await self._say(_next(_worded(error)))
        with suppress(OSError):
            await self.send({"type": "http.response.body", "body": _COMPLETE, "more_body": False})

    async def _tell(self) -> bool:
        async for answer in self.answers:
            await self._say(_next(answer))
        return True

    async def _beat(self) -> bool:
        while True:
            await asyncio.sleep(self.heartbeat)
            await self._say(_HEARTBEAT)

    async def _look(self) -> bool:
        while True:
            await asyncio.sleep(self.look_again_every)
            self.still_allowed()

    async def _hear(self) -> bool:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        return False

    async def _say(self, words: bytes) -> None:
        await self.send({"type": "http.response.body", "body": words, "more_body": True})


def _next(answer: bytes) -> bytes:
    return b"event: next\ndata: " + answer + b"\n\n"


def _worded(error: BaseException) -> bytes:
    """What ended the answers, as an answer of its own."""
    if isinstance(error, RequestRefused):
        return orjson.dumps(refusal(error))
    if isinstance(error, Unauthenticated):
        message, extensions = problems.told(error)
        return orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    cause = error if isinstance(error, Exception) else None
    return orjson.dumps({"errors": [problems.execution_error(GraphQLError(problems.MASK, original_error=cause))]})
