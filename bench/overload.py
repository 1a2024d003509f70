"""`make overload`: a real gateway is asked three times what it can do: what gets through, and how soon the rest is told."""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from bench.city import CENTRE, People, ask, build, settle_in
from bench.documents import document
from bench.driver import http_request, read_answer
from bench.report import FOLDER
from bench.servers import Server
from bench.subjects import GATEWAY
from bench.works import works
from services import reactions
from services.adapters.embedded import start_pair
from services.bootstrap import running
from services.migrations.run import migrate
from services.settings import GateSettings, Settings, use

PORT = 8_197
# Who asks for what, of a hundred: orders and money, couriers, carts, what people have of their own, looking around.
MIX = (
    ("orders", "QuoteCart", 4),
    ("couriers", "W6", 10),
    ("carts", "W5", 6),
    ("reads", "W4", 20),
    ("reads", "W3", 10),
    ("browsing", "W2", 35),
    ("browsing", "W1", 15),
)
CLASSES = ("orders", "couriers", "carts", "reads", "browsing")
# An answer that comes later helps nobody any more.
USEFUL_WITHIN = 1.0
AT_ONCE = 16
_console = Console(width=120)


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: its class, its status, and how long after it was due."""

    rank: str
    status: int
    seconds: float

    @property
    def is_good(self) -> bool:
        return self.status == 200 and self.seconds <= USEFUL_WITHIN


@dataclass(frozen=True, slots=True)
class Run:
    """What one run saw, and for how long it ran."""

    seen: Sequence[Seen]
    seconds: float
    server_seconds: float = 0.0

    def good(self, rank: str | None = None) -> float:
        """Useful answers in a second."""
        return sum(one.is_good for one in self.seen if rank in {None, one.rank}) / self.seconds

    def of(self, rank: str) -> list[Seen]:
        return [one for one in self.seen if one.rank == rank]


Asked = Callable[[int], tuple[str, bytes]]


def asked_by(people: People) -> Asked:
    """The n-th request of the mix, and its class; the same for every run."""
    known = {work.name: work.request() for work in works(people)}
    quote = orjson.dumps({"query": document("consumer", "QuoteCart"), "variables": {}, "operationName": "QuoteCart"})
    known["QuoteCart"] = lambda number: http_request("/graphql/consumer", quote, people.shoppers[number % len(people.shoppers)])
    draw = random.Random(1)
    plan = draw.choices([(rank, work) for rank, work, _ in MIX], [share for _, _, share in MIX], k=10_000)

    def asked(number: int) -> tuple[str, bytes]:
        rank, work = plan[number % len(plan)]
        return rank, known[work](number)

    return asked


async def drive(asked: Asked, *, connections: int, seconds: float, rate: float | None = None) -> Run:
    """Ask over so many connections: each as soon as it was answered, or, with `rate`, so many a second whatever comes back."""
    numbers, seen, began = count(), list[Seen](), time.perf_counter()

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
        for number in numbers:
            now = time.perf_counter()
            due = began + number / rate if rate else now
            if due >= began + seconds:
                break
            if due > now:
                await asyncio.sleep(due - now)
            rank, request = asked(number)
            writer.write(request)
            status, body = await read_answer(reader)
            good = status == 200 and b'"errors"' not in body[:200]
            seen.append(Seen(rank, 200 if good else status if status != 200 else 0, time.perf_counter() - due))
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return Run(seen, time.perf_counter() - began)


async def _furnish(people: People) -> None:
    """Something in every shopper's cart, and somewhere to bring it."""
    centre = {"latitude": CENTRE[0], "longitude": CENTRE[1]}
    door = {"position": centre, "street": "Kluuvikatu 1", "city": "Helsinki", "postcode": "00100"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=30) as phone:
        for number, token in enumerate(people.shoppers):
            item = people.items[number % len(people.items)]
            await ask(phone, "consumer", "AddCartLine", {"input": {"itemId": item, "quantity": 2}}, token)
            await ask(phone, "consumer", "SetCartAddress", {"input": {"address": door}}, token)


async def _prepare() -> None:
    await migrate(Settings().database_url)
    reactions.wire()
    async with running(Settings()):
        await build()


