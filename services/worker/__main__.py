"""`python -m services.worker`: the worker process, until it is asked to stop."""

import asyncio
import atexit
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import structlog

from services import reactions
from services.bootstrap import running
from services.kernel import background, city_clock
from services.kernel.logs import configure_logs
from services.settings import Settings, settings
from services.worker.ending import ENDED_WITHIN
from services.worker.relay import relay
from services.worker.schedule import keep_time

_log = structlog.get_logger(__name__)


async def work(chosen: Settings) -> None:
    """Relay errands and keep time until SIGTERM or SIGINT; what is in hand is finished or its lease runs out."""
    configure_logs(readable=sys.stderr.isatty())
    reactions.wire()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stop.set)
    async with running(chosen) as ports:
        loops = [asyncio.create_task(relay(ports)), asyncio.create_task(keep_time(ports))]
        if chosen.profile == "development":
            loops.append(asyncio.create_task(city_clock.live_on()))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *loops], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            loop.call_later(ENDED_WITHIN, _end_by_force)
        await background.end(loops)
        for ended in loops:
            with suppress(asyncio.CancelledError):
                ended.result()


def _end_by_force() -> None:
    """The last resort: no library of ours may keep whoever waits for the worker's end. What was in hand has a lease."""
    _log.error("worker_ended_by_force", kept_by=sorted(_where(task) for task in asyncio.all_tasks()))
    os._exit(1)


def _where(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    place = f"{frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else "nowhere"
    return f"{getattr(task.get_coro(), '__qualname__', task.get_name())} at {place}"


if __name__ == "__main__":
    # Taking every module apart at the very end costs seconds of a busy machine, for nothing, and somebody waits.
    atexit.register(gc.freeze)
    asyncio.run(work(settings()))
