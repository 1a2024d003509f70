"""The long run: `python -m tests.unit.engine.differential --cases 1000000 --seed 1`, or `make differ ARGS="--cases 1000000"`.

A case that differs is printed with its schema, its document and the command that runs it again; then the exit code is 1.
Ctrl-C and SIGTERM end the run early, and it tells what it has met so far.
"""

import asyncio
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table

from tests.unit.engine.differential.cases import HOUSE, Tally, check_all, house_script_of, script_of
from tests.unit.engine.differential.documents import EXECUTIONS

TELLS = 2_500
_console = Console(stderr=True)


def run(
    cases: Annotated[int, typer.Option(min=1, help="How many cases; four of them execute one document.")] = 10_000,
    seed: Annotated[
        int, typer.Option(min=0, help="The number of the first document: the same number, the same document and data.")
    ] = 1,
    *,
    house: Annotated[bool, typer.Option("--house", help="Schemas of Strawberry, run as the house runs its own.")] = False,
    show: Annotated[bool, typer.Option(help="Print the schema and the document of the first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was met as JSON.")] = False,
) -> None:
    """Run random documents on random schemas and data through graphql-core, breadth-first and compiled, and compare."""
    if show:
        _console.print(str((house_script_of if house else script_of)(seed)), markup=False, highlight=False)
    tally = asyncio.run(_run(seed, cases, house=house))
    counts = dict(sorted(tally.counts.items()))
    typer.echo(orjson.dumps(counts | {"differences": len(tally.failures)}, option=orjson.OPT_INDENT_2)) if as_json else _table(
        counts
    )
    for failure in tally.failures:
        _console.print(str(failure), markup=False, highlight=False, soft_wrap=True)
    _console.print(f"{counts['cases']:,} cases of {counts['documents']:,} documents, {len(tally.failures)} differences.")
    sys.exit(1 if tally.failures else 0)


async def _run(seed: int, cases: int, *, house: bool) -> Tally:
    tally = Tally()
    task = asyncio.current_task()
    assert task
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's background job is born deaf to Ctrl-C
        asyncio.get_running_loop().add_signal_handler(ending, task.cancel)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    documents = -(-cases // EXECUTIONS)
    with Progress(*columns, console=_console, refresh_per_second=1) as progress, suppress(asyncio.CancelledError):
        numbers = progress.track(range(seed, seed + documents), documents)
        await check_all(_told(numbers, tally), tally, *(HOUSE if house else ()))
    return tally


def _told(numbers: Iterable[int], tally: Tally) -> Iterator[int]:
    """Say now and then how far it is where there is no terminal to show a bar."""
    for count, number in enumerate(numbers, start=1):
        yield number
        if count % TELLS == 0 and not _console.is_terminal:
            _console.print(f"{tally.counts['cases']:,} cases, {len(tally.failures)} differences", highlight=False)


def _table(counts: dict[str, int]) -> None:
    table = Table("what was met", Column("times", justify="right"), box=None)
    for name, times in counts.items():
        table.add_row(name, f"{times:,}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(run)
