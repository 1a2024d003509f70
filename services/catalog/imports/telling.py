"""Writes down what an import tells: its remarks, and what it changes, a batch at a time."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.catalog.imports.shapes import Reading, Remark
from services.catalog.rules.differences import DifferenceKind, RowDifference
from services.kernel.batches import batches
from services.kernel.database import run
from services.kernel.unit_of_work import unit_of_work

AT_ONCE = 500


async def keep_remarks(import_id: UUID, reading: Reading) -> None:
    """What was told about the rows takes the place of what was told before."""
    async with unit_of_work():
        await run("DELETE FROM menu_import_remarks WHERE import_id = $1", import_id)
        await run(
            "UPDATE menu_imports SET good_rows = $2, faults = $3, warnings = $4, rows_read = $5, rows_of = $5 WHERE id = $1",
            import_id,
            reading.good_rows,
            reading.faults,
            reading.warnings,
            reading.rows,
        )
        for number, batch in enumerate(batches(reading.remarks, AT_ONCE)):
            await run(_REMARKS, import_id, number * AT_ONCE, *_columns(batch))


_REMARKS = """
INSERT INTO menu_import_remarks (import_id, number, kind, row, path, code, sentence, value)
SELECT $1, $2 + number - 1, kind, row, path, code, sentence, value
FROM unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
    WITH ORDINALITY AS r (kind, row, path, code, sentence, value, number)
"""


def _columns(remarks: Sequence[Remark]) -> list[list[Any]]:
    told = ((one.kind.value, one.row, one.path, one.code.value, one.sentence, one.value) for one in remarks)
    return [list(column) for column in zip(*told, strict=True)]


async def keep_changes(import_id: UUID, changes: Iterator[RowDifference]) -> str:
    """What differs takes the place of what differed before, as it is found, beside the loop; answers the digest of it all."""
    digest, counts, number = hashlib.sha256(), Counter[DifferenceKind](), 0
    several = batches(changes, AT_ONCE)
    async with unit_of_work():
        await run("DELETE FROM menu_import_changes WHERE import_id = $1", import_id)
        while batch := await asyncio.to_thread(next, several, None):
            told = orjson.dumps([_plain(change) for change in batch])
            await run(_CHANGES, import_id, number, told.decode())
            digest.update(told)
            counts.update(change.kind for change in batch)
            number += len(batch)
        await run(_COUNTS, import_id, digest.hexdigest(), *(counts[kind] for kind in DifferenceKind))
    return digest.hexdigest()


_CHANGES = """
INSERT INTO menu_import_changes (import_id, number, kind, level, ref, name, place, fields)
SELECT $1, $2 + number - 1, c ->> 'kind', c ->> 'level', c ->> 'ref', c ->> 'name', c ->> 'place', c -> 'fields'
FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS r (c, number)
"""
_COUNTS = "UPDATE menu_imports SET digest = $2, added = $3, removed = $4, changed = $5 WHERE id = $1"


def _plain(change: RowDifference) -> dict[str, Any]:
    several = [{"field": one.field, "before": one.before, "after": one.after} for one in change.fields]
    facts = {"ref": change.ref, "name": change.name, "place": change.place}
    return {"kind": change.kind.value, "level": change.level.value, **facts, "fields": several}
