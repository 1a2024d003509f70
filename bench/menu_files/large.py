"""`python -m bench.menu_files.large`: ten thousand rows again and again through the tablet's door: seconds, and memory."""

import argparse
import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path

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


async def main() -> None:
    """Bring the table into a store of its own each time, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.menu_files.large", description=__doc__)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--worker", type=int, help="The worker's process id: its memory is printed.")
    chosen = parser.parse_args()
    file = File(table(ROWS), "range.csv", "CSV")
    async with reach(chosen.gateway, await Pace.taken(lambda: datetime.now(UTC)), random.Random(1)) as gateway:
        for count in range(chosen.times):
            phone = Phone(gateway, "store", owner_number(FIRST_STORE + count), "Owner")
            began = time.monotonic()
            done = await menus.followed(phone, await menus.start_import(phone, file))
            held = f"; the worker: {memory(chosen.worker)}" if chosen.worker else ""
            print(f"{done['state']}: {done['goodRows']} rows in {time.monotonic() - began:.1f} s{held}")


if __name__ == "__main__":
    asyncio.run(main())
