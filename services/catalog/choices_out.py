"""Items that cannot be had for want of options: written beside each item, for those who read items without their options."""

from collections.abc import Collection
from uuid import UUID

from services.catalog.queries import configured_items
from services.catalog.rules import ItemForSale
from services.catalog.rules.choosable import choosable_from
from services.catalog.rules.offers import UNTIL_SAID
from services.kernel import clock
from services.kernel.database import rows, run


async def items_offering(option_ids: Collection[UUID]) -> list[ItemForSale]:
    """The items on sale on which any of these options may be chosen, at any depth, in the order of their ids."""
    return await _whole([record["id"] for record in await rows(_OFFERING, list(option_ids))])


async def write_choices_out(items: Collection[ItemForSale]) -> None:
    """Write of each of these items until when too few of its options can be had."""
    at = clock.now()
    until = {item.id: choosable_from(item.groups, at) or UNTIL_SAID for item in items}
    if until:
        await run(_WRITE, list(until), [None if end <= at else end for end in until.values()])


async def write_choices_out_of_store(store_id: UUID) -> None:
    """The same for all items of a store with which it may have to do: after its menu was written anew."""
    await write_choices_out(await _whole([record["id"] for record in await rows(_CONCERNED, store_id)]))


async def _whole(ids: list[UUID]) -> list[ItemForSale]:
    return await configured_items([(item_id, ()) for item_id in ids]) if ids else []


_WRITE = """
UPDATE items SET choices_out_until = w.until FROM unnest($1::uuid[], $2::timestamptz[]) AS w (id, until)
WHERE items.id = w.id AND items.choices_out_until IS DISTINCT FROM w.until
"""
_ABOVE = """
    UNION
    SELECT o.group_id FROM above a JOIN option_child_groups c ON c.group_id = a.group_id JOIN options o ON o.id = c.option_id
)
SELECT i.id FROM above a JOIN item_groups g ON g.group_id = a.group_id JOIN items i ON i.id = g.item_id
WHERE i.removed_at IS NULL
"""
_OFFERING = f"""
WITH RECURSIVE above (group_id) AS (
    SELECT group_id FROM options WHERE id = ANY($1) {_ABOVE}
GROUP BY i.id ORDER BY i.id
"""  # noqa: S608 - our own words
_CONCERNED = f"""
WITH RECURSIVE above (group_id) AS (
    SELECT group_id FROM options WHERE store_id = $1 AND unavailable_until IS NOT NULL {_ABOVE}
UNION SELECT id FROM items WHERE store_id = $1 AND choices_out_until IS NOT NULL
"""  # noqa: S608 - our own words
