"""`make overload`: a real gateway is asked three times what it can do: what gets through, and how soon the rest is told."""

import argparse
import asyncio
import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from bench.city import CENTRE, People, ask, build, settle_in
from bench.documents import document
from bench.driver import http_request
from bench.open_loop import Asked, Seen, crowd
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
class Run:
    """What one run saw, for how long it ran, and how late (milliseconds) the driver itself was in one of a hundred looks."""

    seen: Sequence[Seen]
    seconds: float
    server_seconds: float = 0.0
    driver_late_ms: float = 0.0

    def good(self, rank: str | None = None) -> float:
        """Useful answers in a second."""
        return sum(is_good(one) for one in self.seen if rank in {None, one.rank}) / self.seconds

    def good_for_its_cpu(self) -> float:
        """Useful answers for each second of a core that the server got."""
        return self.good() * self.seconds / self.server_seconds

    def of(self, rank: str) -> list[Seen]:
        return [one for one in self.seen if one.rank == rank]


def is_good(one: Seen) -> bool:
    """Whether it was an answer, and in time."""
    return one.status == 200 and one.since_due <= USEFUL_WITHIN


def _together(runs: Sequence[Run]) -> Run:
    """What all of these saw."""
    seen = [one for run in runs for one in run.seen]
    seconds, spent = sum(run.seconds for run in runs), sum(run.server_seconds for run in runs)
    return Run(seen, seconds, spent, max(run.driver_late_ms for run in runs))


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

    async def run(seconds: float, lines: int = AT_ONCE, rate: float | None = None) -> Run:
        before = server.cost()
        seen = await crowd(PORT, asked, lines=lines, seconds=seconds, rate=rate)
        late = sorted(seen.late)
        spent = server.cost().since(before).server
        return Run(seen.seen, seconds, spent, 1e3 * late[int(0.99 * len(late))] if late else 0.0)

    await run(2.0)
    peaks, overs = list[Run](), list[Run]()
    for _ in range(chosen.rounds):
        peaks.append(await run(chosen.seconds))
        overs.append(await run(chosen.seconds, chosen.connections, chosen.times * peaks[-1].good()))
    after = await run(chosen.seconds / 2)
    _show(peaks, overs, after, chosen.times)
    facts = {"times": chosen.times, "seconds": chosen.seconds, "at": datetime.now(UTC), "megabytes": server.megabytes()}
    runs = (("peak", _together(peaks)), ("overload", _together(overs)), ("after", after))
    return facts | {name: _figures(run) for name, run in runs}


def _figures(run: Run) -> dict[str, Any]:
    spent = {"cpu_seconds": round(run.server_seconds, 2), "seconds": round(run.seconds, 2)}
    spent["driver_late_ms"] = round(run.driver_late_ms, 1)
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
    good = [one.since_due for one in seen if is_good(one)]
    # A no is timed from when it was asked for: what the driver itself could not send in time is not the gateway's.
    shed = [one.since_sent for one in seen if one.status == 503]
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


def _quantile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return round(1_000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0.0


def _show(peaks: Sequence[Run], overs: Sequence[Run], after: Run, times: float) -> None:
    peak, over = _together(peaks), _together(overs)
    table = Table(title=f"{times:g} times the peak of {peak.good():.0f} useful answers a second", title_justify="left")
    for heading in ("class", "asked/s", "good/s", "good %", "shed/s", "other", "good p50 ms", "p99 ms", "shed p50 ms", "p99 ms"):
        table.add_column(heading, justify="left" if heading == "class" else "right")
    for rank in CLASSES:
        row = _class(over, rank)
        figures = [row.asked / over.seconds, row.good / over.seconds, 100 * row.good / max(1, row.asked), row.shed / over.seconds]
        times_ms = [row.good_p50, row.good_p99, row.shed_p50, row.shed_p99]
        table.add_row(rank, *(f"{figure:.1f}" for figure in figures), str(row.other), *(f"{ms:.1f}" for ms in times_ms))
    _console.print(table)
    # On a machine that has other work, too, the server does not get its core: what it did with what it got is the fairer figure.
    for name, run in (("At the peak", peak), ("Overloaded", over)):
        core = 100 * run.server_seconds / run.seconds
        told = f"{core:.0f} % of a core, {run.good_for_its_cpu():.0f} useful answers a CPU second"
        _console.print(f"{name}: {told}; the driver itself was {run.driver_late_ms:.0f} ms late at p99.", highlight=False)
    pairs = list(zip(peaks, overs, strict=True))
    share = 100 * median(late.good() / calm.good() for calm, late in pairs)
    for_its_cpu = 100 * median(late.good_for_its_cpu() / calm.good_for_its_cpu() for calm, late in pairs)
    told = f"{share:.0f} % of the peak ({for_its_cpu:.0f} % for the same CPU), the median of {len(pairs)} pairs of runs"
    _console.print(f"Goodput {over.good():.0f}/s, {told}; afterwards {after.good():.0f}/s.", highlight=False)


def main() -> None:
    """Run the drill."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each run lasts")
    parser.add_argument("--times", type=float, default=3.0, help="how many times the peak is asked")
    parser.add_argument("--connections", type=int, default=256, help="connections of the open-loop run")
    parser.add_argument("--rounds", type=int, default=3, help="how often peak and overload take turns")
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
            if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
                os.sched_setaffinity(0, {1})
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
