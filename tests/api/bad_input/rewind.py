"""Taking the database back to how a scene was left, so that one answer of yes does not spoil the questions after it."""

from dataclasses import dataclass

import asyncpg

from tests.facts import fingerprint

_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Rewind:
    """What every table held at one moment."""

    admin: asyncpg.Connection
    tables: dict[str, str]
    hashes: dict[str, str]

    async def back(self) -> list[str]:
        """Let every table hold exactly that again; answers which did not."""
        after = await fingerprint()
        changed = [name for name in self.tables if self.hashes.get(name) != after.get(name)]
        if changed:
            # The owner's connection minds neither triggers nor foreign keys.
            await self.admin.execute(";".join(f'DELETE FROM "{name}"' for name in changed))  # noqa: S608 - catalogue names
        for name in changed:
            if name in self.hashes:
                columns = await self.admin.fetchval(_OWN_COLUMNS, f'"{name}"')
                await self.admin.execute(_FILL.format(name, columns), self.tables[name])
        return changed


# What a table reckons from its other columns cannot be written.
_OWN_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_FILL = """
INSERT INTO "{0}" ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM jsonb_populate_recordset(NULL::"{0}", $1::jsonb)
"""


async def remember(admin: asyncpg.Connection) -> Rewind:
    """What every table holds now."""
    tables = {}
    for record in await admin.fetch(_NAMES):
        name = record["tablename"]
        tables[name] = await admin.fetchval(f"""SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM "{name}" t""")  # noqa: S608
    return Rewind(admin, tables, await fingerprint())
