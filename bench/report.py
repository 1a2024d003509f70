"""The figures: medians of interleaved rounds, as tables for people and as JSON for machines."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from bench.steady import Steady
from bench.subjects import PEERS, SUBJECTS, Subject
from bench.works import Work

FOLDER = Path(__file__).parent / "results"
_PYTHON_PARTS = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "tortoise-orm", "asyncpg")


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one work on one subject; CPU in milliseconds a request, memory in megabytes.

    The quantiles are of an open loop at half of what the subject answered a second just before.
    """

    work: str
    subject: str
    number: int
    requests: int
    per_second: float
    server_ms: float
    postgres_ms: float
    p50_ms: float
    p99_ms: float
    memory_mb: float


class Figures:
    """Everything measured, asked by work and subject."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self.rounds = list(rounds)

    def of(self, work: str, subject: str) -> list[Round]:
        return [one for one in self.rounds if one.work == work and one.subject == subject]

    def middle(self, work: str, subject: str, *names: str) -> float | None:
        """The median over the rounds of the sum of these figures, or None if the subject was not asked."""
        sums = [sum(getattr(one, name) for name in names) for one in self.of(work, subject)]
        return median(sums) if sums else None

    def times_less(self, work: str, than: str, *names: str) -> float | None:
        """How many times less the gateway used than another subject: the median of ratios paired by round."""
        ours, theirs = self.of(work, "gateway"), self.of(work, than)
        ratios = [
            sum(getattr(their, name) for name in names) / sum(getattr(our, name) for name in names)
            for our, their in zip(ours, theirs, strict=False)
        ]
        return median(ratios) if ratios else None

    def strongest(self, work: str) -> Subject | None:
        """The peer with the least CPU of its server process."""
        asked = [(self.middle(work, one.name, "server_ms"), one) for one in SUBJECTS if one.is_peer]
        found = [(cost, one) for cost, one in asked if cost is not None]
        return min(found, key=lambda pair: pair[0])[1] if found else None


def show(figures: Figures, works: Sequence[Work], console: Console) -> None:
    """Print two tables: what each subject used, and how the gateway stands to them."""
    console.print(_costs(figures, works))
    console.print(_ratios(figures, works))


def _costs(figures: Figures, works: Sequence[Work]) -> Table:
    title = "CPU ms a request: server process + PostgreSQL · p50 / p99 ms at half of saturation · MB afterwards (medians)"
    table = Table(title=title, title_justify="left")
    table.add_column("subject")
    for work in works:
        table.add_column(f"{work.name} {work.title}", justify="right")
    table.add_column("MB", justify="right")
    for subject in SUBJECTS:
        cells = [_cost(figures, work.name, subject.name) for work in works]
        memory = max((one.memory_mb for one in figures.rounds if one.subject == subject.name), default=None)
        if memory is not None:
            table.add_row(subject.title, *cells, f"{memory:.0f}")
    return table


def _cost(figures: Figures, work: str, subject: str) -> str:
    server, postgres = figures.middle(work, subject, "server_ms"), figures.middle(work, subject, "postgres_ms")
    if server is None or postgres is None:
        return "-"
    p50, p99 = figures.middle(work, subject, "p50_ms"), figures.middle(work, subject, "p99_ms")
    return f"{server:.3f} + {postgres:.3f}\n{p50:.1f} / {p99:.1f}"


def _ratios(figures: Figures, works: Sequence[Work]) -> Table:
    table = Table(title="How many times less CPU Pannier uses (paired by round, medians)", title_justify="left")
    for heading in (
        "work",
        "strongest peer",
        "than it",
        "with PostgreSQL",
        "than plain Strawberry",
        "than graphql-core",
        "of ready bytes",
    ):
        table.add_column(heading, justify="left" if heading in {"work", "strongest peer"} else "right")
    for work in works:
        facts = standing(figures, work)
        cells = [
            facts[name]
            for name in ("times_less", "times_less_with_postgres", "than_strawberry", "than_graphql_core", "of_ready_bytes")
        ]
        table.add_row(
            f"{work.name} {work.title}",
            facts["strongest_peer"] or "-",
            *("-" if one is None else f"{one:.2f} x" for one in cells),
        )
    return table


def standing(figures: Figures, work: Work) -> dict[str, Any]:
    """How the gateway stands in one work: how many times less it uses; `of_ready_bytes` is what it uses, of the limit."""
    peer = figures.strongest(work.name)
    ready = figures.times_less(work.name, "ready", "server_ms")
    facts = {
        "strongest_peer": peer.title if peer else None,
        "times_less": peer and figures.times_less(work.name, peer.name, "server_ms"),
        "times_less_with_postgres": peer and figures.times_less(work.name, peer.name, "server_ms", "postgres_ms"),
        "than_strawberry": figures.times_less(work.name, "strawberry", "server_ms"),
        "than_graphql_core": figures.times_less(work.name, "plain", "server_ms"),
        "of_ready_bytes": ready and 1 / ready,
    }
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in facts.items()}


def keep(figures: Figures, works: Sequence[Work], paces: Sequence[Steady]) -> Path:
    """Write everything measured to `bench/results/`; answers the file."""
    at = datetime.now(UTC)
    facts = {
        "at": at,
        "machine": {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()},
        "versions": {name: version(name) for name in _PYTHON_PARTS} | _node_versions(),
        "summary": {work.name: {"title": work.title} | standing(figures, work) for work in works},
        "steady": [asdict(one) for one in paces],
        "rounds": [asdict(one) for one in figures.rounds],
    }
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    file.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return file


def _node_versions() -> dict[str, str]:
    wanted = orjson.loads((PEERS / "package.json").read_bytes())["dependencies"]
    lock = orjson.loads((PEERS / "package-lock.json").read_bytes())["packages"]
    return {name: lock[f"node_modules/{name}"]["version"] for name in wanted}
