"""What staff can ask of imports: begin one, apply what was previewed, cancel."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.catalog.imports.errors import MenuFileTooLarge, MenuImportCannotMove, MenuImportInProgress, MenuImportTooSoon
from services.catalog.imports.formats import format_of
from services.catalog.imports.jobs import IMPORTS_TOPIC, ImportCard, ImportState, import_by_id, import_topic
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat
from services.kernel import clock, idempotency
from services.kernel.actors import StoreStaff, System
from services.kernel.database import row, run
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.settings import settings
from services.stores.queries import lock_store
from services.stores.rules import staff_may

# The body that carries it is bounded by 4 MB, with all that stands around the file.
LARGEST_FILE = 4_000_000
LONGEST_FILE_NAME = 200
_START = "startMenuImport"


@dataclass(frozen=True, slots=True)
class MenuFile:
    """A file as it was sent; without a format it is found out, without a mapping columns are called as our fields are."""

    sent: bytes
    format: ImportFormat | None = None
    mapping: Mapping[str, Any] | str = field(default_factory=dict)
    """As values, or as JSON text."""
    name: str = ""
    is_base64: bool = False

    def content(self) -> bytes:
        """The file itself. Raises BadInput for what is no base64."""
        if not self.is_base64:
            return self.sent
        try:
            return base64.b64decode(self.sent, validate=True)
        except (ValueError, binascii.Error) as unreadable:
            raise BadInput("This is not base64.", field="content") from unreadable


async def start_menu_import(
    actor: StoreStaff | System,
    store_id: UUID,
    file: MenuFile,
    *,
    dry_run: bool = False,
    take_good_rows: bool = False,
    key: str = "",
) -> ImportCard:
    """Queue a file: read, compared with what is sold, and then applied as a whole or, as a dry run, only shown.

    One row at fault refuses the file, unless `take_good_rows` leaves such rows out knowingly. The same key again answers what
    it began. Raises MenuImportInProgress, MenuImportTooSoon, MenuFileTooLarge, Forbidden, NotFound, and BadInput for a
    mapping that is not understood.
    """
    _check(actor, store_id)
    if len(file.sent) > LARGEST_FILE:
        raise MenuFileTooLarge(LARGEST_FILE, len(file.sent))
    import_id = new_id()
    async with unit_of_work(actor) as work:
        earlier = await _earlier(actor, key, file, dry_run=dry_run, take_good_rows=take_good_rows)
        if earlier is not None:
            return await import_by_id(store_id, earlier)
        mapping, content = read_mapping(file.mapping), file.content()
        await lock_store(store_id)
        await _must_be_free(store_id, dry_run=dry_run)
        await run(_SUPERSEDE, store_id)
        await run(
            _QUEUE,
            import_id,
            store_id,
            actor.person_id,
            (file.format or format_of(content, mapped=bool(mapping.fields), name=file.name)).value,
            file.name[:LONGEST_FILE_NAME].replace("\x00", ""),
            content,
            mapping.model_dump(mode="json", by_alias=True),
            dry_run,
            take_good_rows,
            clock.now(),
        )
        if isinstance(actor, StoreStaff):
            await idempotency.keep(actor, _START, key, {"import_id": import_id})
        _tell(work, import_id)
        return await import_by_id(store_id, import_id)


# What was only looked at is not kept for ever, with its file.
_SUPERSEDE = """
UPDATE menu_imports SET state = 'CANCELLED', content = '', reason = 'A later import took its place.'
WHERE store_id = $1 AND state = 'PREVIEWED'
"""
_QUEUE = """
INSERT INTO menu_imports
    (id, store_id, person_id, format, file_name, content, mapping, dry_run, take_good_rows, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'QUEUED', $10)
