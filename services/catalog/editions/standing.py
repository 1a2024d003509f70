"""What an edition leaves as it stands in the store: what a till fed after the edition was written."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from services.catalog.editions.queries import EditionCard, documents_at
from services.catalog.editions.states import EditionState
from services.catalog.rules.documents import read
from services.catalog.rules.fed_prices import priced_as_fed
from services.catalog.rules.layout import Layout, layout_of
from services.kernel.database import rows

# What it was begun with; kept until it is published.
_BEGUN = 1
_OPEN = {EditionState.DRAFT, EditionState.SCHEDULED}


async def leave_what_was_fed(layout: Layout, card: EditionCard) -> None:
    """Prices fed since an open edition was begun stay, save where it says another than it was begun with.

    Counts fed since it was last saved stay too, whatever it says: whoever counted last is right.
    """
    if card.state not in _OPEN:
        return
    fed = await rows(_FED, card.store_id, card.began_at, card.saved_at)
    _leave_counts(layout, [record["ref"] for record in fed if record["feed"] == "STOCK"])
    if prices := {record["ref"]: record["price"] for record in fed if record["feed"] == "PRICE"}:
        begun = (await documents_at(card.id, _BEGUN))[_BEGUN]
        priced_as_fed(layout, layout_of(read(begun.document).menus)[0], prices)


def _leave_counts(layout: Layout, refs: Collection[str]) -> None:
    nothing_said: dict[str, Any] = {"stock": None}
    for ref in layout.items.keys() & set(refs):
        row = layout.items[ref]
        layout.items[ref] = replace(row, draft=replace(row.draft, **nothing_said))


# Of prices, what the till said and is still sold at: whatever another menu set meanwhile is not the till's price.
_FED = """
SELECT i.ref, v.feed, i.price FROM item_feed_versions v JOIN items i ON i.id = v.item_id
WHERE v.store_id = $1
  AND (v.feed = 'PRICE' AND v.told_at >= $2 AND v.told = i.price OR v.feed = 'STOCK' AND v.told_at > $3)
"""
