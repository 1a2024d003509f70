"""What an edition leaves as it stands in the store: prices that a till fed after the edition was begun."""

from datetime import datetime
from uuid import UUID

from services.catalog.editions.queries import EditionCard, documents_at
from services.catalog.editions.states import EditionState
from services.catalog.rules.documents import read
from services.catalog.rules.fed_prices import priced_as_fed
from services.catalog.rules.layout import Layout, layout_of
from services.kernel.database import rows

# What it was begun with; kept until it is published.
_BEGUN = 1
_OPEN = {EditionState.DRAFT, EditionState.SCHEDULED}


async def leave_fed_prices(layout: Layout, card: EditionCard) -> None:
    """Prices fed since an open edition was begun stay, save where it says another than it was begun with."""
    if card.state not in _OPEN:
        return
    fed = await _fed_since(card.store_id, card.began_at)
    if not fed:
        return
    begun = (await documents_at(card.id, _BEGUN))[_BEGUN]
    priced_as_fed(layout, layout_of(read(begun.document).menus)[0], fed)


async def _fed_since(store_id: UUID, at: datetime) -> dict[str, int]:
    return {record["ref"]: record["price"] for record in await rows(_FED, store_id, at)}


# What the till said and is still sold at: whatever another menu set meanwhile is not the till's price.
_FED = """
SELECT i.ref, i.price FROM item_feed_versions v JOIN items i ON i.id = v.item_id
WHERE v.store_id = $1 AND v.feed = 'PRICE' AND v.told_at >= $2 AND v.told = i.price
"""
