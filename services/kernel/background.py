"""What runs in the background for as long as a process lives, and how it comes to its end."""

import asyncio
from collections.abc import Iterable
from typing import Any

TOLD_AGAIN_AFTER = 0.5


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel these tasks, and wait until each has ended; whoever is cancelled meanwhile still waits for them.

    They are told again and again: a cancellation that meets a library's own time-out can be lost.
    """
    going, cancelled = {task for task in tasks if not task.done()}, False
    while going:
        for task in going:
            task.cancel()
        try:
            await asyncio.wait(going, timeout=TOLD_AGAIN_AFTER)
        except asyncio.CancelledError:
            cancelled = True
        going = {task for task in going if not task.done()}
    if cancelled:
        raise asyncio.CancelledError
