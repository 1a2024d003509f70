"""The command `pannier`: bring the house up, or run one part of it."""

import asyncio
import atexit
import errno
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import orjson
import typer
import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console

from api import operating
from api.app import make_app
from api.board import show_board
from api.contracts import commands as contracts
from api.contracts.releasing import ContractProblem
from api.examples import commands as examples
from api.first_order import first_order
from api.keys import keys
from api.menu_cli import menu
from api.opening import in_the_house, prepare, servers, start
from api.processes import HouseProblem, is_ready, leave_with, open_house, port_is_free, refuse_strangers
from api.protocols.capacity import claim_open_files
from api.protocols.prompt_lines import PromptLine
from api.protocols.wire import ANSWERED_WITHIN, HEARTBEAT, Wire
from api.releases.frozen import ReleaseBroken
from api.showing import commands as showing
from mobile_contracts.phones import city as phones
from services.adapters.firebase_push import PushNotConfigured
from services.adapters.floors import ServerUnfit, check_servers
from services.kernel import city_clock, clock
from services.kernel.logs import configure_logs
from services.migrations.run import MigrationChanged, SchemaBehind, migrate, require_schema
from services.production import UnfitForProduction, refuse_unfit
from services.seeds.load import seed_city
from services.settings import Settings, settings, use
from services.worker.__main__ import work

