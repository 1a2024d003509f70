"""Stores as everybody is shown them, near a point or by id: only versions are read, cards are kept by this process."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.kernel.database import in_transaction, rows
from services.kernel.paging import Page, PageRequest, keys, number, page_of
from services.stores.models import StoreKind
from services.stores.queries import StoreCard, store_cards
from services.stores.versions import current_versions

MOST_KEPT = 8_192


class StoreNear(NamedTuple):
    """A store and how far it is from the point asked about."""

    card: StoreCard
    distance_m: int
    # The sort key: the straight line through the globe, exactly as PostgreSQL sees it.
    chord: float


async def stores_near(
    latitude: float, longitude: float, *, at: datetime, page: PageRequest, kinds: Collection[StoreKind] | None = None
) -> Page[StoreNear]:
    """The live stores that deliver to a point, nearest first, open or not; each card tells how it stands at `at`.

    The order does not depend on hours, so that pages neither skip nor repeat while stores open and close.
    """
    chord, store_id = keys(page.after, number, UUID) if page.after is not None else (None, None)
    wanted = [kind.value for kind in kinds] if kinds else None
    found = await rows(_NEAR, latitude, longitude, wanted, chord, store_id, page.first + 1)
    cards = await _cards({record["id"]: record["version"] for record in found}, at)
    near = [StoreNear(cards[store_id], round(distance), chord) for store_id, _, chord, distance in found if store_id in cards]
    return page_of(near, page, lambda one: (one.chord, one.card.id_text))


async def shown_stores(ids: Iterable[UUID], *, at: datetime) -> dict[UUID, StoreCard]:
    """The stores with these ids as they were at most a second ago, in whatever state; those that do not exist are left out."""
    return await _cards(await current_versions(ids), at)


_NEAR = """
SELECT n.id, s.version, n.chord, n.distance
FROM stores_near($1, $2, $3, $4, $5, $6) n JOIN stores s ON s.id = n.id
ORDER BY n.chord, n.id
"""

_kept: OrderedDict[UUID, StoreCard] = OrderedDict()


async def _cards(versions: Mapping[UUID, int], at: datetime) -> dict[UUID, StoreCard]:
    """The cards of these stores, at these versions or newer, as they stand at a time."""
    if in_transaction():
        # What is read here may never come to be.
        return {card.id: card for card in await store_cards(list(versions), at=at)}
    found: dict[UUID, StoreCard] = {}
    for store_id, version in versions.items():
        card = _kept.get(store_id)
        if card is not None and card.version >= version:
            found[store_id] = card if card.read_at <= at < card.same_until else _keep(replace(card, read_at=at))
            _kept.move_to_end(store_id)
    if len(found) < len(versions):
        missing = [store_id for store_id in versions if store_id not in found]
        found |= {card.id: _keep(card) for card in await store_cards(missing, at=at)}
    return found


def _keep(card: StoreCard) -> StoreCard:
    kept = _kept.get(card.id)
    if kept is None or kept.version <= card.version:
        _kept[card.id] = card
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return card
