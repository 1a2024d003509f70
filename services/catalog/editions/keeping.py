"""How editions are written down: each change in one statement, inside the unit of work that makes it true."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.catalog.editions.queries import EditionCard
from services.catalog.editions.states import EditionOrigin, EditionState
from services.kernel.database import row, run
from services.kernel.ids import new_id

_KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication left behind; `edition_id` is None where the store said the very same before."""

    edition_id: UUID | None
    publication: int | None
    called_off: UUID | None


def digest_of(document: Mapping[str, Any]) -> str:
    """What two documents share exactly where they say the same."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def begin(
    store_id: UUID, document: Mapping[str, Any], *, based_on: int, restores: int | None, by: UUID | None, at: datetime
) -> UUID:
    """Write a new draft at its first version; answers its id."""
    edition_id = new_id()
    digest, key = digest_of(document), secrets.token_urlsafe(_KEY_BYTES)
    await run(_BEGIN, edition_id, store_id, based_on, restores, key, by, at, document, digest)
    return edition_id


_BEGIN = """
WITH begun AS (
    INSERT INTO menu_editions (id, store_id, state, origin, version, based_on, restores, preview_key, began_by, began_at)
    VALUES ($1, $2, 'DRAFT', 'DRAFT', 1, $3, $4, $5, $6, $7)
)
INSERT INTO menu_edition_documents (edition_id, version, document, digest, saved_by, saved_at) VALUES ($1, 1, $8, $9, $6, $7)
"""


async def save(edition: EditionCard, document: Mapping[str, Any], *, by: UUID | None, at: datetime) -> None:
    """Let a locked draft say this at its next version."""
    await run(_SAVE, edition.id, edition.version + 1, document, digest_of(document), by, at)


_SAVE = """
WITH saved AS (UPDATE menu_editions SET version = $2 WHERE id = $1)
INSERT INTO menu_edition_documents (edition_id, version, document, digest, saved_by, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def schedule(edition: EditionCard, publish_at: datetime, *, by: UUID | None, at: datetime) -> UUID | None:
    """Let a locked draft wait for its time; answers the edition that waited before and does not any more."""
    called_off = await row(_CALL_OFF_OTHERS, edition.store_id, edition.id, by, at)
    await run("UPDATE menu_editions SET state = 'SCHEDULED', publish_at = $2 WHERE id = $1", edition.id, publish_at)
    return called_off["id"] if called_off else None


_CALL_OFF_OTHERS = """
UPDATE menu_editions SET state = 'CALLED_OFF', closed_by = $3, closed_at = $4
WHERE store_id = $1 AND state = 'SCHEDULED' AND id <> $2 RETURNING id
"""


async def close(edition: EditionCard, state: EditionState, *, by: UUID | None, at: datetime, fault: str | None = None) -> None:
    """Discard a locked draft, or call a locked edition off that waited."""
    await run(_CLOSE, edition.id, state.value, by, at, fault)


_CLOSE = "UPDATE menu_editions SET state = $2, closed_by = $3, closed_at = $4, fault = $5 WHERE id = $1"


async def publish_edition(edition: EditionCard, *, by: UUID | None, at: datetime) -> Published:
    """A locked edition is the store's next publication; what waited is called off, and only its last version is kept."""
    found = await row(_PUBLISH, edition.store_id, edition.id, by, at)
    return Published(edition.id, found["publication"], found["called_off"]) if found else Published(None, None, None)


_PUBLISH = """
WITH published AS (
    UPDATE menu_editions SET state = 'PUBLISHED', closed_by = $3, closed_at = $4,
        publication = (SELECT coalesce(max(publication), 0) + 1 FROM menu_editions WHERE store_id = $1)
    WHERE id = $2 RETURNING publication, version
), called_off AS (
    UPDATE menu_editions SET state = 'CALLED_OFF', closed_by = $3, closed_at = $4
    WHERE store_id = $1 AND state = 'SCHEDULED' AND id <> $2 RETURNING id
), earlier AS (
    DELETE FROM menu_edition_documents WHERE edition_id = $2 AND version < (SELECT version FROM published)
)
SELECT publication, (SELECT id FROM called_off) AS called_off FROM published
"""


async def publish_document(
    store_id: UUID,
    document: Mapping[str, Any],
    origin: EditionOrigin,
    *,
    restores: int | None,
    by: UUID | None,
    at: datetime,
) -> Published:
    """A menu that came whole is the store's next publication, and what waited is called off.

    One that says what the present publication says is no other publication.
    """
    digest, key = digest_of(document), secrets.token_urlsafe(_KEY_BYTES)
    found = await row(_PUBLISH_DOCUMENT, store_id, new_id(), origin.value, restores, key, by, at, document, digest)
    return Published(found["id"], found["publication"], found["called_off"]) if found else Published(None, None, None)


_PUBLISH_DOCUMENT = """
WITH latest AS (
    SELECT e.publication, d.digest
    FROM menu_editions e JOIN menu_edition_documents d ON d.edition_id = e.id AND d.version = e.version
    WHERE e.store_id = $1 AND e.publication = (SELECT max(publication) FROM menu_editions WHERE store_id = $1)
), published AS (
    INSERT INTO menu_editions (id, store_id, state, origin, version, publication, based_on, restores, preview_key,
                               began_by, began_at, closed_by, closed_at)
    SELECT $2::uuid, $1, 'PUBLISHED', $3::text, 1, coalesce(max(publication), 0) + 1, coalesce(max(publication), 0),
           $4::int, $5::text, $6::uuid, $7::timestamptz, $6, $7
    FROM latest HAVING NOT coalesce(bool_or(digest = $9::text), false)
    RETURNING id, publication
), kept AS (
    INSERT INTO menu_edition_documents (edition_id, version, document, digest, saved_by, saved_at)
    SELECT id, 1, $8::jsonb, $9::text, $6, $7 FROM published
), called_off AS (
    UPDATE menu_editions SET state = 'CALLED_OFF', closed_by = $6, closed_at = $7
    WHERE store_id = $1 AND state = 'SCHEDULED' AND EXISTS (SELECT FROM published) RETURNING id
)
SELECT id, publication, (SELECT id FROM called_off) AS called_off FROM published
"""
