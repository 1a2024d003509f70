"""The floors: whether the PostgreSQL and the Redis that the house is given can be reached, and can carry it."""

import asyncio
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import structlog
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from services.adapters.redis import OLDEST_REDIS, too_old
from services.kernel.database import LOST, connection_arguments

OLDEST_POSTGRESQL = 15
PATIENCE = 5.0
RECOVERY_MAY_TAKE = 60.0
LOOK_AGAIN_AFTER = 0.25
_HAS_TRIGRAMS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"


_log = structlog.get_logger(__name__)


class ServerUnfit(RuntimeError):
    """A server cannot be reached or cannot carry Pannier; the message is one sentence that says why and what to do."""


class ServerAway(ServerUnfit):
    """A server cannot be reached at this moment."""


async def check_servers(database_url: str, redis_url: str, *, without_redis: bool = False) -> None:
    """Raise ServerUnfit unless both servers answer, are new enough, and the database's locale knows letters.

    `without_redis`: one that is away at this moment is only logged, for the house works on without it.
    """
    await check_database(database_url)
    try:
        await check_redis(redis_url)
    except ServerAway as away:
        if not without_redis:
            raise
        _log.warning("redis_away", detail=str(away))


async def check_database(url: str) -> None:
    """Raise ServerUnfit unless PostgreSQL answers, is new enough, and the database's locale knows letters."""
    connection = await reach_postgresql(url)
    try:
        await check_postgresql(connection)
    except LOST as gone:
        raise _postgresql_away(url, gone) from gone
    finally:
        connection.terminate()


async def reach_postgresql(url: str) -> asyncpg.Connection:
    """A connection of one's own; a server that is only starting is waited for.

    Raises ServerUnfit, which names the server without its password.
    """
    arguments = _read(url)
    until = time.monotonic() + RECOVERY_MAY_TAKE
    while True:
        try:
            return await asyncpg.connect(**arguments, timeout=PATIENCE)
        except asyncpg.PostgresError as refused:
            if not isinstance(refused, asyncpg.CannotConnectNowError) or time.monotonic() > until:
                raise ServerUnfit(f"{_named(url)} refuses us: {_sentence(refused)}; look at DATABASE_URL.") from refused
            await asyncio.sleep(LOOK_AGAIN_AFTER)
        except LOST as away:
            raise _postgresql_away(url, away) from away


def _named(url: str) -> str:
    return "PostgreSQL at {host}:{port} (database {database}, user {user})".format_map(_read(url))


def _postgresql_away(url: str, why: BaseException) -> ServerAway:
    return ServerAway(f"{_named(url)} cannot be reached: {_sentence(why)}; is it running, and is DATABASE_URL right?")


async def check_postgresql(connection: asyncpg.Connection) -> None:
    """Raise ServerUnfit for a server older than PostgreSQL 15, or a database that trigram search would not work in."""
    version = int(await connection.fetchval("SHOW server_version_num")) // 10_000
    if version < OLDEST_POSTGRESQL:
        raise ServerUnfit(f"PostgreSQL {version} is too old: Pannier needs {OLDEST_POSTGRESQL} or newer.")
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise ServerUnfit(f"This database is encoded in {encoding}: create it with ENCODING 'UTF8'.")
    if await connection.fetchval(_HAS_TRIGRAMS) and not await connection.fetchval("SELECT show_trgm('Ж') <> '{}'"):
        raise ServerUnfit(
            "This database's locale breaks trigram search (show_trgm('Ж') is empty): "
            "create it anew with LC_CTYPE 'C.UTF-8' or another locale of UTF-8."
        )


async def check_redis(url: str) -> None:
    """Raise ServerUnfit for a Redis that does not answer or is older than 7; its address is named without the password."""
    try:
        client = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    except ValueError as unreadable:
        raise ServerUnfit(
            "REDIS_URL is not an address like redis://:password@host:6379/0 or unix:///run/redis.sock; write it like that."
        ) from unreadable
    try:
        async with asyncio.timeout(PATIENCE):
            version = await too_old(client)
    except AuthenticationError as refused:
        raise ServerUnfit(f"Redis at {_place(url)} refuses us: look at the user and the password in REDIS_URL.") from refused
    except (RedisError, OSError, TimeoutError) as away:
        raise ServerAway(
            f"Redis at {_place(url)} cannot be reached: {_sentence(away)}; is it running, and is REDIS_URL right?"
        ) from away
    finally:
        await client.aclose()
    if version:
        wanted = ".".join(map(str, OLDEST_REDIS))
        raise ServerUnfit(f"Redis {version} at {_place(url)} is too old: Pannier needs {wanted} or newer, or Valkey.")


def _read(url: str) -> dict[str, Any]:
    try:
        with suppress(ValueError):
            if urlsplit(url).scheme in {"postgres", "postgresql"}:
                return connection_arguments(url)
    except OSError as unreadable:
        raise ServerUnfit(f"A certificate that DATABASE_URL names cannot be read: {_sentence(unreadable)}.") from unreadable
    raise ServerUnfit("DATABASE_URL is not an address like postgresql://user:password@host:5432/pannier; write it like that.")


def _place(url: str) -> str:
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"


def _sentence(error: BaseException) -> str:
    """What a driver says, on one line and without its full stop."""
    said = str(error) or "no answer in time" if isinstance(error, TimeoutError) else str(error)
    return " ".join(said.split()).rstrip(".") or type(error).__name__
