"""`python -m bench.menu_files.large`: ten thousand rows again and again through the tablet's door: seconds, and memory."""

import argparse
import asyncio
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mobile_contracts.phones import menus
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.menus import File
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import owner_number
from mobile_contracts.phones.phone import Phone

ROWS = 10_000
FIRST_STORE = 1


def table(rows: int) -> bytes:
    """A grocer's range with barcodes, prices with a decimal comma, aisles and counts."""
    draw = random.Random(1)
    lines = ["ref;gtin;name;brand;price;size;section;stock"]
    for number in range(rows):
        price = f"{draw.randint(1, 40)},{draw.randint(0, 99):02}"
        size, stock = draw.choice((250, 400, 500)), draw.randint(0, 90)
        words = (f"R{number}", _gtin(number), f"Article {number} of the range", f"Brand {number % 300}", price, f"{size} g")
        lines.append(";".join((*words, f"Aisle {number % 50}", str(stock))))
    return "\n".join(lines).encode()


def _gtin(number: int) -> str:
    digits = f"64{number:010d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str((10 - weighed % 10) % 10)


def memory(pid: int) -> str:
    """What a process holds, and held at most."""
    said = dict(line.split(":") for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if ":" in line)
    return f"{int(said['VmRSS'].split()[0]) // 1024} MB now, {int(said['VmHWM'].split()[0]) // 1024} MB at most"


class Process(NamedTuple):
    """A process as the system tells of it."""

    name: str
    parent: int
    cpu_seconds: float


def cpu(worker: int) -> float:
    """The CPU seconds of the worker and of all that its PostgreSQL has running: what counts where others use the machine too."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    running = {pid: found for pid in pids if (found := _process(pid)) is not None}
    house = running[worker].parent
    servers = {pid for pid, found in running.items() if found.name == "postgres" and found.parent == house}
    return sum(found.cpu_seconds for pid, found in running.items() if pid == worker or found.parent in servers)


def _process(pid: int) -> Process | None:
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text("utf-8").partition("(")[2].rpartition(") ")
    except OSError:
        # It has ended meanwhile.
        return None
    facts = rest.split()
    return Process(name, int(facts[1]), (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK"))


async def main() -> None:
    """Bring the table into a store of its own each time, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.menu_files.large", description=__doc__)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--worker", type=int, help="The worker's process id: its memory is printed, and its CPU.")
    chosen = parser.parse_args()
    file = File(table(ROWS), "range.csv", "CSV")
    async with reach(chosen.gateway, await Pace.taken(lambda: datetime.now(UTC)), random.Random(1)) as gateway:
        for count in range(chosen.times):
            phone = Phone(gateway, "store", owner_number(FIRST_STORE + count), "Owner")
            began, used = time.monotonic(), cpu(chosen.worker) if chosen.worker else 0.0
            done = await menus.followed(phone, await menus.start_import(phone, file))
            held = ""
            if chosen.worker:
                held = f"; {cpu(chosen.worker) - used:.1f} s of CPU with PostgreSQL; the worker: {memory(chosen.worker)}"
            print(f"{done['state']}: {done['goodRows']} rows in {time.monotonic() - began:.1f} s{held}")


if __name__ == "__main__":
    asyncio.run(main())
