"""Servers that cannot carry Pannier are refused in one sentence, without a password in it."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import cast

import asyncpg
import pytest

from services.adapters.floors import ServerUnfit, check_postgresql, check_redis, check_servers, reach_postgresql
from services.kernel import database
from services.migrations.run import migrate
from services.settings import Settings
from tests.conftest import named
from tests.services.adapters.old_redis import redis_of

CLOSED = "127.0.0.1:1"


@pytest.fixture
async def deaf_to_letters(house_settings: Settings) -> AsyncIterator[str]:
    """The address of a database whose locale knows ASCII's letters alone."""
    name = f"pannier_deaf_{secrets.token_hex(4)}"
    server = await asyncpg.connect(**database.connection_arguments(house_settings.database_url))
    await server.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_CTYPE 'C' LC_COLLATE 'C'"
    )
    yield named(house_settings.database_url, name)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


class ServerOf:
    """A connection as far as the check looks: it answers SHOW."""

    def __init__(self, **shown: str) -> None:
        self._shown = shown

    async def fetchval(self, question: str) -> str:
        return self._shown[question.removeprefix("SHOW ")]


async def test_the_servers_of_this_run_are_fit(house_settings: Settings) -> None:
    await check_servers(house_settings.database_url, house_settings.redis_url)


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "10.0.1"])
async def test_a_redis_from_7_on_is_taken(version: str) -> None:
    with redis_of(version) as url:
        await check_redis(url)


async def test_an_older_redis_is_refused_with_its_version() -> None:
    with redis_of("6.2.14") as url:
        place = url.partition("@")[2].removesuffix("/0")
        with pytest.raises(ServerUnfit) as refused:
            await check_redis(url)
    assert str(refused.value) == f"Redis 6.2.14 at {place} is too old: Pannier needs 7.0 or newer, or Valkey."


async def test_a_redis_that_wants_another_password() -> None:
    with redis_of("7.0.0", password_wanted=True) as url, pytest.raises(ServerUnfit) as refused:
        await check_redis(url)
    assert re.fullmatch(
        r"Redis at 127\.0\.0\.1:\d+ refuses us: look at the user and the password in REDIS_URL\.", str(refused.value)
    )


@pytest.mark.parametrize("url", [f"redis://:very-secret@{CLOSED}/0", "unix:///nowhere/redis.sock?password=very-secret"])
async def test_a_redis_that_is_away_is_named_without_its_password(url: str) -> None:
    with pytest.raises(ServerUnfit, match=r"^Redis at (127\.0\.0\.1:1|/nowhere/redis\.sock) cannot be reached: ") as refused:
        await check_redis(url)
    assert "very-secret" not in str(refused.value)


async def test_a_postgresql_that_is_away_is_named_without_its_password() -> None:
    place = r"PostgreSQL at 127\.0\.0\.1:1 \(database pannier, user anna\)"
    with pytest.raises(ServerUnfit, match=rf"^{place} cannot be reached: ") as refused:
        await reach_postgresql(f"postgresql://anna:very-secret@{CLOSED}/pannier")
    assert "very-secret" not in str(refused.value)


async def test_a_database_that_is_not_there(house_settings: Settings) -> None:
    with pytest.raises(ServerUnfit, match=r'refuses us: database "nowhere" does not exist; look at DATABASE_URL\.$'):
        await reach_postgresql(named(house_settings.database_url, "nowhere"))


@pytest.mark.parametrize("wrong", ["", "pannier", "mysql://very-secret@db/pannier", "postgresql://u:very-secret@db:port/pannier"])
async def test_an_address_that_is_none(wrong: str, house_settings: Settings) -> None:
    with pytest.raises(ServerUnfit, match=r"^DATABASE_URL is not an address like ") as refused:
        await check_servers(wrong, house_settings.redis_url)
    assert "very-secret" not in str(refused.value)
    with pytest.raises(ServerUnfit, match=r"^REDIS_URL is not an address like ") as refused:
        await check_redis(wrong.replace("postgresql", "redis"))
    assert "very-secret" not in str(refused.value)


async def test_an_older_postgresql_is_refused_with_its_version() -> None:
    with pytest.raises(ServerUnfit, match=r"^PostgreSQL 14 is too old: Pannier needs 15 or newer\.$"):
        await check_postgresql(cast("asyncpg.Connection", ServerOf(server_version_num="140012")))


async def test_a_database_of_another_encoding_is_refused() -> None:
    latin = ServerOf(server_version_num="150000", server_encoding="LATIN1")
    with pytest.raises(ServerUnfit, match=r"^This database is encoded in LATIN1: create it with ENCODING 'UTF8'\.$"):
        await check_postgresql(cast("asyncpg.Connection", latin))


async def test_a_locale_that_breaks_trigram_search_is_refused_before_anything_is_made(
    deaf_to_letters: str, house_settings: Settings
) -> None:
    with pytest.raises(ServerUnfit, match=r"^This database's locale breaks trigram search \(show_trgm\('Ж'\) is empty\): create"):
        await migrate(deaf_to_letters)

    connection = await reach_postgresql(deaf_to_letters)
    assert await connection.fetchval("SELECT show_trgm('Ж')") == []
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()
    with pytest.raises(ServerUnfit, match=r"^This database's locale breaks trigram search"):
        await check_servers(deaf_to_letters, house_settings.redis_url)
