"""PostgreSQL: the one connection pool, statements that join the transaction in force, and what a failure means."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import orjson
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.exceptions import IntegrityError

from services.kernel import deadline
from services.kernel.lone import LoneConnections
from services.kernel.transport_security import transport_security

Row: TypeAlias = asyncpg.Record
Statement: TypeAlias = asyncpg.connection.LoggedQuery
APP_ROLE = "pannier_app"
_TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET")

# How asyncpg and the system tell of a connection that is no more; the internal error is its answer to a statement on one
# that has heard the server's good-bye and is not closed yet: nothing was sent.
LOST = (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncio.TimeoutError, OSError)

# The transaction in force. Tortoise knows it too, but asking there is a good part of what a lone statement costs.
_joined: ContextVar[TransactionWrapper | None] = ContextVar("joined_transaction", default=None)
_watchers: list[Callable[[Statement], None]] = []


class _House:
    """What this process has open beside Tortoise's pool."""

    lone: LoneConnections | None = None


_house = _House()


def watch(watcher: Callable[[Statement], None]) -> Callable[[], None]:
    """Call `watcher` for every statement of this process (metrics, tests that count); returns how to stop."""
    _watchers.append(watcher)

    def stop() -> None:
        with suppress(ValueError):
            _watchers.remove(watcher)

    return stop


def is_statement(query: str) -> bool:
    """Whether a query is work, and not only the bracket of a transaction."""
    return not query.lstrip().upper().startswith(_TRANSACTION_WORDS)


def connection_arguments(url: str) -> dict[str, Any]:
    """What asyncpg needs of a `postgresql://` URL; a folder in `?host=` means its Unix socket.

    `?sslmode=` and its certificates mean what they mean to libpq. Raises ValueError for what cannot be read.
    """
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": query.get("host") or (unquote(parts.hostname) if parts.hostname else "localhost"),
        "port": int(query.get("port") or parts.port or 5432),
        "user": unquote(parts.username or query.get("user") or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or "postgres",
        **transport_security(query),
    }


async def connect(url: str, models: Sequence[str], *, pool: int = 10, statement_timeout_ms: int = 10_000) -> None:
    """Open the pool and bind the models to it; every later call of this process uses it, whatever task it comes from."""
    arguments, options = connection_arguments(url), _options(statement_timeout_ms)
    credentials = arguments | options | {"minsize": min(2, pool), "maxsize": pool, "init": _prepare_connection}
    # The default reset is a second round trip on every release; nothing here sets session state (SET LOCAL alone).
    credentials["reset"] = _nothing_to_reset

    async def open_lone() -> asyncpg.Connection:
        connection = await asyncpg.connect(**arguments, **options)
        await _set_codecs(connection)
        return connection

    _house.lone = LoneConnections(open_lone, pool)
    await Tortoise.init(
        config={
            "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
            "apps": {"pannier": {"models": list(models), "default_connection": "default"}},
            "use_tz": True,
            "timezone": "UTC",
        },
        _enable_global_fallback=True,
    )


def _options(statement_timeout_ms: int) -> dict[str, Any]:
    return {
        "command_timeout": statement_timeout_ms / 1000 + 5,
        "server_settings": {
            "role": APP_ROLE,
            "application_name": "pannier",
            "statement_timeout": str(statement_timeout_ms),
            "idle_in_transaction_session_timeout": "30000",
            "timezone": "UTC",
            # Short statements: compiling them costs more than it saves.
            "jit": "off",
        },
    }


async def disconnect() -> None:
    if _house.lone is not None:
        await _house.lone.close()
        _house.lone = None
    await Tortoise.close_connections()


async def rows(sql: str, *arguments: Any) -> list[Row]:
    """All rows of a statement with `$1` parameters, in the transaction in force if there is one."""
    found: list[Row] = await _send(asyncpg.Connection.fetch, sql, arguments)
    return found


async def row(sql: str, *arguments: Any) -> Row | None:
    """The first row of a statement, or None."""
    found: Row | None = await _send(asyncpg.Connection.fetchrow, sql, arguments)
    return found


async def run(sql: str, *arguments: Any) -> int:
    """Run a statement that returns nothing; answers how many rows it touched."""
    status: str = await _send(asyncpg.Connection.execute, sql, arguments)
    count = status.rsplit(" ", 1)[-1]
    return int(count) if count.isdigit() else 0


def in_transaction() -> bool:
    """Whether a statement sent now would join a transaction."""
    return _joined.get() is not None


def join(client: TransactionWrapper) -> Token[TransactionWrapper | None]:
    """From now on this task's statements are part of a transaction."""
    return _joined.set(client)


def leave(mark: Token[TransactionWrapper | None]) -> None:
    """Statements are again sent as before `join`."""
    _joined.reset(mark)


async def _send(method: Callable[..., Awaitable[Any]], sql: str, arguments: tuple[Any, ...]) -> Any:
    timeout = deadline.statement_time()
    client = _joined.get()
    if client is not None:
        async with client.acquire_connection() as connection:
            return await getattr(connection, method.__name__)(sql, *arguments, timeout=timeout)
    if _house.lone is None:
        raise RuntimeError("the database is not connected")
    began = time.perf_counter()
    fault: Exception | None = None
    try:
        return await _house.lone.send(lambda connection: method(connection, sql, *arguments, timeout=timeout))
    except Exception as error:
        fault = error
        raise
    finally:
        # Told here, and not by asyncpg's logger: that tells a turn of the loop later, and not more.
        _tell_watchers(Statement(sql, arguments, timeout, time.perf_counter() - began, fault, None, None))


def constraint_of(error: BaseException) -> str | None:
    """The name of the constraint that a statement broke, or None if it failed otherwise."""
    cause = error.__cause__ if isinstance(error, IntegrityError) else error
    return getattr(cause, "constraint_name", None)


def may_be_retried(error: BaseException) -> bool:
    """Whether the same transaction, run anew, may well succeed: deadlocks, lost connections, a restarting server."""
    cause = error.__cause__ or error
    if isinstance(cause, asyncpg.PostgresError):
        state = cause.sqlstate or ""
        return state.startswith(("08", "57P")) or state in {"40001", "40P01", "53300", "55P03"}
    return isinstance(cause, LOST)


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    await _set_codecs(connection)
    connection.add_query_logger(_tell_watchers)


async def _set_codecs(connection: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, schema="pg_catalog", encoder=_json_text, decoder=orjson.loads)


async def _nothing_to_reset(_connection: asyncpg.Connection) -> None:
    return


def _json_text(value: Any) -> str:
    # Tortoise hands JSON over as text already; our own statements hand over values.
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _tell_watchers(statement: Statement) -> None:
    for watcher in _watchers:
        watcher(statement)
