"""`pannier engine`: look into how operations run."""

import asyncio
import logging
from typing import Annotated, Any

import orjson
import typer
from graphql import OperationType
from rich.console import Console
from rich.syntax import Syntax

from api.engine.documents import RequestRefused
from api.processes import is_ready, open_house
from api.showing.shipped import NotShipped, Operation, operation_named
from api.showing.statements import NothingToSee, statements_of
from services.bootstrap import running
from services.kernel.actors import Audience
from services.kernel.logs import configure_logs
from services.migrations.run import require_schema
from services.settings import Settings, settings, use

NO_DATABASE = "There is no database: set DATABASE_URL and REDIS_URL, or let `pannier up` run beside."
app = typer.Typer(help="How operations run: the engine's plans, its Python, and their SQL.", no_args_is_help=True)


@app.callback()
def engine() -> None:
    """How operations run: the engine's plans, its Python, and their SQL."""


@app.command()
def show(
    operation: Annotated[str, typer.Argument(help="The name of a shipped operation, such as StoresNear.")],
    audience: Annotated[Audience | None, typer.Option(help="Whose operation, where several apps send one of this name.")] = None,
    variables: Annotated[
        str | None, typer.Option(metavar="JSON", help="Run it with these variables; otherwise with some that lead somewhere.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sections.")] = False,
) -> None:
    """Print the plan of an operation, the Python it was compiled to, and the SQL it runs.

    For the SQL a query is run once, as somebody of the database who has something to see, and taken back: it needs a database,
    that of DATABASE_URL or of a running `pannier up`. Mutations and subscriptions are not run.
    """
    try:
        found, given = operation_named(operation, audience), _read(variables)
    except NotShipped as wrong:
        raise typer.BadParameter(str(wrong), param_hint="OPERATION") from wrong
    told = {"audience": found.audience, "operation": found.name, "plan": found.plan(), "python": found.python()}
    told |= _sql(found, given)
    typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2)) if as_json else _print(told)


def _read(variables: str | None) -> dict[str, Any] | None:
    try:
        read = orjson.loads(variables) if variables else None
    except orjson.JSONDecodeError as wrong:
        raise typer.BadParameter(f"This is not JSON: {wrong}.", param_hint="--variables") from wrong
    if not (read is None or isinstance(read, dict)):
        raise typer.BadParameter("Variables are a JSON object.", param_hint="--variables")
    return read


def _sql(operation: Operation, given: dict[str, Any] | None) -> dict[str, Any]:
    """The statements, or why there are none."""
    if operation.kind is not OperationType.QUERY:
        return {"sql": None, "sql_missing": f"A {operation.kind.value} is not run to be shown."}
    configure_logs(readable=True, level=logging.CRITICAL)
    chosen = settings()
    if not (chosen.database_url and chosen.redis_url) and not is_ready(chosen):
        return {"sql": None, "sql_missing": NO_DATABASE}
    house, chosen = open_house(chosen)
    use(chosen)
    try:
        statements, errors = _in(chosen, operation, given)
    except (NothingToSee, RequestRefused) as nothing:
        return {"sql": None, "sql_missing": str(nothing)}
    finally:
        house.stop()
    return {"sql": statements} | ({"errors": errors} if errors else {})


def _in(chosen: Settings, operation: Operation, given: dict[str, Any] | None) -> tuple[list[str], list[str]]:
    async def run() -> tuple[list[str], list[str]]:
        await require_schema(chosen.database_url)
        async with running(chosen) as ports:
            statements, answer = await statements_of(operation, ports, given)
        return statements, [error.message for error in answer.errors]

    return asyncio.run(run())


def _print(told: dict[str, Any]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    _section(console, f"Plan of {told['operation']} ({told['audience']})", told["plan"], None)
    _section(console, "Python", told["python"] or "# The interpreter runs it.\n", "python")
    if told["sql"] is None:
        _section(console, "SQL", f"Not shown. {told['sql_missing']}", None)
        return
    count = len(told["sql"])
    statements = "\n\n".join(f"{statement.rstrip(';')};" for statement in told["sql"])
    _section(console, f"SQL: {count} statement{'' if count == 1 else 's'}", statements, "sql")
    for message in told.get("errors", ()):
        console.print(f"It was answered with an error: {message}", markup=False)


def _section(console: Console, title: str, text: str, language: str | None) -> None:
    console.print(title, style="bold")
    if language and console.is_terminal:
        console.print(Syntax(text, language, background_color="default", word_wrap=True))
    else:
        console.print(text, markup=False)
