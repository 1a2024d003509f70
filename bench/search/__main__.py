"""`python -m bench.search`: a real server among many stores; CPU of the server and of PostgreSQL for each single request."""

import argparse
import asyncio
import json
import logging
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
from rich.console import Console
from rich.table import Table

from bench.documents import document
from bench.search.questions import cases
from bench.search.town import Europe, build
from bench.subjects import GATEWAY
from services.adapters.embedded import start_pair
from services.kernel.database import connection_arguments
from services.kernel.logs import configure_logs
from services.migrations.run import migrate

PORT = 8_391
RESULTS = Path(__file__).parents[1] / "results"
WARM = 150
_console = Console(width=150)
_TABLES = ("stores", "items", "search_documents", "search_words", "products")


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--stores", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=2_000_000)
    parser.add_argument("--requests", type=int, default=1_500, help="how many are measured, one after the other")
    parser.add_argument("--folder", type=Path, help="keep the servers' data here, and go on with what is there")
    chosen = parser.parse_args()
    configure_logs(readable=True, level=logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="pannier-search-", ignore_cleanup_errors=True) as temporary:
        folder = chosen.folder or Path(temporary)
        pair = start_pair(folder, durable=False)
        try:
            environment = {"DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url, "PANNIER_DATA_FOLDER": str(folder)}
            os.environ.update(environment)
            asyncio.run(_bench(folder, pair.database_url, environment, chosen))
        finally:
            pair.stop()


async def _bench(folder: Path, url: str, environment: dict[str, str], chosen: argparse.Namespace) -> None:
    europe = Europe(chosen.stores, chosen.items)
    counts, seconds = await _built(url, europe)
    with ExitStack() as stack:
        server = GATEWAY.start(PORT, environment, folder)
        stack.callback(server.stop)
        server.wait_until_ready()
        asked = cases(europe, WARM + chosen.requests)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as phone:
            for _, name, variables in asked[:WARM]:
                await _ask(phone, name, variables)
            scans = await _scans(url)
            measured = [await _measure(phone, server._process.pid, folder, one) for one in asked[WARM:]]  # noqa: SLF001 - it is measured
    after = await _scans(url)
    told = {table: after[table] - scans[table] for table in _TABLES}
    _show(measured, counts, seconds, told)
    _keep(measured, counts, seconds, told)


async def _built(url: str, europe: Europe) -> tuple[dict[str, int], float]:
    await migrate(url)
    began = time.perf_counter()
    connection = await asyncpg.connect(**connection_arguments(url), command_timeout=3_600)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM search_documents)"):
            counts = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in _TABLES}  # noqa: S608 - ours
        else:
            with _console.status("Building Europe …"):
                counts = await build(connection, europe)
        await connection.execute("SELECT pg_stat_reset()")
        return counts, time.perf_counter() - began
    finally:
        await connection.close()


async def _ask(phone: httpx.AsyncClient, name: str, variables: dict[str, Any]) -> Any:
    answered = await phone.post("/graphql/consumer", json={"query": document("consumer", name), "variables": variables})
    answer = answered.json()
    if "errors" in answer:
        raise RuntimeError(f"{name} {variables}: {answer['errors']}")
    return answer["data"]


async def _measure(phone: httpx.AsyncClient, server: int, folder: Path, asked: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    kind, name, variables = asked
    house, database, began = cpu([server]), cpu(_backends(folder)), time.perf_counter()
    data = await _ask(phone, name, variables)
    took = time.perf_counter() - began
    (page,) = data.values()
    return {
        "kind": kind,
        "words": variables["input"].get("question", {}).get("words", ""),
        "server_ms": cpu([server]) - house,
        "postgres_ms": cpu(_backends(folder)) - database,
        "ms": took * 1_000,
        "found": len(page["edges"]),
    }


def _backends(folder: Path) -> list[int]:
    """All processes of the database, whoever started it."""
    postmaster = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    return [postmaster, *(child.pid for child in psutil.Process(postmaster).children(recursive=True))]


def cpu(pids: list[int]) -> float:
    """Milliseconds that these processes, with their threads, were on a core."""
    spent = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                spent += int(task.read_text().split()[0])
            except OSError:
                continue
    return spent / 1e6


async def _scans(url: str) -> dict[str, int]:
    """How often each table was read from end to end."""
    # Idle processes of the database tell of their scans within ten seconds.
    await asyncio.sleep(11)
    connection = await asyncpg.connect(**connection_arguments(url))
    try:
        found = await connection.fetch("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1)", list(_TABLES))
        return {record["relname"]: record["seq_scan"] for record in found}
    finally:
        await connection.close()


def quantile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def summary(measured: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Of each kind of request, and of all searches: CPU of both and time, in the middle and at the end."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in measured:
        kinds[one["kind"]].append(one)
        if one["kind"] not in {"home", "browse"}:
            kinds["every search"].append(one)
    told = {}
    for kind, several in kinds.items():
        both = [one["server_ms"] + one["postgres_ms"] for one in several]
        told[kind] = {
            "requests": len(several),
            "found": statistics.fmean(one["found"] for one in several),
            "cpu_p50": quantile(both, 0.5),
            "cpu_p95": quantile(both, 0.95),
            "server_p50": quantile([one["server_ms"] for one in several], 0.5),
            "postgres_p50": quantile([one["postgres_ms"] for one in several], 0.5),
            "time_p95": quantile([one["ms"] for one in several], 0.95),
        }
    return told


def _show(measured: list[dict[str, Any]], counts: dict[str, int], seconds: float, scans: dict[str, int]) -> None:
    table = Table(title=f"{counts} in {seconds:.0f} s; tables read from end to end meanwhile: {scans}")
    columns = ("requests", "found", "cpu_p50", "cpu_p95", "server_p50", "postgres_p50", "time_p95")
    for column in ("kind", *columns):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for kind, row in sorted(summary(measured).items()):
        table.add_row(kind, *(f"{row[column]:.1f}" for column in columns))
    _console.print(table)
    for one in sorted(measured, key=lambda one: -(one["server_ms"] + one["postgres_ms"]))[:5]:
        _console.print("dearest:", one, highlight=False)


def _keep(measured: list[dict[str, Any]], counts: dict[str, int], seconds: float, scans: dict[str, int]) -> None:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    text = {
        "at": at,
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": counts,
        "build_seconds": seconds,
        "sequential_scans": scans,
        "ms": summary(measured),
    }
    (RESULTS / f"search-{at}.json").write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
