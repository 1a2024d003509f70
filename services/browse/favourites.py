"""What a consumer likes to find again: stores and items, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.queries import items_by_ids
from services.catalog.rules import ItemFacts
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import rows, run
from services.kernel.errors import NotFound
from services.kernel.paging import Page, PageRequest, keys, moment
from services.kernel.paging import cursor as cursor_of
from services.stores.queries import StoreCard
from services.stores.shown import shown_stores


@dataclass(frozen=True, slots=True)
class FavouriteItem:
    """An item, perhaps gone from its menu meanwhile, and whose it is."""

    item: ItemFacts
    store: StoreCard


async def add_favourite_store(consumer: Consumer, store_id: UUID) -> None:
    """Keep the store among the favourites; again changes nothing. Raises NotFound for a store that nobody may see."""
    if not await run(_ADD_STORE, consumer.person_id, store_id, clock.now()):
        await _must_be_there("SELECT 1 FROM favourite_stores WHERE consumer_id = $1 AND store_id = $2", consumer, store_id)


async def remove_favourite_store(consumer: Consumer, store_id: UUID) -> None:
    """The store is no favourite any more; again changes nothing."""
    await run("DELETE FROM favourite_stores WHERE consumer_id = $1 AND store_id = $2", consumer.person_id, store_id)


async def add_favourite_item(consumer: Consumer, item_id: UUID) -> None:
    """Keep the item among the favourites; again changes nothing. Raises NotFound for an item that nobody sells."""
    if not await run(_ADD_ITEM, consumer.person_id, item_id, clock.now()):
        await _must_be_there("SELECT 1 FROM favourite_items WHERE consumer_id = $1 AND item_id = $2", consumer, item_id)


async def remove_favourite_item(consumer: Consumer, item_id: UUID) -> None:
    """The item is no favourite any more; again changes nothing."""
    await run("DELETE FROM favourite_items WHERE consumer_id = $1 AND item_id = $2", consumer.person_id, item_id)


async def favourite_stores(consumer: Consumer, page: PageRequest, *, at: datetime) -> Page[StoreCard]:
    """The consumer's favourite stores that are still there, the newest favourite first, as they stand at a time."""
    found, cursors, has_next = await _page(_STORES, consumer, page)
    cards = await shown_stores(found, at=at)
    kept = [place for place, store_id in enumerate(found) if store_id in cards]
    return Page([cards[found[place]] for place in kept], [cursors[place] for place in kept], has_next)


async def favourite_items(consumer: Consumer, page: PageRequest, *, at: datetime) -> Page[FavouriteItem]:
    """The consumer's favourite items of stores that are still there, the newest favourite first; what left its menu, too."""
    found, cursors, has_next = await _page(_ITEMS, consumer, page)
    items = {item.id: item for item in await items_by_ids(found)} if found else {}
    cards = await shown_stores({item.store_id for item in items.values()}, at=at)
    kept = [place for place, item_id in enumerate(found) if item_id in items and items[item_id].store_id in cards]
    likes = [FavouriteItem(items[found[place]], cards[items[found[place]].store_id]) for place in kept]
    return Page(likes, [cursors[place] for place in kept], has_next)


async def _must_be_there(look: str, consumer: Consumer, thing: UUID) -> None:
    if not await rows(look, consumer.person_id, thing):
        raise NotFound("There is no such thing to like.")


async def _page(sql: str, consumer: Consumer, page: PageRequest) -> tuple[list[UUID], list[str], bool]:
    added_at, last = keys(page.after, moment, UUID) if page.after is not None else (None, None)
    found = await rows(sql, consumer.person_id, added_at, last, page.first + 1)
    shown = found[: page.first]
    cursors = [cursor_of(record["added_at"].isoformat(), str(record["id"])) for record in shown]
    return [record["id"] for record in shown], cursors, len(found) > page.first


_ADD_STORE = """
INSERT INTO favourite_stores (consumer_id, store_id, added_at) SELECT $1, id, $3 FROM stores WHERE id = $2 AND state = 'LIVE'
ON CONFLICT DO NOTHING
"""
_ADD_ITEM = """
INSERT INTO favourite_items (consumer_id, item_id, added_at)
SELECT $1, i.id, $3 FROM items i JOIN stores s ON s.id = i.store_id
WHERE i.id = $2 AND i.removed_at IS NULL AND s.state = 'LIVE'
ON CONFLICT DO NOTHING
"""
_STORES = """
SELECT f.store_id AS id, f.added_at FROM favourite_stores f JOIN stores s ON s.id = f.store_id
WHERE f.consumer_id = $1 AND s.state = 'LIVE' AND ($2::timestamptz IS NULL OR (f.added_at, f.store_id) < ($2, $3::uuid))
ORDER BY f.added_at DESC, f.store_id DESC LIMIT $4
"""
_ITEMS = """
SELECT f.item_id AS id, f.added_at
FROM favourite_items f JOIN items i ON i.id = f.item_id JOIN stores s ON s.id = i.store_id
WHERE f.consumer_id = $1 AND s.state = 'LIVE' AND ($2::timestamptz IS NULL OR (f.added_at, f.item_id) < ($2, $3::uuid))
ORDER BY f.added_at DESC, f.item_id DESC LIMIT $4
"""
