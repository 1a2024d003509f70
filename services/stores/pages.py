"""A store as its page tells of it: found by its slug, with its story."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel import clock
from services.kernel.database import row
from services.kernel.errors import NotFound
from services.stores.queries import StoreCard, store


@dataclass(frozen=True, slots=True)
class StorePage:
    """A store, and its story in its own words."""

    card: StoreCard
    story: str


async def live_page(slug: str, *, at: datetime | None = None) -> StorePage:
    """The page of a live store. Raises NotFound for a slug that no live store has."""
    found = await row("SELECT id, story, version FROM stores WHERE slug = $1 AND state = 'LIVE'", slug)
    if found is None:
        raise NotFound("There is no such store.")
    return await _page(found["id"], found["story"], found["version"], at or clock.now())


async def page_of_store(store_id: UUID) -> StorePage:
    """The page of a store, whatever its state. Raises NotFound."""
    found = await row("SELECT story, version FROM stores WHERE id = $1", store_id)
    if found is None:
        raise NotFound("There is no such store.")
    return await _page(store_id, found["story"], found["version"], clock.now())


async def _page(store_id: UUID, story: str, version: int, at: datetime) -> StorePage:
    card = await store(store_id, at=at)
    if card.version != version:
        # Somebody described it anew between the two statements; the later one tells of both.
        return await page_of_store(store_id)
    return StorePage(card, story)
