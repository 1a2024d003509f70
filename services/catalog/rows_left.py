"""Rows that left a menu: their ids and marks are remembered for a while, so that what comes back is the same as before."""

from datetime import datetime, timedelta
from uuid import UUID

from services.kernel import clock
from services.kernel.database import run

# Longer than a publication may wait for its time: a menu that is scheduled finds the rows it was written with.
KEPT_FOR = timedelta(days=400)
BATCH = 5_000


async def take_away(level: str, ids: list[UUID], at: datetime) -> None:
    """Delete these rows of one level and remember them."""
    await run(_LEAVE[level], ids, at)


async def mark_as_before(store_id: UUID, options: list[UUID]) -> None:
    """Options that come back are out for as long as staff said before they left."""
    if options:
        await run(_MARK_AS_BEFORE, store_id, options)


async def forget_rows_left() -> int:
    """Timer: forget rows that left more than 400 days ago, a batch at a time; answers how many.

    Items are none of them: they keep their rows for as long as orders point to them.
    """
    return await run(_FORGET, clock.now() - KEPT_FOR, BATCH)


# What leaves is known by its reference when it comes back: baskets and "order again" point to its id, staff's mark still holds.
_LEAVE = {
    level: f"""
WITH gone AS (DELETE FROM {table} WHERE id = ANY($1) RETURNING store_id, ref, id, {mark} AS unavailable_until)
INSERT INTO menu_rows_left AS l (store_id, level, ref, id, unavailable_until, left_at)
SELECT store_id, '{level}', ref, id, unavailable_until, $2 FROM gone
ON CONFLICT (store_id, level, ref) DO UPDATE
    SET id = excluded.id, unavailable_until = excluded.unavailable_until, left_at = excluded.left_at
"""  # noqa: S608 - the names of our tables
    for level, table, mark in (
        ("option", "options", "unavailable_until"),
        ("group", "option_groups", "NULL::timestamptz"),
        ("section", "sections", "NULL::timestamptz"),
        ("menu", "menus", "NULL::timestamptz"),
    )
}
# Children first.
LEVELS = tuple(_LEAVE)
_MARK_AS_BEFORE = """
UPDATE options o SET unavailable_until = l.unavailable_until
FROM menu_rows_left l
WHERE l.store_id = $1 AND l.level = 'option' AND l.id = o.id AND o.id = ANY($2) AND l.unavailable_until IS NOT NULL
"""
_FORGET = """
DELETE FROM menu_rows_left WHERE (store_id, level, ref) IN (
    SELECT store_id, level, ref FROM menu_rows_left WHERE left_at < $1 ORDER BY left_at LIMIT $2
)
"""
