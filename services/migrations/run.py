"""Apply the migrations that a database lacks, one after the other, under a lock so that several starters do it once."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import asyncpg

from services.kernel.database import connection_arguments

FOLDER = Path(__file__).parent
_LOCK = 7_266_437
OLDEST_POSTGRESQL = 150_000


class DatabaseUnfit(RuntimeError):  # noqa: N818 - reads as the sentence it is
    """The database cannot carry Pannier; the message says why and what to do."""


class MigrationChanged(RuntimeError):  # noqa: N818
    """A migration that was applied differs from the file of today; history is only added to."""


def history() -> list[Path]:
    """The migration files in their order."""
    return sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


async def migrate(url: str, *, tell: Callable[[str], None] = lambda _name: None) -> list[str]:
    """Bring the database to the newest schema; answers the names applied (none the second time).

    Each migration is one transaction. Raises DatabaseUnfit, MigrationChanged.
    """
    connection = await asyncpg.connect(**connection_arguments(url))
    try:
        await check_fit(connection)
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {record["name"]: record["digest"] for record in await connection.fetch("SELECT name, digest FROM migrations")}
        return [path.stem for path in history() if await _apply(connection, path, applied, tell)]
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection, path: Path, applied: dict[str, str], tell: Callable[[str], None]) -> bool:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.stem in applied:
        if applied[path.stem] != digest:
            raise MigrationChanged(f"{path.name} was applied in another form; restore it, or begin with an empty database.")
        return False
    tell(path.stem)
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '1s'")
        await connection.execute(path.read_text())
        await connection.execute("INSERT INTO migrations (name, digest) VALUES ($1, $2)", path.stem, digest)
    return True


async def check_fit(connection: asyncpg.Connection) -> None:
    """Raise DatabaseUnfit for a server older than PostgreSQL 15 or a locale that breaks trigram search."""
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST_POSTGRESQL:
        raise DatabaseUnfit(f"PostgreSQL {version // 10_000} is too old; Pannier needs 15 or newer.")
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    if not await connection.fetchval("SELECT show_trgm('Ж') <> '{}'"):
        raise DatabaseUnfit(
            "This database's locale breaks trigram search (show_trgm('Ж') is empty); create it with LC_CTYPE C.UTF-8 or another UTF-8 locale."
        )
