"""What every floor of tests stands on: the servers, a database per worker, a clock that stands still, and counted statements."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
import structlog

from services import reactions
from services import settings as settings_module
from services.adapters.embedded import Pair, start_pair
from services.bootstrap import Ports, running
from services.kernel import clock as house_clock
from services.kernel import database, logs, nudges
from services.migrations.run import migrate
from services.settings import Settings, use

# A Wednesday, noon in Helsinki: kitchens are open.
NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
# How long a drawn example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")
_pair: list[Pair] = []
_folder: list[tempfile.TemporaryDirectory[str]] = []
_TEMPLATE = f"pannier_template_{uuid4().hex[:8]}"
_NO_TRIGGERS = "SET session_replication_role = replica"


def pytest_configure(config: pytest.Config) -> None:
    """Start the pair once, in the process that starts the others, and make the template they copy."""
    if hasattr(config, "workerinput"):
        return
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        folder = tempfile.TemporaryDirectory(prefix="pannier-tests-", ignore_cleanup_errors=True)
        pair = start_pair(Path(folder.name), durable=False)
        _folder.append(folder)
        _pair.append(pair)
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = pair.database_url, pair.redis_url
    os.environ["PANNIER_TEST_TEMPLATE"] = _TEMPLATE
    asyncio.run(_make_template(os.environ["DATABASE_URL"]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if hasattr(config, "workerinput"):
        return
    if not _pair and os.environ.get("PANNIER_TEST_TEMPLATE"):
        asyncio.run(_clear(os.environ["DATABASE_URL"]))
    while _pair:
        _pair.pop().stop()
    while _folder:
        _folder.pop().cleanup()


async def _clear(url: str) -> None:
    """Drop from a server that was given what this run made there, also for workers that were cut short."""
    connection = await asyncpg.connect(**database.connection_arguments(url))
    try:
        for record in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", _TEMPLATE):
            await connection.execute(f'DROP DATABASE IF EXISTS "{record["datname"]}" WITH (FORCE)')
        # Roles belong to the whole server: another database there may stand on it.
        with suppress(asyncpg.DependentObjectsStillExistError):
            await connection.execute(f"DROP ROLE IF EXISTS {database.APP_ROLE}")
    finally:
        await connection.close()


def named(url: str, name: str) -> str:
    """The same server's database of another name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _admin(url: str, *commands: str) -> None:
    connection = await asyncpg.connect(**database.connection_arguments(url))
    try:
        for command in commands:
            await connection.execute(command)
    finally:
        await connection.close()


async def _require_superuser(url: str) -> None:
    connection = await asyncpg.connect(**database.connection_arguments(url))
    try:
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            raise pytest.UsageError(
                "The tests empty tables with triggers off: DATABASE_URL must name a superuser of a test server."
            )
    finally:
        await connection.close()


async def _make_template(url: str) -> None:
    await _require_superuser(url)
    await _admin(url, f'CREATE DATABASE "{_TEMPLATE}" TEMPLATE template0')
    await migrate(named(url, _TEMPLATE))


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """A command sets logs and settings of its whole process: the next test finds both as this one did."""
    in_force = settings_module._in_force.copy()
    yield
    settings_module._in_force[:] = in_force
    if structlog.is_configured():
        structlog.reset_defaults()
        logs._lines.clear()


@pytest.fixture(scope="session")
def house_settings(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the test profile on a database of this worker's own."""
    server, template = os.environ["DATABASE_URL"], os.environ["PANNIER_TEST_TEMPLATE"]
    name = f"{template}_{worker_id}"
    asyncio.run(_admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    chosen = Settings(  # type: ignore[call-arg]  # aliases
        profile="test",
        DATABASE_URL=named(server, name),
        REDIS_URL=os.environ["REDIS_URL"],
        data_folder=tmp_path_factory.mktemp("pannier"),
    )
    use(chosen)
    yield chosen
    asyncio.run(_admin(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
async def ports(house_settings: Settings) -> AsyncIterator[Ports]:
    """A running house for the whole session of this worker."""
    reactions.wire()
    async with running(house_settings) as opened:
        yield opened


@pytest.fixture(scope="session")
async def admin(house_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner of the tables, whom triggers do not stop; a test that sets anything takes `owner`."""
    async with _as_owner(house_settings) as connection:
        yield connection


@pytest.fixture
async def owner(house_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The same for one test alone, which may set on it what it likes."""
    async with _as_owner(house_settings) as connection:
        yield connection


@asynccontextmanager
async def _as_owner(chosen: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**database.connection_arguments(chosen.database_url))
    try:
        await connection.execute(_NO_TRIGGERS)
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def house(ports: Ports, admin: asyncpg.Connection) -> AsyncIterator[Ports]:
    """A running house with an empty database; emptied again after the test."""
    yield ports
    role = await admin.fetchval("SHOW session_replication_role")
    await admin.execute(_NO_TRIGGERS)
    names = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'")
    filled = [
        record["tablename"]
        for record in names
        if await admin.fetchval(f'SELECT EXISTS (SELECT FROM "{record["tablename"]}")')  # noqa: S608 - catalogue names
    ]
    if filled:
        await admin.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in filled) + " RESTART IDENTITY CASCADE")
    # The versions that this process believed are those of an earlier house.
    nudges.doubt()
    assert role == "replica", "this test set something on the connection of all tests: it takes `owner`"


class TestClock:
    """The house's clock in a test: it stands still until it is moved."""

    __test__ = False

    def now(self) -> datetime:
        return house_clock.now()

    def move_to(self, moment: datetime) -> None:
        house_clock.stand_still_at(moment)

    def move(self, **span: float) -> None:
        """Move on by a span as timedelta names it: `clock.move(minutes=8)`."""
        house_clock.stand_still_at(house_clock.now() + timedelta(**span))


@pytest.fixture
def clock() -> Iterator[TestClock]:
    house_clock.stand_still_at(NOON)
    yield TestClock()
    house_clock.set_anchor(None)


@dataclass
class Statements:
    """The SQL statements since the fixture began or was cleared, without the brackets of transactions."""

    queries: list[str] = field(default_factory=list)

    async def count(self) -> int:
        """How many statements were sent."""
        await asyncio.sleep(0)
        return len(self.queries)

    def clear(self) -> None:
        self.queries.clear()

    async def of(self, asked: Awaitable[object]) -> int:
        """How many statements this takes, whatever was sent before."""
        self.clear()
        await asked
        return await self.count()


@pytest.fixture
async def statements(house: Ports) -> AsyncIterator[Statements]:
    """`await statements.count()` after the operation under test; call `statements.clear()` after arranging."""
    seen = Statements()

    def note(statement: database.Statement) -> None:
        # What the house reads by itself, every few seconds, belongs to no operation; nor does what the driver asks about types.
        aside = statement.query.startswith("/* follower */") or "typeinfo_tree" in statement.query or "'jit'" in statement.query
        if database.is_statement(statement.query) and not aside:
            seen.queries.append(statement.query)

    stop = database.watch(note)
    await asyncio.sleep(0)
    yield seen
    stop()
