"""Imports as they are kept and read: the job, what was told about its rows, and what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.catalog.imports.shapes import ImportFormat, Remark, RemarkCode, RemarkKind
from services.catalog.rules.differences import DifferenceKind, FieldDifference, MenuLevel, RowDifference
from services.kernel.actors import StoreStaff
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.paging import Page, PageRequest, keys, page_of

IMPORTS_TOPIC = "menu_imports"
LATEST = 20
FACTS = 40
"""More than any row of a menu has."""


class ImportState(StrEnum):
    QUEUED = "QUEUED"
    READING = "READING"
    COMPARING = "COMPARING"
    WRITING = "WRITING"
    PREVIEWED = "PREVIEWED"
    """Nothing was changed; what would change can be looked at, and applied."""
    APPLIED = "APPLIED"
    REFUSED = "REFUSED"
    """Nothing was changed: rows or the whole file cannot be taken."""
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ImportCard:
    """One import, without its file."""

    id: UUID
    store_id: UUID
    person_id: UUID | None
    format: ImportFormat
    file_name: str
    dry_run: bool
    take_good_rows: bool
    state: ImportState
    rows_read: int
    rows_of: int
    good_rows: int
    faults: int
    warnings: int
    added: int
    removed: int
    changed: int
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    applied_at: datetime | None


CARD_COLUMNS = ", ".join(field.name for field in fields(ImportCard))


def import_topic(import_id: UUID) -> str:
    """What is nudged when an import moves on."""
    return f"menu_import:{import_id}"


def card_of(record: Row) -> ImportCard:
    """A card out of its columns."""
    values = dict(zip((field.name for field in fields(ImportCard)), record, strict=True))
    return ImportCard(**values | {"format": ImportFormat(values["format"]), "state": ImportState(values["state"])})


async def import_by_id(store_id: UUID, import_id: UUID) -> ImportCard:
    """One import of a store. Raises NotFound."""
    found = await row(f"SELECT {CARD_COLUMNS} FROM menu_imports WHERE id = $1 AND store_id = $2", import_id, store_id)  # noqa: S608
    if found is None:
        raise NotFound("There is no such import.")
    return card_of(found)


async def latest_imports(staff: StoreStaff) -> list[ImportCard]:
    """The last imports of the caller's store, the newest first."""
    found = await rows(
        f"SELECT {CARD_COLUMNS} FROM menu_imports WHERE store_id = $1 ORDER BY id DESC LIMIT {LATEST}",  # noqa: S608
        staff.store_id,
    )
    return [card_of(record) for record in found]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A remark or a change with its place in the import."""

    number: int
    of: Any


async def remarks_of(staff: StoreStaff, import_id: UUID, page: PageRequest, kind: RemarkKind | None = None) -> Page[Numbered]:
    """What was told about the rows of one of the caller's imports, in the order of the file. Raises NotFound."""
    await import_by_id(staff.store_id, import_id)
    found = await rows(_REMARKS, import_id, _after(page), kind.value if kind else None, page.first + 1)
    return page_of([Numbered(record["number"], _remark(record)) for record in found], page, lambda one: (one.number,))


_REMARKS = """
SELECT number, kind, row, path, code, sentence, value FROM menu_import_remarks
WHERE import_id = $1 AND number > $2 AND ($3::text IS NULL OR kind = $3) ORDER BY number LIMIT $4
"""


async def changes_of(staff: StoreStaff, import_id: UUID, page: PageRequest) -> Page[Numbered]:
    """What one of the caller's imports changes, or would change, row by row. Raises NotFound."""
    await import_by_id(staff.store_id, import_id)
    found = await rows(_CHANGES, import_id, _after(page), page.first + 1)
    return page_of([Numbered(record["number"], _change(record)) for record in found], page, lambda one: (one.number,))


_CHANGES = """
SELECT number, kind, level, ref, name, place, fields FROM menu_import_changes
WHERE import_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""


async def all_remarks(import_id: UUID) -> Sequence[Remark]:
    """Everything that was told about an import's rows (the terminal shows as much as its reader wants)."""
    return [_remark(record) for record in await rows(_REMARKS, import_id, -1, None, None)]


async def first_changes(import_id: UUID, limit: int) -> Sequence[RowDifference]:
    """The first of the rows that an import changes."""
    return [_change(record) for record in await rows(_CHANGES, import_id, -1, limit)]


def _after(page: PageRequest) -> int:
    (number,) = keys(page.after, _place) if page.after is not None else (-1,)
    return int(number)


def _place(value: Any) -> int:
    if not isinstance(value, int) or not -1 <= value < 2**31:
        raise ValueError("not a place of ours")
    return value


def _remark(record: Row) -> Remark:
    return Remark(
        RemarkKind(record["kind"]),
        record["row"],
        record["path"],
        RemarkCode(record["code"]),
        record["sentence"],
        record["value"],
    )


def _change(record: Row) -> RowDifference:
    several = tuple(FieldDifference(one["field"], one["before"], one["after"]) for one in record["fields"])
    return RowDifference(
        DifferenceKind(record["kind"]), MenuLevel(record["level"]), record["ref"], record["name"], record["place"], several
    )


async def store_id_named(name: str) -> UUID:
    """The store of this slug or this id (the terminal). Raises NotFound."""
    found = await row("SELECT id FROM stores WHERE slug = $1 OR id::text = $1", name)
    if found is None:
        raise NotFound("There is no such store.")
    store_id: UUID = found["id"]
    return store_id
