"""What migrations stand on and only a server's keeper may be able to give: extensions, and the application's role."""

from contextlib import suppress

import asyncpg

from services.adapters.floors import ServerUnfit, check_postgresql
from services.kernel.database import APP_ROLE

# Of these, only earthdistance asks for a superuser; the owner of the database may create the others.
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "cube", "earthdistance", "citext")
_ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
# From PostgreSQL 16 on a member may still not be allowed to take the role on.
_ROLE_IS_OURS = """
SELECT coalesce((
    SELECT pg_has_role(current_user, oid, CASE WHEN current_setting('server_version_num')::int < 160000
                                          THEN 'MEMBER' ELSE 'SET' END)
    FROM pg_roles WHERE rolname = $1
), false)
"""


async def prepare_ground(connection: asyncpg.Connection) -> None:
    """Create the extensions and the role where they are missing; raises ServerUnfit, saying who must create what."""
    await check_postgresql(connection)
    refused = [name for name in EXTENSIONS if not await _create_extension(connection, name)]
    if refused:
        user = await connection.fetchval("SELECT current_user")
        wanted = " ".join(f"CREATE EXTENSION {name};" for name in refused)
        raise ServerUnfit(f"The user {user} may not create extensions: let a superuser run once in this database: {wanted}")
    await check_postgresql(connection)
    await _make_role(connection)


async def _create_extension(connection: asyncpg.Connection, name: str) -> bool:
    try:
        await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    except (asyncpg.UndefinedFileError, asyncpg.FeatureNotSupportedError) as missing:
        raise ServerUnfit(
            f"This PostgreSQL does not have the extension {name}: install its contrib modules (Debian: postgresql-contrib)."
        ) from missing
    return True


async def _make_role(connection: asyncpg.Connection) -> None:
    """The role that the running house takes on, and the right of this user to take it on."""
    # Another database of this server may be migrated at the same moment.
    with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InsufficientPrivilegeError):
        if not await connection.fetchval(_ROLE_EXISTS, APP_ROLE):
            await connection.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN")
    with suppress(asyncpg.UniqueViolationError, asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError):
        if not await connection.fetchval(_ROLE_IS_OURS, APP_ROLE):
            await connection.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
    await require_role(connection)


async def require_role(connection: asyncpg.Connection) -> None:
    """Raise ServerUnfit unless this user may take the application's role on."""
    if not await connection.fetchval(_ROLE_IS_OURS, APP_ROLE):
        user = await connection.fetchval("SELECT current_user")
        missing = "" if await connection.fetchval(_ROLE_EXISTS, APP_ROLE) else f"CREATE ROLE {APP_ROLE} NOLOGIN; "
        raise ServerUnfit(
            f"The user {user} may not act as the role {APP_ROLE}: let a superuser run once: {missing}GRANT {APP_ROLE} TO {user};"
        )