"""


async def apply_menu_import(staff: StoreStaff, import_id: UUID) -> ImportCard:
    """Apply what was previewed: exactly the difference that was shown, else it is shown again and nothing is changed.

    Applying it again changes nothing. Raises MenuImportCannotMove, MenuImportInProgress, MenuImportTooSoon, NotFound.
    """
    _check(staff, staff.store_id)
    async with unit_of_work(staff) as work:
        await lock_store(staff.store_id)
        card = await import_by_id(staff.store_id, import_id)
        if not card.dry_run and card.state not in {ImportState.REFUSED, ImportState.CANCELLED, ImportState.FAILED}:
            return card
        if card.state is not ImportState.PREVIEWED:
            raise MenuImportCannotMove(import_id, card.state)
        await _must_be_free(staff.store_id, dry_run=False)
        await run(_APPLY, import_id)
        _tell(work, import_id)
        return await import_by_id(staff.store_id, import_id)


_APPLY = """
UPDATE menu_imports SET state = 'QUEUED', dry_run = false, finished_at = NULL, attempts = 0, leased_until = NULL, reason = NULL
WHERE id = $1
"""


async def cancel_menu_import(staff: StoreStaff, import_id: UUID) -> ImportCard:
    """The import does not go on, and nothing of it is sold; one that is cancelled stays so.

    What is being read at this moment is let go at the next step. Raises MenuImportCannotMove for one that is finished, NotFound.
    """
    _check(staff, staff.store_id)
    async with unit_of_work(staff) as work:
        card = await import_by_id(staff.store_id, import_id)
        if card.state is ImportState.CANCELLED:
            return card
        if not await run(_CANCEL, import_id, clock.now(), clock.wall()):
            raise MenuImportCannotMove(import_id, (await import_by_id(staff.store_id, import_id)).state)
        _tell(work, import_id)
        return await import_by_id(staff.store_id, import_id)


# One that nobody works on is over at once; whoever works on another looks for the wish between the steps.
_CANCEL = """
UPDATE menu_imports SET cancel_asked = true,
    state = CASE WHEN leased_until > $3 THEN state ELSE 'CANCELLED' END,
    finished_at = CASE WHEN leased_until > $3 THEN NULL ELSE $2::timestamptz END,
    content = CASE WHEN leased_until > $3 THEN content ELSE '' END
WHERE id = $1 AND (finished_at IS NULL OR state = 'PREVIEWED')
"""


async def _earlier(actor: StoreStaff | System, key: str, file: MenuFile, *, dry_run: bool, take_good_rows: bool) -> UUID | None:
    """The import that this key began before."""
    if not isinstance(actor, StoreStaff):
        return None
    said = {
        "content": hashlib.sha256(file.sent).hexdigest(),
        "is_base64": file.is_base64,
        "format": file.format,
        "mapping": file.mapping if isinstance(file.mapping, str) else dict(file.mapping),
        "name": file.name,
        "dry_run": dry_run,
        "take_good_rows": take_good_rows,
    }
    earlier = await idempotency.once(actor, _START, key, said)
    return UUID(earlier.result["import_id"]) if earlier else None


async def _must_be_free(store_id: UUID, *, dry_run: bool) -> None:
    found = await row(_BUSY, store_id)
    if found is None:
        return
    if found["open_id"] is not None:
        raise MenuImportInProgress(found["open_id"])
    if found["applied_at"] is not None and not dry_run:
        retry_at = found["applied_at"] + timedelta(seconds=settings().limits.menu_sync_pause)
        if clock.now() < retry_at:
            raise MenuImportTooSoon(retry_at)


_BUSY = """
SELECT (SELECT id FROM menu_imports WHERE store_id = $1 AND finished_at IS NULL) AS open_id,
       (SELECT max(applied_at) FROM menu_imports WHERE store_id = $1 AND state = 'APPLIED') AS applied_at
"""


def _check(actor: StoreStaff | System, store_id: UUID) -> None:
    if isinstance(actor, StoreStaff):
        if not staff_may(actor.role, "replace_menu"):
            raise Forbidden("Your role in this store does not allow it.")
        if actor.store_id != store_id:
            raise NotFound("There is no such store.")


def _tell(work: UnitOfWork, import_id: UUID) -> None:
    work.nudge(IMPORTS_TOPIC, import_topic(import_id))
