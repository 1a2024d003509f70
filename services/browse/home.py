"""Home: the stores near somebody, near and quick ones first, as they stand at a time.

The rank of a store is a straight line in metres: how far away it is, and sixty metres for each minute it needs as a rule, at a
right angle to each other. It depends on nothing that opens and closes, so pages neither skip nor repeat while stores do; the
index that holds it is walked outwards and left when the page is full: a first page costs the same among many stores as among few.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.browse.rules import Near, near, opens_within, price_bounds, price_level
from services.kernel.database import Row, rows
from services.kernel.errors import BadInput
from services.kernel.paging import Page, PageRequest, keys, number, page_of
from services.pricing.delivery import fee_alone
from services.settings import FeeSchedule, settings
from services.stores.models import StoreKind
from services.stores.shown import shown_stores

# What opens and closes is not in the index: where a filter speaks of it, more and more of the walk is looked at, at most thrice.
LOOKS = (60, 400, 4_000)
LATER = timedelta(hours=24)
_LEVELS = range(1, 5)
_STARS = (1, 5)


class Opening(StrEnum):
    """Whether the doors matter."""

    ANY = "ANY"
    OPEN = "OPEN"
    OPENS_LATER = "OPENS_LATER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which stores somebody at a point wants to see, as they stand `at` a time; whatever is left out does not matter."""

    latitude: float
    longitude: float
    at: datetime
    kinds: Collection[StoreKind] = ()
    cuisines: Collection[str] = ()
    diets: Collection[str] = ()
    price_levels: Collection[int] = ()
    fee_at_most: int | None = None
    minutes_at_most: int | None = None
    rating_at_least: float | None = None
    opening: Opening = Opening.ANY


@dataclass(frozen=True, slots=True)
class StoreAtHome:
    """A store as Home shows it: how far and how long, what bringing it costs, how dear its goods are."""

    near: Near
    delivery_fee: int
    price_level: int | None
    rank: float


async def stores_at_home(wish: Wish, page: PageRequest) -> Page[StoreAtHome]:
    """The live stores that deliver to the point and are as wished, the best ranked first.

    One to three statements for the walk, however many stores there are, and two for cards that are not kept. Nobody has a rating
    yet, so whoever asks for one sees no store. Raises BadInput for wishes that nobody can mean.
    """
    _check(wish)
    rank, last = keys(page.after, number, UUID) if page.after is not None else (None, None)
    found: list[StoreAtHome] = []
    for look in LOOKS if _looks_closer(wish) else (page.first + 1,):
        walked = await rows(_HOME, *_walk(wish), rank, last, max(look, page.first + 1))
        found += [one for one in await _shown(walked, wish) if _is_wished(one, wish)]
        if len(found) > page.first or len(walked) < max(look, page.first + 1):
            break
        rank, last = walked[-1]["rank"], walked[-1]["id"]
    return page_of(found, page, lambda one: (one.rank, str(one.near.card.id)))


def _check(wish: Wish) -> None:
    if any(level not in _LEVELS for level in wish.price_levels):
        raise BadInput("Price levels are 1 to 4.", field="priceLevels")
    if wish.rating_at_least is not None and not _STARS[0] <= wish.rating_at_least <= _STARS[1]:
        raise BadInput("Ratings are 1 to 5.", field="ratingAtLeast")


def _looks_closer(wish: Wish) -> bool:
    return wish.opening is not Opening.ANY or wish.minutes_at_most is not None or len(set(wish.price_levels)) > 1


def _walk(wish: Wish) -> tuple[object, ...]:
    # A store without any rating passes no wish for one; a distance or a fee below nothing is nobody's.
    fee = -1 if wish.rating_at_least is not None else wish.fee_at_most
    furthest = -1.0 if wish.rating_at_least is not None else reach_for(fee, settings().fees)
    return (
        wish.latitude,
        wish.longitude,
        [kind.value for kind in wish.kinds] or None,
        list(wish.cuisines) or None,
        list(wish.diets) or None,
        *price_bounds(wish.price_levels),
        furthest,
        fee,
    )


_HOME = (
    "SELECT id, version, rank, distance, median_price"
    " FROM stores_at_home($1, $2, $3, $4, $5, $6, $7, $8, $9, 'infinity', 0, $10, $11, $12) ORDER BY rank, id"
)


def reach_for(fee: int | None, fees: FeeSchedule) -> float:
    """How far away a store may be for its delivery to cost no more than that, in metres."""
    if fee is None or fee >= fees.delivery_beyond_bands:
        return math.inf
    # Half a metre more: a fee goes by whole metres.
    return max((up_to + 0.499 for up_to, asked in fees.delivery_bands if asked <= fee), default=-1.0)


async def _shown(walked: Sequence[Row], wish: Wish) -> list[StoreAtHome]:
    cards = await shown_stores([record["id"] for record in walked], at=wish.at)
    travel, fees = settings().travel, settings().fees
    shown = []
    for store_id, _, rank, distance, median in walked:
        if store_id in cards:
            one = near(cards[store_id], distance, wish.at, travel)
            fee = fee_alone(one.card.delivery_fees, one.distance_m, fees)
            shown.append(StoreAtHome(one, fee, price_level(median), rank))
    return shown


def _is_wished(one: StoreAtHome, wish: Wish) -> bool:
    card = one.near.card
    if wish.price_levels and one.price_level not in wish.price_levels:
        return False
    if wish.minutes_at_most is not None and one.near.seconds > wish.minutes_at_most * 60:
        return False
    if wish.opening is Opening.OPEN:
        return card.takes_orders
    return wish.opening is Opening.ANY or opens_within(card, wish.at, LATER)
