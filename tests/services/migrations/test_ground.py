"""A database user who is no superuser: what it may do itself, and the one sentence that says who must give the rest."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from services.adapters.floors import ServerUnfit
from services.kernel import database
from services.migrations.ground import EXTENSIONS, prepare_ground, require_role
from services.migrations.run import SchemaBehind, history, require_schema
from services.settings import Settings
from tests.conftest import named


@dataclass(frozen=True, slots=True)
class Plot:
    """An empty database of a user without great rights; the keeper has them all."""

    name: str
    url: str
    keeper: asyncpg.Connection
    user: asyncpg.Connection


@pytest.fixture
async def plot(house_settings: Settings) -> AsyncIterator[Plot]:
    name, password = f"pannier_plot_{secrets.token_hex(4)}", secrets.token_hex(8)
    arguments = database.connection_arguments(house_settings.database_url)
    server = await asyncpg.connect(**arguments)
    await server.execute(f"CREATE ROLE {name} LOGIN NOSUPERUSER PASSWORD '{password}'")
    await server.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {name}")
    keeper = await asyncpg.connect(**arguments | {"database": name})
    user = await asyncpg.connect(**arguments | {"database": name, "user": name, "password": password})
    yield Plot(name, named(house_settings.database_url, name), keeper, user)
    await user.close()
    await keeper.close()
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.execute(f"DROP ROLE {name}")
    await server.close()


async def extensions(connection: asyncpg.Connection) -> set[str]:
    return {record["extname"] for record in await connection.fetch("SELECT extname FROM pg_extension")}


async def test_one_extension_asks_for_a_superuser_and_one_grant_for_who_may_make_roles(plot: Plot) -> None:
    with pytest.raises(ServerUnfit) as refused:
        await prepare_ground(plot.user)
    assert str(refused.value) == (
        f"The user {plot.name} may not create extensions: "
        "let a superuser run once in this database: CREATE EXTENSION earthdistance;"
    )

    await plot.keeper.execute("CREATE EXTENSION earthdistance")
    with pytest.raises(ServerUnfit) as refused:
        await prepare_ground(plot.user)
    assert str(refused.value) == (
        f"The user {plot.name} may not act as the role pannier_app: let a superuser run once: GRANT pannier_app TO {plot.name};"
    )
    assert set(EXTENSIONS) <= await extensions(plot.user)

    await plot.keeper.execute(f"GRANT pannier_app TO {plot.name}")
    await prepare_ground(plot.user)
    await plot.user.execute("SET ROLE pannier_app")
    assert await plot.user.fetchval("SELECT current_user") == "pannier_app"


async def test_a_member_that_may_not_take_the_role_on_is_none(plot: Plot) -> None:
    if plot.user.get_server_version().major < 16:
        pytest.skip("before 16 every member may take a role on")
    await plot.keeper.execute(f"GRANT pannier_app TO {plot.name} WITH SET FALSE, INHERIT TRUE")
    with pytest.raises(ServerUnfit, match=f"^The user {plot.name} may not act as the role pannier_app"):
        await require_role(plot.user)


async def test_a_database_without_todays_schema_sends_to_migrate(plot: Plot, house_settings: Settings) -> None:
    with pytest.raises(SchemaBehind, match=r"^The database lacks the migration 0001_kernel: run `pannier migrate` first\.$"):
        await require_schema(plot.url)

    await plot.keeper.execute("CREATE TABLE migrations (name text PRIMARY KEY)")
    steps = [step.name for step in history()]
    await plot.keeper.executemany("INSERT INTO migrations VALUES ($1)", [(name,) for name in steps[:-1]])
    with pytest.raises(SchemaBehind, match=f"^The database lacks the migration {steps[-1]}: "):
        await require_schema(plot.url)

    # One that is ahead, as while a newer release is being rolled out, will do.
    await plot.keeper.executemany("INSERT INTO migrations VALUES ($1)", [(steps[-1],), ("9999_of_tomorrow",)])
    await require_schema(plot.url)
    await require_schema(house_settings.database_url)
