"""What an operator asks of a house by hand: its dead letters, whether its audit log is whole, and to let somebody in no more."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from api.contracts import commands as contracts
from api.opening import in_the_house, servers
from api.operators.usage import asked_since
from api.processes import HouseProblem
from services.cases import audit as audit_log
from services.identity import operations as identity
from services.identity.queries import person_by_phone
from services.kernel import outbox
from services.kernel.actors import System
from services.kernel.clock import wall
from services.migrations.run import require_schema

letters = typer.Typer(help="Dead letters: errands that failed for good.", no_args_is_help=True)
audit = typer.Typer(help="The log of what support looked at.", no_args_is_help=True)
people = typer.Typer(help="Who may come in.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


@letters.command(name="list")
def list_letters(as_json: AsJson = False) -> None:
    """List the errands that failed for good, oldest first."""
    with servers() as (_, chosen):
        asyncio.run(require_schema(chosen.database_url))
        dead = in_the_house(chosen, outbox.dead_letters())
    lines = [
        f"{letter['id']}  {letter['handler']} of {letter['kind']}, {letter['attempts']} attempts: {letter['last_error']}"
        for letter in dead
    ]
    _tell({"dead_letters": dead}, "\n".join(lines) or "There are no dead letters.", as_json)


@letters.command(name="replay")
def replay_letter(
    letter: Annotated[UUID, typer.Argument(help="The id that `pannier letters list` shows.")], as_json: AsJson = False
) -> None:
    """Give a dead letter new attempts; the worker runs it at once."""
    with servers() as (_, chosen):
        asyncio.run(require_schema(chosen.database_url))
        if not in_the_house(chosen, outbox.replay(letter)):
            raise HouseProblem(f"There is no dead letter {letter}; `pannier letters list` shows those there are.")
    _tell({"replayed": letter}, "It will be tried again.", as_json)


@audit.command(name="verify")
def verify_audit_log(as_json: AsJson = False) -> None:
    """Compute every seal of the audit log anew; the exit code is 1 where a row was changed, removed or put in between.

    Keep the length and the head that it prints: with them a cut-off end shows too.
    """
    with servers() as (_, chosen):
        asyncio.run(require_schema(chosen.database_url))
        chain = in_the_house(chosen, audit_log.verify_chain())
    facts = {"length": chain.length, "head": chain.head.hex(), "broken_at": chain.broken_at}
    whole = f"{chain.length} rows, each as it was written; the last seal is {chain.head.hex()}."
    broken = f"The row {chain.broken_at} is not the one that was written; {chain.length} rows before it hold."
    _tell(facts, whole if chain.broken_at is None else broken, as_json)
    raise typer.Exit(0 if chain.broken_at is None else 1)


@people.command(name="bar")
def bar_person(
    phone: Annotated[str, typer.Argument(help="The person's verified number, in international form.")],
    reason: Annotated[str, typer.Option(help="Why; it is written down with the sessions that end.")],
    as_json: AsJson = False,
) -> None:
    """Let a person in nowhere any more: every session of theirs ends within seconds, and no way of signing in opens another."""
    with servers() as (_, chosen):
        asyncio.run(require_schema(chosen.database_url))
        barred = in_the_house(chosen, _bar(phone, reason))
    _tell({"barred": barred}, "Every session of theirs has ended.", as_json)


async def _bar(phone: str, reason: str) -> UUID:
    found = await person_by_phone(phone)
    if found is None:
        raise HouseProblem("Nobody has this number.")
    await identity.bar_person(System("operator"), found.id, reason=reason)
    return found.id


def show_usage(
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metrics", metavar="URL", help="A gateway's /metrics, again for each: what they count since they began."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days back, today among them.")] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell which releases, operations and deprecated fields phones still ask for, over restarts and all gateways.

    Gateways add up once a minute. What is not seen for long may be ended early, by mobile_contracts/<app>/minimum.json.
    """
    if metrics:
        contracts.tell_usage(contracts.counts_at(metrics), as_json=as_json)
        return
    with servers() as (_, chosen):
        asyncio.run(require_schema(chosen.database_url))
        asked = in_the_house(chosen, asked_since(wall().date() - timedelta(days=days - 1)))
    contracts.tell_usage(asked, as_json=as_json)


def _tell(facts: dict[str, Any], sentence: str, as_json: bool) -> None:
    typer.echo(orjson.dumps(facts, default=str, option=orjson.OPT_INDENT_2).decode() if as_json else sentence)
