"""How the worker stops: what is in hand comes to its end first, so that nobody has to wait for its lease to run out."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

FINISHED_WITHIN = 5.0
ENDED_WITHIN = 7.0
_Result = TypeVar("_Result")


async def to_its_end(job: Coroutine[Any, Any, _Result], *, within: float = FINISHED_WITHIN) -> _Result:
    """Await `job`; a cancellation waits for it so many seconds of the wall, and then cancels it too."""
    running = asyncio.create_task(job)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running}, timeout=within)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        raise