async def _measure(server: Server, chosen: argparse.Namespace) -> dict[str, Any]:
    people = await settle_in(PORT)
    await _furnish(people)
    asked = asked_by(people)
    await drive(asked, connections=AT_ONCE, seconds=2.0)

    async def run(seconds: float, connections: int = AT_ONCE, rate: float | None = None) -> Run:
        before = server.cost()
        seen = await drive(asked, connections=connections, seconds=seconds, rate=rate)
        return replace(seen, server_seconds=server.cost().since(before).server)

    peak = await run(chosen.seconds)
    over = await run(chosen.seconds, chosen.connections, chosen.times * peak.good())
    after = await run(chosen.seconds / 2)
    _show(peak, over, after, chosen.times)
    facts = {"times": chosen.times, "seconds": chosen.seconds, "at": datetime.now(UTC), "megabytes": server.megabytes()}
    return facts | {name: _figures(run) for name, run in (("peak", peak), ("overload", over), ("after", after))}


def _figures(run: Run) -> dict[str, Any]:
    spent = {"cpu_seconds": round(run.server_seconds, 2), "seconds": round(run.seconds, 2)}
    return spent | {"goodput": round(run.good(), 1), "classes": {rank: asdict(_class(run, rank)) for rank in CLASSES}}


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class in one run; times in milliseconds."""

    asked: int
    good: int
    shed: int
    other: int
    good_p50: float
    good_p99: float
    shed_p50: float
    shed_p99: float


def _class(run: Run, rank: str) -> ClassFigures:
    seen = run.of(rank)
    good, shed = [one for one in seen if one.is_good], [one for one in seen if one.status == 503]
    return ClassFigures(
        len(seen),
        len(good),
        len(shed),
        len(seen) - len(good) - len(shed),
        _quantile(good, 0.5),
        _quantile(good, 0.99),
        _quantile(shed, 0.5),
        _quantile(shed, 0.99),
    )


def _quantile(seen: Sequence[Seen], share: float) -> float:
    ordered = sorted(one.seconds for one in seen)
    return round(1_000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0.0


def _show(peak: Run, over: Run, after: Run, times: float) -> None:
    table = Table(title=f"{times:g} times the peak of {peak.good():.0f} useful answers a second", title_justify="left")
    for heading in ("class", "asked/s", "good/s", "good %", "shed/s", "other", "good p50 ms", "p99 ms", "shed p50 ms", "p99 ms"):
        table.add_column(heading, justify="left" if heading == "class" else "right")
    for rank in CLASSES:
        row = _class(over, rank)
        figures = [row.asked / over.seconds, row.good / over.seconds, 100 * row.good / max(1, row.asked), row.shed / over.seconds]
        times_ms = [row.good_p50, row.good_p99, row.shed_p50, row.shed_p99]
        table.add_row(rank, *(f"{figure:.1f}" for figure in figures), str(row.other), *(f"{ms:.1f}" for ms in times_ms))
    _console.print(table)
    share = 100 * over.good() / peak.good()
    # On a machine that has other work, too, the server does not get its core: what it did with what it got is the fairer figure.
    for name, run in (("At the peak", peak), ("Overloaded", over)):
        core = 100 * run.server_seconds / run.seconds
        per_second = run.good() * run.seconds / run.server_seconds if run.server_seconds else 0.0
        _console.print(f"{name}: {core:.0f} % of a core, {per_second:.0f} useful answers a CPU second.", highlight=False)
    _console.print(f"Goodput {over.good():.0f}/s, {share:.0f} % of the peak; afterwards {after.good():.0f}/s.", highlight=False)


def main() -> None:
    """Run the drill."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each run lasts")
    parser.add_argument("--times", type=float, default=3.0, help="how many times the peak is asked")
    parser.add_argument("--connections", type=int, default=256, help="connections of the open-loop run")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pannier-overload-", ignore_cleanup_errors=True) as folder:
        pair = start_pair(Path(folder))
        try:
            environment = {"DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url, "PANNIER_DATA_FOLDER": folder}
            # As production is; a developer's machine has more patience.
            patience = orjson.dumps(GateSettings().patience_of(production=True)).decode()
            environment |= {"PANNIER_LIMITS__ACCESS_TOKEN_LASTS": "86400", "PANNIER_GATE__PATIENCE": patience}
            os.environ.update(environment)
            use(Settings())
            asyncio.run(_prepare())
            server = GATEWAY.start(PORT, environment, Path(folder))
            try:
                server.wait_until_ready()
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    found = runner.run(_measure(server, chosen))
            finally:
                server.stop()
        finally:
            pair.stop()
    file = FOLDER / f"overload-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
    file.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    _console.print(f"Everything measured: {file}", highlight=False)


if __name__ == "__main__":
    main()
