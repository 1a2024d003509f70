"""How the worker stops: what is in hand comes to its end first, so that nobody has to wait for its lease to run out."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

FINISHED_WITHIN = 5.0
ENDED_WITHIN = 7.0
_Result = TypeVar("_Result")


class EndedFromInside(Exception):
    """A job was cancelled although nobody had told it to stop: a failure as any other, not the worker's end."""


async def to_its_end(job: Coroutine[Any, Any, _Result], *, within: float = FINISHED_WITHIN) -> _Result:
    """Await `job`; a cancellation, however often it comes, waits for it so many seconds of the wall, and then cancels it too."""
    running = asyncio.create_task(job)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        if not _told_to_stop():
            raise EndedFromInside from None
        await _wait(running, within)
        while not running.done():
            running.cancel()
            await _wait(running, 0.5)
        raise


async def _wait(running: asyncio.Task[Any], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not running.done() and (left := until - time.monotonic()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({running}, timeout=left)


def _told_to_stop() -> bool:
    me = asyncio.current_task()
    return me is not None and me.cancelling() > 0
