"""`make bench`: a real server on its own data, six pieces of work, side by side with ready bytes and graphql-core plain."""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import orjson
from rich.console import Console

from bench import report, servers
from bench.city import build, settle_in
from bench.driver import Load, drive
from bench.report import Round
from bench.works import Work, works
from services import reactions
from services.adapters.embedded import start_pair
from services.bootstrap import running
from services.migrations.run import migrate
from services.settings import Settings, use

GATEWAY_PORT, PLAIN_PORT = 8_191, 8_192
MOST_WRITES = 4_000
# The table is wider than most terminals say they are when nobody watches.
_console = Console(width=170)


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each round of each work lasts")
    parser.add_argument("--rounds", type=int, default=3, help="how often the subjects take turns")
    parser.add_argument("--connections", type=int, default=8, help="how many requests are under way at a time")
    chosen = parser.parse_args()
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
    settings = Settings()
    use(settings)
    with _console.status("Building the bench's city …"):
        await migrate(settings.database_url)
        reactions.wire()
        async with running(settings):
            await build()
    gateway = servers.gateway(GATEWAY_PORT, environment, folder)
    subjects = [gateway]
    try:
        gateway.wait_until_ready()
        people = await settle_in(GATEWAY_PORT)
        wanted = works(people)
        subjects.append(await _plain_beside(folder, environment, wanted))
        rounds = [
            one for number in range(chosen.rounds) for work in wanted for one in await _round(work, subjects, number, chosen)
        ]
    finally:
        for server in subjects:
            server.stop()
    report.show(rounds, wanted, _console)
    _console.print(f"Everything measured: {report.keep(rounds, wanted)}", highlight=False)


async def _plain_beside(folder: Path, environment: dict[str, str], wanted: list[Work]) -> servers.Server:
    """Record one answer of each work from the gateway, and start the simpler servers that give them back."""
    recorded = {
        work.name: (await drive(GATEWAY_PORT, work.request(), connections=1, seconds=5, most=1)).example for work in wanted
    }
    file = folder / "recorded.json"
    file.write_bytes(orjson.dumps({name: answer.decode() for name, answer in recorded.items()}))
    plain = servers.plain(PLAIN_PORT, environment | {"BENCH_RECORDED": str(file)}, folder)
    plain.wait_until_ready()
    return plain


async def _round(work: Work, subjects: list[servers.Server], number: int, chosen: argparse.Namespace) -> list[Round]:
    gateway, plain = subjects
    runs = [
        ("gateway", gateway, work.request()),
        ("ready", plain, work.ready_request()),
        ("plain", plain, work.request("/plain")),
    ]
    answered = []
    for subject, server, request in runs:
        with _console.status(f"Round {number + 1}: {work.name} {subject} …"):
            # Warm, then measured.
            await drive(server.port, request, connections=2, seconds=0.3, most=40)
            before = server.cost()
            load = await drive(server.port, request, connections=chosen.connections, seconds=chosen.seconds, most=MOST_WRITES)
            answered.append(_measured(work, subject, server, load, server.cost().since(before)))
    return answered


def _measured(work: Work, subject: str, server: servers.Server, load: Load, cost: servers.Cost) -> Round:
    if load.failed or not load.answered:
        raise RuntimeError(
            f"{work.name} on {subject}: {load.failed} of {load.answered + load.failed} answers failed: {load.example[:500]!r}"
        )
    return Round(
        work=work.name,
        subject=subject,
        requests=load.answered,
        per_second=load.answered / load.seconds,
        server_ms=cost.server / load.answered * 1_000,
        postgres_ms=cost.postgres / load.answered * 1_000,
        p50_ms=load.quantile(0.5),
        p99_ms=load.quantile(0.99),
        memory_mb=server.megabytes(),
    )


if __name__ == "__main__":
    main()
