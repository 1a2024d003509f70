"""The figures: medians of interleaved rounds, as a table for people and as JSON for machines."""

import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import orjson
from rich.console import Console
from rich.table import Table

from bench.works import Work

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one work on one subject; CPU in milliseconds a request, memory in megabytes."""

    work: str
    subject: str
    requests: int
    per_second: float
    server_ms: float
    postgres_ms: float
    p50_ms: float
    p99_ms: float
    memory_mb: float


def middle(rounds: list[Round], work: str, subject: str, figure: str) -> float:
    """The median of a figure over the rounds."""
    figures: list[float] = [getattr(one, figure) for one in rounds if one.work == work and one.subject == subject]
    return median(figures)


def ratio(rounds: list[Round], work: str, to: str) -> float:
    """The gateway's CPU of the server process, as a multiple of another subject's."""
    return middle(rounds, work, "gateway", "server_ms") / middle(rounds, work, to, "server_ms")


def show(rounds: list[Round], works: list[Work], console: Console) -> None:
    """Print the table."""
    table = Table(title="CPU milliseconds a request (medians), one server process on one core", title_justify="left")
    for heading in (
        "work",
        "gateway",
        "PostgreSQL",
        "req/s",
        "p50 ms",
        "p99 ms",
        "MB",
        "ready bytes",
        "to ready",
        "plain",
        "to plain",
    ):
        table.add_column(heading, justify="left" if heading == "work" else "right")
    for work in works:
        name = work.name
        cells = [f"{middle(rounds, name, 'gateway', figure):.3f}" for figure in ("server_ms", "postgres_ms")]
        cells += [f"{middle(rounds, name, 'gateway', figure):.1f}" for figure in ("per_second", "p50_ms", "p99_ms", "memory_mb")]
        cells += [f"{middle(rounds, name, 'ready', 'server_ms'):.3f}", f"{ratio(rounds, name, 'ready'):.1f}:1"]
        cells += [f"{middle(rounds, name, 'plain', 'server_ms'):.3f}", f"{ratio(rounds, name, 'plain'):.2f}:1"]
        table.add_row(f"{name} {work.title}", *cells)
    console.print(table)


def keep(rounds: list[Round], works: list[Work]) -> Path:
    """Write everything measured to `bench/results/`; answers the file."""
    summary = {
        work.name: {
            "title": work.title,
            "times_ready_bytes": round(ratio(rounds, work.name, "ready"), 2),
            "times_graphql_core_plain": round(ratio(rounds, work.name, "plain"), 2),
        }
        for work in works
    }
    machine = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    versions = {
        name: version(name) for name in ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "tortoise-orm", "asyncpg")
    }
    at = datetime.now(UTC)
    facts = {"at": at, "machine": machine, "versions": versions, "summary": summary, "rounds": [asdict(one) for one in rounds]}
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    file.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return file
