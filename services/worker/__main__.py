"""`python -m services.worker`: the worker process, until it is asked to stop."""

import asyncio
import os
import signal
import sys
from contextlib import suppress

from services import reactions
from services.bootstrap import running
from services.kernel import city_clock
from services.kernel.logs import configure_logs
from services.settings import Settings, settings
from services.worker.ending import ENDED_WITHIN, FINISHED_WITHIN
from services.worker.relay import relay
from services.worker.schedule import keep_time


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
            # What is in hand is finished by then; what still keeps the process must not keep whoever waits for its end.
            loop.call_later(ENDED_WITHIN, os._exit, 0)
        await _end(loops)


async def _end(loops: list[asyncio.Task[None]]) -> None:
    """Cancel the loops until each has ended; one that missed its cancellation among its work is told again."""
    going = set(loops)
    while going:
        for running_loop in going:
            running_loop.cancel()
        _, going = await asyncio.wait(going, timeout=FINISHED_WITHIN + 1)
    for running_loop in loops:
        with suppress(asyncio.CancelledError):
            running_loop.result()


if __name__ == "__main__":
    asyncio.run(work(settings()))
