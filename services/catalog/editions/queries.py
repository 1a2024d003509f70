"""Editions as they are read: cards without their documents, documents by version, and rows held for a change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.catalog.editions.states import EditionState
from services.kernel.actors import StoreStaff
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.paging import Page, PageRequest, keys, page_of


@dataclass(frozen=True, slots=True)
class EditionCard:
    """An edition with who began, saved and closed it; the house itself has no name."""

    id: UUID
    store_id: UUID
    state: EditionState
    origin: str
    version: int
    publication: int | None
    based_on: int
    restores: int | None
    preview_key: str
    began_at: datetime
    publish_at: datetime | None
    closed_at: datetime | None
    fault: str | None
    saved_at: datetime
    saved_by: UUID | None
    began_by_name: str | None
    saved_by_name: str | None
    closed_by_name: str | None


@dataclass(frozen=True, slots=True)
class Editing:
    """Where a store's editing stands: the open draft, what waits for its time, and the present publication."""

    draft: EditionCard | None
    scheduled: EditionCard | None
    published: EditionCard | None


@dataclass(frozen=True, slots=True)
class Written:
    """What an edition says at one of its versions."""

    document: dict[str, Any]
    digest: str


def editions_topic(store_id: UUID) -> str:
    """What is nudged when something about a store's editions changed."""
    return f"menu_editions:{store_id}"


async def editing(staff: StoreStaff) -> Editing:
    """Where the editing of the caller's store stands, in one statement."""
    cards = [_card(found) for found in await rows(_EDITING, staff.store_id)]
    by_state = {card.state: card for card in cards}
    return Editing(*(by_state.get(state) for state in (EditionState.DRAFT, EditionState.SCHEDULED, EditionState.PUBLISHED)))


async def editions(staff: StoreStaff, page: PageRequest) -> Page[EditionCard]:
    """Every edition of the caller's store, the one begun last first."""
    (last,) = keys(page.after, UUID) if page.after is not None else (None,)
    found = [_card(record) for record in await rows(_PAGE, staff.store_id, last, page.first + 1)]
    return page_of(found, page, lambda card: (str(card.id),))


async def edition(staff: StoreStaff, edition_id: UUID) -> EditionCard:
    """One edition of the caller's store. Raises NotFound."""
    return _known(await row(_ONE, edition_id, staff.store_id))


async def lock_edition(store_id: UUID, edition_id: UUID) -> EditionCard:
    """One edition of a store, held for a change until the transaction ends. Raises NotFound."""
    # Locked before it is read: a row that another one just changed would be joined with the document it had before.
    await row("SELECT FROM menu_editions WHERE id = $1 AND store_id = $2 FOR UPDATE", edition_id, store_id)
    return _known(await row(_ONE, edition_id, store_id))


async def open_draft(store_id: UUID) -> EditionCard | None:
    """The store's open draft; None where nobody has begun one."""
    found = await row(f"{_CARDS} WHERE e.store_id = $1 AND e.state = 'DRAFT'", store_id)
    return _card(found) if found else None


async def latest_publication(store_id: UUID) -> EditionCard | None:
    """The store's present publication; None where it was last written before editions were kept."""
    found = await row(f"{_CARDS} WHERE e.store_id = $1 AND e.publication = ({_LATEST})", store_id)
    return _card(found) if found else None


async def edition_by_preview_key(key: str) -> EditionCard:
    """The edition that this key shows while it is not published. Raises NotFound."""
    return _known(await row(f"{_CARDS} WHERE e.preview_key = $1 AND e.state IN ('DRAFT', 'SCHEDULED')", key))


async def documents(editions: Collection[EditionCard]) -> dict[UUID, Written]:
    """What these editions say at the version of their cards."""
    found = await rows(_DOCUMENTS, [card.id for card in editions], [card.version for card in editions])
    return {record["edition_id"]: Written(record["document"], record["digest"]) for record in found}


async def documents_at(edition_id: UUID, *versions: int) -> dict[int, Written]:
    """What an edition said at these of its versions; those that are not kept any more are left out."""
    found = await rows(_AT_VERSIONS, edition_id, list(versions))
    return {record["version"]: Written(record["document"], record["digest"]) for record in found}


async def due_editions(at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Edition and store of the publications whose time has come, the longest due first."""
    return [(record["id"], record["store_id"]) for record in await rows(_DUE, at, limit)]


def _shown(person: str) -> str:
    """Somebody's name, else the end of their phone's number, else their last role in the store; null where nobody is meant."""
    return f"""coalesce(nullif({person}.name, ''), '…' || right({person}.phone, 4), (
           SELECT initcap(r.role) FROM roles r WHERE r.person_id = {person}.id AND r.store_id = e.store_id
           ORDER BY r.granted_at DESC LIMIT 1
       ), {person}.name)"""  # noqa: S608 - our own columns


_CARDS = f"""
SELECT e.id, e.store_id, e.state, e.origin, e.version, e.publication, e.based_on, e.restores, e.preview_key, e.began_at,
       e.publish_at, e.closed_at, e.fault, d.saved_at, d.saved_by,
       {_shown("b")}, {_shown("s")}, {_shown("c")}
FROM menu_editions e
JOIN menu_edition_documents d ON d.edition_id = e.id AND d.version = e.version
LEFT JOIN people b ON b.id = e.began_by
LEFT JOIN people s ON s.id = d.saved_by
LEFT JOIN people c ON c.id = e.closed_by
"""  # noqa: S608 - our own columns
_ONE = f"{_CARDS} WHERE e.id = $1 AND e.store_id = $2"
_LATEST = "SELECT max(publication) FROM menu_editions WHERE store_id = $1"
_EDITING = f"{_CARDS} WHERE e.store_id = $1 AND (e.state IN ('DRAFT', 'SCHEDULED') OR e.publication = ({_LATEST}))"
_PAGE = f"{_CARDS} WHERE e.store_id = $1 AND ($2::uuid IS NULL OR e.id < $2) ORDER BY e.id DESC LIMIT $3"
_DOCUMENTS = """
SELECT d.edition_id, d.document, d.digest
FROM unnest($1::uuid[], $2::int[]) AS w (edition_id, version)
JOIN menu_edition_documents d ON d.edition_id = w.edition_id AND d.version = w.version
"""
_AT_VERSIONS = """
SELECT version, document, digest FROM menu_edition_documents WHERE edition_id = $1 AND version = ANY($2::int[])
"""
_DUE = "SELECT id, store_id FROM menu_editions WHERE state = 'SCHEDULED' AND publish_at <= $1 ORDER BY publish_at, id LIMIT $2"


def _known(found: Row | None) -> EditionCard:
    if found is None:
        raise NotFound("There is no such edition.")
    return _card(found)


def _card(record: Row) -> EditionCard:
    edition_id, store_id, state, *others = tuple(record)
    return EditionCard(edition_id, store_id, EditionState(state), *others)
