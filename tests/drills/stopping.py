"""`python -m tests.drills.stopping N`: a worker that is told to stop N times, begun again each time, in one process.

Prints how many seconds each stop took; a worker that had to be ended by force takes this process with it.
"""

import asyncio
import os
import random
import signal
import sys
import threading
import time

import orjson

from services.settings import Settings, settings
from services.worker.__main__ import work

EARLIEST, LATEST = 0.1, 0.7


def stop_once(chosen: Settings, after: float) -> float:
    """Let a worker work for so long, tell it to stop, and answer how long it took to end."""
    told: list[float] = []

    def tell() -> None:
        told.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    # The signal that comes before there is a worker would end the process.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    telling = threading.Timer(after, tell)
    telling.start()
    asyncio.run(work(chosen))
    telling.join()
    return time.monotonic() - told[0]


def main() -> None:
    draw = random.Random(11)
    # The first opens what later ones find open; it is given longer to come to its work.
    took = [stop_once(settings(), 2.0)]
    took += [stop_once(settings(), 0.5 + draw.uniform(EARLIEST, LATEST)) for _ in range(int(sys.argv[1]) - 1)]
    sys.stdout.write(orjson.dumps(took).decode())


if __name__ == "__main__":
    main()
