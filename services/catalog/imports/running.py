"""Carries imports out: the worker's part, safe against a restart at any moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from services.catalog.imports.formats import READERS
from services.catalog.imports.jobs import ImportState, import_topic
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat, Reading
from services.catalog.imports.telling import keep_changes, keep_remarks
from services.catalog.published import published_menus
from services.catalog.publishing import checked_layout, put_on_sale
from services.catalog.rules import MenuDraft
from services.catalog.rules.counts import counted_as_before, uncounted
from services.catalog.rules.differences import RowDifference, differences
from services.catalog.rules.layout import layout_of
from services.catalog.stock_counts import stock_by_ref
from services.kernel import background, clock, deadline, nudges
from services.kernel.actors import StaffRole, StoreStaff, System
from services.kernel.database import row, rows, run
from services.kernel.errors import Refusal
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from services.stores.queries import lock_store, store

ATTEMPTS = 5
WRITTEN_WITHIN = 120
LOOKS_EVERY = 0.25
"""Wall seconds between two looks at how far a file is read."""
KEPT_FOR = timedelta(days=30)
Watcher = Callable[[ImportState, int, int], None]
_log = structlog.get_logger(__name__)


class _Cancelled(Exception):
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import that this process works on."""

    id: UUID
    store_id: UUID
    person_id: UUID | None
    format: str
    content: bytes
    mapping: dict[str, Any]
    dry_run: bool
    take_good_rows: bool
    digest: str | None
    attempts: int


async def run_menu_imports() -> int:
    """Timer: carry out one import that waits, or whose worker died; answers whether there was one."""
    await run(_GIVE_UP, clock.wall(), clock.now(), ATTEMPTS)
    found = await row(_CLAIM, clock.wall(), _lease(), clock.now(), None)
    if found is None:
        return 0
    await carry_out(Job(*found))
    return 1


async def carry_out_now(import_id: UUID, watch: Watcher | None = None) -> None:
    """Carry one queued import out in this process (the terminal); nothing happens where a worker was faster."""
    found = await row(_CLAIM, clock.wall(), _lease(), clock.now(), import_id)
    if found is not None:
        await carry_out(Job(*found), watch)


# The attempt counts now, so that a crash counts too.
_CLAIM = """
WITH due AS (
    SELECT id FROM menu_imports
    WHERE finished_at IS NULL AND (leased_until IS NULL OR leased_until < $1) AND ($4::uuid IS NULL OR id = $4)
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE menu_imports m SET state = 'READING', attempts = attempts + 1, leased_until = $2, started_at = coalesce(started_at, $3)
FROM due WHERE m.id = due.id
RETURNING m.id, m.store_id, m.person_id, m.format, m.content, m.mapping, m.dry_run, m.take_good_rows, m.digest, m.attempts
"""
_GIVE_UP = """
UPDATE menu_imports SET state = 'FAILED', finished_at = $2, content = '', reason = 'The worker died at every attempt.'
WHERE finished_at IS NULL AND attempts >= $3 AND leased_until < $1
"""


async def carry_out(job: Job, watch: Watcher | None = None) -> None:
    """Read, compare, apply; whatever goes wrong is the import's end, told in a sentence, and nothing is half done."""
    try:
        await _carry_out(job, watch)
    except _Cancelled:
        await _finish(job, ImportState.CANCELLED)
    except Refusal as refusal:
        await _finish(job, ImportState.REFUSED, str(refusal))
    except asyncio.CancelledError:
        # The worker is told to stop: another one may begin at once.
        await run("UPDATE menu_imports SET leased_until = NULL WHERE id = $1 AND finished_at IS NULL", job.id)
        raise
    except Exception as failure:  # noqa: BLE001 - a reader may fail in any way; the import must come to an end
        _log.exception("menu_import_failed", menu_import=str(job.id), error=type(failure).__name__)
        if job.attempts >= ATTEMPTS:
            await _finish(job, ImportState.FAILED, "It could not be carried out.")
            return
        await run(
            "UPDATE menu_imports SET leased_until = $2 WHERE id = $1", job.id, clock.wall() + timedelta(seconds=job.attempts)
        )


async def _carry_out(job: Job, watch: Watcher | None) -> None:
    card = await store(job.store_id)
    reading = await _read(job, card.currency, watch)
    await keep_remarks(job.id, reading)
    if reading.hopeless or (reading.faults and not job.take_good_rows):
        await _finish(job, ImportState.REFUSED, _why(reading))
        return
    await _step(job, ImportState.COMPARING, reading.rows, reading.rows, watch)
    digest = await keep_changes(job.id, _differences(await published_menus(job.store_id), reading.menus, card.currency))
    if job.dry_run:
        await _finish(job, ImportState.PREVIEWED)
    elif job.digest not in (None, digest):
        await run("UPDATE menu_imports SET dry_run = true WHERE id = $1", job.id)
        await _finish(job, ImportState.PREVIEWED, "What is sold has changed since the preview; this is the difference now.")
    else:
        await _step(job, ImportState.WRITING, reading.rows, reading.rows, watch)
        async with _held(job):
            await _apply(job, reading.menus)