app = typer.Typer(
    help=(
        "Pannier, the backend of a city's restaurants, grocers and couriers. Begin with `pannier up`."
        "\n\nExit codes: 0 done; 1 refused, and one sentence on standard error says why; 2 a command line that is not understood."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(operating.letters, name="letters")
app.add_typer(operating.audit, name="audit")
app.add_typer(contracts.app, name="contracts")
app.add_typer(keys, name="keys")
app.add_typer(operating.people, name="people")
app.add_typer(menu, name="menu")
app.add_typer(showing.app, name="engine")
contracts.app.command(name="usage")(operating.show_usage)
contracts.app.command(name="examples")(examples.record_examples)
contracts.app.command(name="reference")(examples.write_reference)
_console = Console(stderr=True)
# Settings that other programs know by these names too.
_SHARED_NAMES = {field.validation_alias for field in Settings.model_fields.values() if field.validation_alias}
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Whoever pressed Ctrl-C waits: taking every schema apart at the very end costs a second of the processor, for nothing.
atexit.register(gc.freeze)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every foreseeable problem is one sentence on standard error and exit code 1."""
    try:
        app(arguments)
    except (
        HouseProblem,
        UnfitForProduction,
        ServerUnfit,
        SchemaBehind,
        MigrationChanged,
        PushNotConfigured,
        ContractProblem,
        ReleaseBroken,
    ) as problem:
        _refuse(str(problem))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        _refuse(f"The setting {_name_of(first['loc'])} is not right: {first['msg']}.")
    except SettingsError as unreadable:
        # Its own words name the field and our reader's source; what was written there may be a secret.
        field = str(unreadable).partition('"')[2].partition('"')[0]
        _refuse(f"The setting {_name_of((field,))} is not right: it is written in JSON.")


@app.command()
def up(
    speed: Annotated[float, typer.Option(min=0.1, max=600, help="City seconds per second of the wall.")] = 10.0,
    consumers: Annotated[int, typer.Option(min=0, help="How many people may be hungry at the same time.")] = 60,
    couriers: Annotated[int, typer.Option(min=0, help="How many couriers ride.")] = 30,
    *,
    seed: Annotated[int, typer.Option(help="The city's seed number: the same number, the same city.")] = 1,
    stores: Annotated[int | None, typer.Option(min=1, help="Seed so many stores instead of all of them.")] = None,
    with_city: Annotated[bool, typer.Option("--city/--no-city", help="Let people live in it.")] = True,
) -> None:
    """Bring everything up: servers, schema, seed, gateway, worker, a living city, and a board to watch it. Ctrl-C ends it."""
    chosen = settings()
    refuse_unfit(chosen)
    if not port_is_free(chosen):
        raise HouseProblem(f"Port {chosen.port} is taken: stop what listens there, or choose another with PANNIER_PORT.")
    # A closed terminal or a supervisor's word ends the house as Ctrl-C does; a shell's background job is born deaf to Ctrl-C.
    for ending in _ENDINGS:
        signal.signal(ending, signal.default_int_handler)
    # The board is what one looks at; the parts' own words are in their logs.
    configure_logs(readable=True, level=logging.CRITICAL)
    house = None
    try:
        house, chosen = open_house(chosen)
        use(chosen)
        asyncio.run(check_servers(chosen.database_url, chosen.redis_url))
        prepare(chosen, seed, speed=speed, tell=_say, stores=stores)
        start(house)
        if with_city:
            house.start("city", "city", "--seed", str(seed), "--consumers", str(consumers), "--couriers", str(couriers))
        show_board(house)
    except KeyboardInterrupt:
        with suppress(OSError):
            _console.print("\nClosing the city …", highlight=False)
    except OSError as gone:
        # The board wrote to a terminal that had just been closed.
        if gone.errno != errno.EIO:
            raise
    finally:
        # An impatient thumb must not leave half of the house standing.
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)
        if house is not None:
            house.stop()
        _speak_into_nothing_where_nobody_listens()


def _speak_into_nothing_where_nobody_listens() -> None:
    """After a closed terminal the last words still in the buffers go nowhere, instead of making the end look like a failure."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())


@app.command()
def serve() -> None:
    """Run the gateway: four GraphQL doors at /graphql/consumer, /store, /courier and /support.

    Its servers are those of DATABASE_URL and REDIS_URL; the schema there must be up to date (`pannier migrate`). SIGTERM ends it.
    """
    chosen = _with_given_servers()
    leave_with(chosen.parent)
    configure_logs(readable=sys.stderr.isatty())
    claim_open_files()
    uvicorn.run(
        make_app(chosen),
        host=chosen.host,
        port=chosen.port,
        loop="uvloop",
        http=PromptLine,
        ws=Wire,
        ws_max_size=64 * 1024,
        ws_ping_interval=HEARTBEAT,
        ws_ping_timeout=ANSWERED_WITHIN,
        ws_per_message_deflate=False,
        # As long as thousands who come back at the same moment may have to wait for their turn.
        backlog=4_096,
        timeout_graceful_shutdown=5,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


@app.command()
def worker() -> None:
    """Run the worker: errands of the outbox, and every deadline.

    Its servers are those of DATABASE_URL and REDIS_URL; the schema there must be up to date (`pannier migrate`). SIGTERM ends it;
    any number of workers may run beside each other.
    """
    chosen = _with_given_servers()
    leave_with(chosen.parent)
    asyncio.run(work(chosen))


@app.command(name="migrate")
def migrate_database(as_json: AsJson = False) -> None:
    """Bring the database's schema up to date; does nothing when it is."""
    with servers() as (_, chosen):
        applied = asyncio.run(migrate(chosen.database_url))
    _tell({"applied": applied}, f"{len(applied)} migrations applied." if applied else "The schema is up to date.", as_json)


@app.command()
def seed(
    number: Annotated[int, typer.Option("--seed", help="The same number gives the same city.")] = 1, as_json: AsJson = False
) -> None:
    """Fill an empty database with Helsinki's stores, menus and people; a second time changes nothing."""
    with servers() as (_, chosen):
        asyncio.run(migrate(chosen.database_url))
        facts = in_the_house(chosen, seed_city(number, tell=_say))
    _tell(facts, f"{facts['stores']} stores with {facts['items']} items.", as_json)


@app.command()
def city(
    number: Annotated[int, typer.Option("--seed", help="The same number, the same people and wishes.")] = 1,
    speed: Annotated[
        float | None, typer.Option(min=0.1, max=600, help="City seconds per second of the wall, for every clock of the system.")
    ] = None,
    consumers: Annotated[int, typer.Option(min=0, help="How many people may be hungry at the same time.")] = 60,
    couriers: Annotated[int, typer.Option(min=0, help="How many couriers ride.")] = 30,
    *,
    once: Annotated[bool, typer.Option("--once", help="Exactly one purchase over two stores, from sign-in to settled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let people live in a running house: headless phones that use nothing but the public doors.

    With --once the exit code is 0 only if all of it holds: both orders settled, every stop
    done, everybody pushed, the ledger at zero.
    """
    leave_with(settings().parent)
    refuse_strangers(settings())
    with servers() as (house, chosen):
        if once:
            report = first_order(house, chosen, seed=number, speed=speed, tell=_say)
            _tell(report.facts, report.sentence, as_json)
            raise typer.Exit(0 if report.holds else 1)
        if not is_ready(chosen):
            raise HouseProblem(f"No gateway answers at {chosen.gateway_url}: start one with `pannier up`, or give --once.")
        if speed is not None:
            in_the_house(chosen, city_clock.run_at(speed))
        # In the house, for its clock alone: everything else goes through the public doors.
        life = phones.live(
            chosen.gateway_url,
            seed=number,
            consumers=consumers,
            couriers=couriers,
            now=clock.now,
            tell=_say,
            release=chosen.phones_release,
        )
        in_the_house(chosen, life)


def _refuse(sentence: str) -> NoReturn:
    _console.print(sentence, style="red", soft_wrap=True, highlight=False, markup=False)
    sys.exit(1)


def _name_of(place: Sequence[int | str]) -> str:
    """A setting as the environment names it."""
    name = "__".join(str(part).upper() for part in place)
    return name if place[0] in _SHARED_NAMES else f"PANNIER_{name}"


def _with_given_servers() -> Settings:
    """The settings of a part that starts no servers: they name them, and the schema there is today's."""
    chosen = settings()
    refuse_unfit(chosen)
    addresses = {"DATABASE_URL": chosen.database_url, "REDIS_URL": chosen.redis_url}
    unset = [name for name, address in addresses.items() if not address]
    if unset:
        raise HouseProblem(f"Not set: {' and '.join(unset)}. Give both addresses, or let `pannier up` start servers of its own.")
    asyncio.run(check_servers(chosen.database_url, chosen.redis_url, without_redis=True))
    asyncio.run(require_schema(chosen.database_url))
    return chosen


def _tell(facts: dict[str, Any], sentence: str, as_json: bool) -> None:
    typer.echo(orjson.dumps(facts, default=str, option=orjson.OPT_INDENT_2).decode() if as_json else sentence)


def _say(line: str) -> None:
    _console.print(line, highlight=False, soft_wrap=True)
