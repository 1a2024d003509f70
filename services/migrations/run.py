"""Apply the migrations that a database lacks, one after the other, under a lock so that several starters do it once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.adapters.floors import reach_postgresql
from services.migrations.ground import prepare_ground, require_role

FOLDER = Path(__file__).parent
_LOCK = 7_266_437


class MigrationChanged(RuntimeError):
    """A migration that was applied differs from the file of today; history is only added to."""


class SchemaBehind(RuntimeError):
    """The database lacks migrations that this code needs; the message says what to do."""


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

    Each migration is one transaction. Raises ServerUnfit, MigrationChanged.
    """
    connection = await reach_postgresql(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await prepare_ground(connection)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {record["name"]: record["digest"] for record in await connection.fetch("SELECT name, digest FROM migrations")}
        return [step.name for step in history() if await _apply(connection, step, applied, tell)]
    finally:
        await connection.close()


async def require_schema(url: str) -> None:
    """Raise SchemaBehind unless every migration of today was applied; a database that is ahead of this code will do."""
    connection = await reach_postgresql(url)
    try:
        applied: set[str] = set()
        if await connection.fetchval("SELECT to_regclass('migrations') IS NOT NULL"):
            applied = {record["name"] for record in await connection.fetch("SELECT name FROM migrations")}
        lacking = [step.name for step in history() if step.name not in applied]
        if lacking:
            raise SchemaBehind(f"The database lacks the migration {lacking[0]}: run `pannier migrate` first.")
        await require_role(connection)
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