async def _read(job: Job, currency: str, watch: Watcher | None) -> Reading:
    """Read the file beside the loop, telling how far it is."""
    far = [0, 0]

    def progress(read: int, of: int) -> None:
        far[:] = [read, of]

    reader = READERS[ImportFormat(job.format)]
    reading = asyncio.create_task(asyncio.to_thread(reader, job.content, read_mapping(job.mapping), currency, progress))
    try:
        while not reading.done():
            await asyncio.wait({reading}, timeout=LOOKS_EVERY)
            await _step(job, ImportState.READING, far[0], far[1], watch)
    finally:
        # A thread cannot be stopped; nobody waits for what it finds.
        reading.cancel()
    return reading.result()


async def _step(job: Job, state: ImportState, read: int, of: int, watch: Watcher | None) -> None:
    """Tell how far it is and hold the lease. Raises _Cancelled where somebody asked for it."""
    found = await row(_STEP, job.id, state.value, read, of, _lease())
    if found is None:
        raise _Cancelled
    await nudges.publish({import_topic(job.id)})
    if watch is not None:
        watch(state, read, of)


_STEP = """
UPDATE menu_imports SET state = $2, rows_read = $3, rows_of = $4, leased_until = $5
WHERE id = $1 AND finished_at IS NULL AND NOT cancel_asked RETURNING id
"""


def _differences(before: Sequence[MenuDraft], after: Sequence[MenuDraft], currency: str) -> Iterator[RowDifference]:
    # Counts of stock move all day; what a menu says is compared without them.
    yield from differences(layout_of(uncounted(before))[0], layout_of(uncounted(after))[0], currency)


async def _apply(job: Job, menus: Sequence[MenuDraft]) -> None:
    """All or nothing, and the job's end with it: whoever restarts finds it applied, or untouched."""
    by = StoreStaff(job.person_id, job.id, job.store_id, StaffRole.OWNER) if job.person_id else System("menu import")
    at = clock.now()
    layout = await asyncio.to_thread(checked_layout, menus)
    # Ten thousand rows with all that is searched in them take longer than a statement of a request may.
    with deadline.ends_in(WRITTEN_WITHIN):
        async with unit_of_work(by) as work:
            await run(f"SET LOCAL statement_timeout = {WRITTEN_WITHIN * 1_000}")
            shop = await lock_store(job.store_id)
            # Counts that the file does not say are those on the shelf.
            counted_as_before(layout, await stock_by_ref(job.store_id))
            await put_on_sale(work, shop, menus, layout, at=at)
            # Last, so that until then the lease can be held and a wish to cancel is heard.
            if not await run(_APPLIED, job.id, at):
                raise _Cancelled
            work.nudge(import_topic(job.id))


_APPLIED = """
UPDATE menu_imports SET state = 'APPLIED', finished_at = $2, applied_at = $2, leased_until = NULL, content = ''
WHERE id = $1 AND finished_at IS NULL AND NOT cancel_asked
"""


@asynccontextmanager
async def _held(job: Job) -> AsyncIterator[None]:
    """Hold the lease, however long it takes: beside the transaction, which nobody sees before its end."""
    holding = asyncio.create_task(_hold(job))
    try:
        yield
    finally:
        await background.end([holding])


async def _hold(job: Job) -> None:
    while True:
        await asyncio.sleep(settings().lease / 3)
        if not await run(_HOLD, job.id, _lease()):
            return


_HOLD = "UPDATE menu_imports SET leased_until = $2 WHERE id = $1 AND finished_at IS NULL"


async def _finish(job: Job, state: ImportState, reason: str | None = None) -> None:
    await run(_FINISH, job.id, state.value, clock.now(), reason, state is ImportState.PREVIEWED)
    await nudges.publish({import_topic(job.id)})


# A file that was previewed is kept until it is applied.
_FINISH = """
UPDATE menu_imports SET state = $2, finished_at = $3, reason = $4, leased_until = NULL,
    content = CASE WHEN $5 THEN content ELSE '' END
WHERE id = $1 AND finished_at IS NULL
"""


async def forget_old_imports() -> int:
    """Timer: drop imports that were finished a month ago, with all that was told of them; answers how many."""
    return len(await rows("DELETE FROM menu_imports WHERE finished_at < $1 RETURNING id", clock.now() - KEPT_FOR))


def _why(reading: Reading) -> str:
    if reading.hopeless:
        first = next((remark for remark in reversed(reading.remarks) if remark.row == 0 and remark.kind == "FAULT"), None)
        return first.sentence if first else "The file cannot be taken."
    return f"{reading.faults} faults; leave those rows out knowingly, or mend them."


def _lease() -> Any:
    return clock.wall() + timedelta(seconds=settings().lease)
