"""`make bench`: real servers on the same data, six pieces of work, in turns; ratios side by side are what it tells."""

import argparse
import asyncio
import logging
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import orjson
from rich.console import Console

from bench import report, steady
from bench.city import build, settle_in
from bench.driver import Load, drive
from bench.recording import record
from bench.report import Figures, Round
from bench.servers import Cost, Server
from bench.subjects import GATEWAY, SUBJECTS, Subject, install_peers
from bench.works import Work, works
from services import reactions
from services.adapters.embedded import start_pair
from services.bootstrap import running
from services.kernel.database import connection_arguments
from services.kernel.logs import configure_logs
from services.migrations.run import migrate
from services.settings import Settings, settings, use

FIRST_PORT = 8_191
MOST_WRITES = 4_000
Running = dict[Subject, Server]
# The tables are wider than most terminals say they are when nobody watches.
_console = Console(width=190)


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each round of each work lasts on each subject")
    parser.add_argument("--rounds", type=int, default=3, help="how often the subjects take turns")
    parser.add_argument("--connections", type=int, default=8, help="how many requests are under way at a time")
    parser.add_argument("--only", nargs="*", metavar="SUBJECT", help="of: " + ", ".join(one.name for one in SUBJECTS))
    parser.add_argument("--works", nargs="*", metavar="W", help="of: W1 W2 W2S W3 W4 W5 W6")
    chosen = parser.parse_args()
    configure_logs(readable=True, level=logging.WARNING)
    install_peers()
    with tempfile.TemporaryDirectory(prefix="pannier-bench-", ignore_cleanup_errors=True) as folder:
        pair = start_pair(Path(folder))
        try:
            environment = {"DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url, "PANNIER_DATA_FOLDER": folder}
            asyncio.run(_bench(Path(folder), environment, chosen))
        finally:
            pair.stop()


async def _bench(folder: Path, environment: dict[str, str], chosen: argparse.Namespace) -> None:
    # A token outlives the bench; everything else is as it ships.
    environment |= {"PANNIER_LIMITS__ACCESS_TOKEN_LASTS": "86400"}
    os.environ.update(environment)
    use(Settings())
    with _console.status("Building the bench's city …"):
        await migrate(Settings().database_url)
        reactions.wire()
        async with running(Settings()):
            await build()
    with ExitStack() as stack:
        gateway = _start(stack, GATEWAY, FIRST_PORT, environment, folder)
        people = await settle_in(FIRST_PORT)
        wanted = [work for work in works(people) if not chosen.works or work.name in chosen.works]
        recorded = folder / "recorded.json"
        recorded.write_bytes(orjson.dumps(await record(wanted)))
        others = [one for one in SUBJECTS[1:] if chosen.only is None or one.name in chosen.only]
        environment |= {"BENCH_RECORDED": str(recorded)}
        servers = {GATEWAY: gateway} | {
            one: _start(stack, one, FIRST_PORT + place, environment, folder) for place, one in enumerate(others, 1)
        }
        figures = Figures(
            [one for number in range(chosen.rounds) for work in wanted for one in await _turn(work, servers, number, chosen)]
        )
        tried = [await steady.measure(gateway, people, points) for points in (1, 4) if _wants(wanted, "W6")]
    paces = [pace for pace in tried if pace]
    report.show(figures, wanted, _console)
    if len(paces) < len(tried):
        _console.print(f"{steady.POSITIONS_A_SECOND} positions a second were too many for this machine at this time.")
    if paces:
        steady.show(paces, _console)
    _console.print(f"Everything measured: {report.keep(figures, wanted, paces)}", highlight=False)


def _wants(wanted: list[Work], name: str) -> bool:
    return any(work.name == name for work in wanted)


def _start(stack: ExitStack, subject: Subject, port: int, environment: dict[str, str], folder: Path) -> Server:
    with _console.status(f"Starting {subject.title} …"):
        server = subject.start(port, environment, folder)
        stack.callback(server.stop)
        server.wait_until_ready()
    return server


async def _turn(work: Work, servers: Running, number: int, chosen: argparse.Namespace) -> list[Round]:
    """Every subject at one work, one after the other; each round begins with another subject."""
    able = [(subject, server) for subject, server in servers.items() if work.name in subject.works]
    first = number % len(able)
    measured = []
    for subject, server in able[first:] + able[:first]:
        with _console.status(f"Round {number + 1}: {work.name} {subject.title} …"):
            measured.append(await _measured(work, subject, server, number, chosen))
    return measured


async def _measured(work: Work, subject: Subject, server: Server, number: int, chosen: argparse.Namespace) -> Round:
    request = subject.request(work)
    if work.prepare:
        await _run(work.prepare)
    # Warm, then measured.
    await drive(server.port, request, connections=2, seconds=0.5, most=200)
    before = server.cost()
    load = _sound(
        work, subject, await drive(server.port, request, connections=chosen.connections, seconds=chosen.seconds, most=MOST_WRITES)
    )
    cost = server.cost().since(before)
    per_second = load.answered / load.seconds
    calm = await drive(server.port, request, connections=16, seconds=chosen.seconds / 2, most=MOST_WRITES, rate=per_second / 2)
    return _round(work, subject, number, (load, cost, _sound(work, subject, calm)), server.megabytes())


async def _run(sql: str) -> None:
    connection = await asyncpg.connect(**connection_arguments(settings().database_url))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _round(work: Work, subject: Subject, number: int, seen: tuple[Load, Cost, Load], megabytes: float) -> Round:
    load, cost, calm = seen
    return Round(
        work=work.name,
        subject=subject.name,
        number=number,
        requests=load.answered,
        per_second=load.answered / load.seconds,
        server_ms=cost.server / load.answered * 1_000,
        postgres_ms=cost.postgres / load.answered * 1_000,
        p50_ms=calm.quantile(0.5),
        p99_ms=calm.quantile(0.99),
        memory_mb=megabytes,
    )


def _sound(work: Work, subject: Subject, load: Load) -> Load:
    if load.failed or not load.answered:
        total = load.failed + load.answered
        raise RuntimeError(f"{work.name} on {subject.name}: {load.failed} of {total} answers failed: {load.example[:800]!r}")
    return load


if __name__ == "__main__":
    main()
