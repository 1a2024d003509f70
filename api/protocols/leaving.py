"""A client who goes away: what was done for them alone is given up."""

import asyncio
from types import TracebackType

from starlette.types import Receive

# Watching costs a task; most answers are out before it would begin.
GRACE = 0.05


class Heard:
    """While inside, the work ends when the client goes: what is inside is cancelled, and ConnectionResetError comes out.

    The request's body must have been read.
    """

    __slots__ = ("_gone", "_receive", "_timer", "_watcher", "_work")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._work = asyncio.current_task(loop)
        self._timer = loop.call_later(GRACE, self._begin)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._gone and isinstance(error, asyncio.CancelledError) and self._work is not None:
            self._work.uncancel()
            raise ConnectionResetError("the client went away") from error

    def _begin(self) -> None:
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect" and self._work is not None:
            self._gone = True
            self._work.cancel()
