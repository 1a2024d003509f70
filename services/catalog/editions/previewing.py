"""How an edition would look: put together as a consumer would read it. Nothing is written, and nobody waits."""

from datetime import datetime
from uuid import UUID

from services.catalog.editions.drafting import menus_of
from services.catalog.editions.picturing import Article, Mark, Picture, Standing
from services.catalog.editions.queries import EditionCard, edition, edition_by_preview_key
from services.catalog.editions.standing import leave_what_was_fed
from services.catalog.queries import MenuTree
from services.catalog.rules import normalised_gtin
from services.catalog.rules.counts import counted_as_before
from services.catalog.rules.layout import Layout, lay_out
from services.catalog.stock_counts import stock_by_ref
from services.catalog.writing import ids_after, ids_before
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.database import rows
from services.kernel.errors import Unavailable
from services.stores.queries import StoreCard, store

# A store that is edited without pause is read again as often.
_READS = 10


async def preview(staff: StoreStaff, edition_id: UUID) -> tuple[StoreCard, MenuTree]:
    """What the store would sell if this edition were published; ids of rows that are new in it are not yet theirs."""
    return await _pictured(await edition(staff, edition_id))


async def preview_by_key(key: str) -> tuple[StoreCard, MenuTree]:
    """The same for whoever was handed the edition's preview key, until it is published or dropped. Raises NotFound."""
    return await _pictured(await edition_by_preview_key(key))


async def _pictured(card: EditionCard) -> tuple[StoreCard, MenuTree]:
    """A menu that is replaced meanwhile is read again, so that no picture is put together from two versions."""
    menus = await menus_of(card)
    shop = await store(card.store_id)
    for _ in range(_READS):
        layout = lay_out(menus)
        await leave_what_was_fed(layout, card)
        counted_as_before(layout, await stock_by_ref(card.store_id))
        standing = await _standing(card.store_id, layout)
        before, shop = shop, await store(card.store_id)
        if shop.version == before.version:
            return shop, Picture(shop, layout, standing).tree(_seen_at(card))
    raise Unavailable


def _seen_at(card: EditionCard) -> datetime:
    at = clock.now()
    return max(card.publish_at or at, at)


async def _standing(store_id: UUID, layout: Layout) -> Standing:
    stands, left = await ids_before(store_id)
    marks = {(level, ref): Mark(*mark) for level, ref, *mark in await rows(_MARKS, store_id)}
    # An article that nobody sold yet is called as the last of this menu's items calls it, as writing would.
    drafts = [item.draft for item in layout.items.values()]
    named = {
        gtin: Article(None, draft.brand, draft.size_text)
        for draft in drafts
        if draft.gtin and (gtin := normalised_gtin(draft.gtin))
    }
    known = {gtin: Article(*facts) for gtin, *facts in await rows(_ARTICLES, sorted(named))}
    return Standing(ids_after(left | stands, layout), marks, named | known)


# Options that left are out again for as long as staff said, once they come back.
_MARKS = """
SELECT 'item', ref, unavailable_until, choices_out_until FROM items
WHERE store_id = $1 AND (unavailable_until IS NOT NULL OR choices_out_until IS NOT NULL)
UNION ALL
SELECT 'option', ref, unavailable_until, NULL FROM options WHERE store_id = $1 AND unavailable_until IS NOT NULL
UNION ALL
SELECT level, ref, unavailable_until, NULL FROM menu_rows_left l
WHERE store_id = $1 AND level = 'option' AND unavailable_until IS NOT NULL
  AND NOT EXISTS (SELECT FROM options o WHERE o.store_id = l.store_id AND o.ref = l.ref)
"""
_ARTICLES = "SELECT gtin, id, brand, size_text FROM products WHERE gtin = ANY($1)"
