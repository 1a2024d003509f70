"""Stores as everybody is shown them, near a point or by id: only versions are read, cards are kept by this process."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from services.kernel.database import Row, in_transaction, rows
from services.kernel.paging import Page, PageRequest, keys, number, page_of
from services.kernel.together import Together
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


class StoresNear(NamedTuple):
    """A page of stores, and what was ON_THE_MAP when it was read; None where no store is near."""

    page: Page[StoreNear]
    on_the_map: int | None


async def stores_near(
    latitude: float, longitude: float, *, at: datetime, page: PageRequest, kinds: Collection[StoreKind] | None = None
) -> StoresNear:
    """The live stores that deliver to a point, nearest first, open or not; each card tells how it stands at `at`.

    The order does not depend on hours, so that pages neither skip nor repeat while stores open and close.
    """
    found = await _near(latitude, longitude, tuple(kind.value for kind in kinds or ()), page)
    cards = await _cards([(record[0], record[1]) for record in found], at)
    near = [StoreNear(card, round(one[3]), one[2]) for card, one in zip(cards, found, strict=True) if card]
    shown = page_of(near, page, lambda one: (one.chord, one.card.id_text))
    return StoresNear(shown, found[0]["on_the_map"] if found else None)


async def shown_stores(ids: Iterable[UUID], *, at: datetime) -> dict[UUID, StoreCard]:
    """The stores with these ids as they were at most a second ago, in whatever state; those that do not exist are left out."""
    versions = await current_versions(ids)
    return {card.id: card for card in await _cards([*versions.items()], at) if card}


async def _near(latitude: float, longitude: float, kinds: tuple[str, ...], page: PageRequest) -> Sequence[Row]:
    if page.after is not None or in_transaction():
        chord, store_id = keys(page.after, number, UUID) if page.after is not None else (None, None)
        return await rows(_NEAR, [latitude], [longitude], list(kinds) or None, chord, store_id, page.first + 1)
    # Of the pages of a hundred and kinds of a few there are not many.
    if (kinds, page.first) not in _together:
        _together[kinds, page.first] = Together(partial(_first_pages, list(kinds) or None, page.first + 1), MOST_AT_ONCE)
    return await _together[kinds, page.first].done((latitude, longitude))


async def _first_pages(kinds: list[str] | None, most: int, points: Sequence[tuple[float, float]]) -> list[list[Row]]:
    """The stores near each of these points, by one statement."""
    latitudes, longitudes = [latitude for latitude, _ in points], [longitude for _, longitude in points]
    pages: list[list[Row]] = [[] for _ in points]
    for record in await rows(_NEAR, latitudes, longitudes, kinds, None, None, most):
        pages[record[5] - 1].append(record)
    return pages


_NEAR = """
SELECT n.id, s.version, n.chord, n.distance, (SELECT version FROM stores_on_map) AS on_the_map, asked.place
FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS asked (latitude, longitude, place)
CROSS JOIN LATERAL stores_near(asked.latitude, asked.longitude, $3, $4, $5, $6) n JOIN stores s ON s.id = n.id
ORDER BY asked.place, n.chord, n.id
"""
MOST_AT_ONCE = 16
_together: dict[tuple[tuple[str, ...], int], Together[tuple[float, float], list[Row]]] = {}

# Those said longest ago first; what is looked at is said anew every minute.
_kept: dict[UUID, StoreCard] = {}


async def _cards(versions: Sequence[tuple[UUID, int]], at: datetime) -> list[StoreCard | None]:
    """The cards of these stores, at these versions or newer, as they stand at a time; None for a store that is not there."""
    if in_transaction():
        # What is read here may never come to be.
        read = {card.id: card for card in await store_cards([store_id for store_id, _ in versions], at=at)}
        return [read.get(store_id) for store_id, _ in versions]
    found = [_standing(store_id, version, at) for store_id, version in versions]
    if None not in found:
        return found
    missing = [store_id for card, (store_id, _) in zip(found, versions, strict=True) if card is None]
    fresh = {card.id: _keep(card) for card in await store_cards(missing, at=at)}
    return [card or fresh.get(store_id) for card, (store_id, _) in zip(found, versions, strict=True)]


def _standing(store_id: UUID, version: int, at: datetime) -> StoreCard | None:
    card = _kept.get(store_id)
    if card is None or card.version < version:
        return None
    return card if card.read_at <= at < card.same_until else _keep(replace(card, read_at=at))


def _keep(card: StoreCard) -> StoreCard:
    kept = _kept.pop(card.id, card)
    _kept[card.id] = card if kept.version <= card.version else kept
    if len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return card
