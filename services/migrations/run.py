"""Apply the migrations that a database lacks, one after the other, under a lock so that several starters do it once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.kernel.database import connection_arguments

FOLDER = Path(__file__).parent
_LOCK = 7_266_437
OLDEST_POSTGRESQL = 150_000


class DatabaseUnfit(RuntimeError):
    """The database cannot carry Pannier; the message says why and what to do."""


class MigrationChanged(RuntimeError):
    """A migration that was applied differs from the file of today; history is only added to."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A step of the history: its name, its statements, and a digest that tells whether they are still the same."""

    name: str
    statements: str
    digest: str


def history() -> list[Migration]:
    """The migrations in their order."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))}
    return [Migration(name, text, hashlib.sha256(text.encode()).hexdigest()) for name, text in texts.items()]


async def migrate(url: str, *, tell: Callable[[str], None] = lambda _name: None) -> list[str]:
    """Bring the database to the newest schema; answers the names applied (none the second time).

    Each migration is one transaction. Raises DatabaseUnfit, MigrationChanged.
    """
    connection = await asyncpg.connect(**connection_arguments(url))
    try:
        await check_fit(connection)
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {record["name"]: record["digest"] for record in await connection.fetch("SELECT name, digest FROM migrations")}
        return [step.name for step in history() if await _apply(connection, step, applied, tell)]
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection, step: Migration, applied: dict[str, str], tell: Callable[[str], None]) -> bool:
    if step.name in applied:
        if applied[step.name] != step.digest:
            raise MigrationChanged(
                f"Migration {step.name} was applied in another form: restore it, or begin with an empty database"
                " (in development: remove the folder .pannier)."
            )
        return False
    tell(step.name)
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '1s'")
        await connection.execute(step.statements)
        await connection.execute("INSERT INTO migrations (name, digest) VALUES ($1, $2)", step.name, step.digest)
    return True


async def check_fit(connection: asyncpg.Connection) -> None:
    """Raise DatabaseUnfit for a server older than PostgreSQL 15 or a locale that breaks trigram search."""
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST_POSTGRESQL:
        raise DatabaseUnfit(f"PostgreSQL {version // 10_000} is too old; Pannier needs 15 or newer.")
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    if not await connection.fetchval("SELECT show_trgm('Ж') <> '{}'"):
        raise DatabaseUnfit(
            "This database's locale breaks trigram search (show_trgm('Ж') is empty);"
            " create it with LC_CTYPE C.UTF-8 or another UTF-8 locale."
        )
