"""What is found and in which order: offers merged into wares by what is sold, and when each can be at the door."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import md5
from typing import NamedTuple
from uuid import UUID

from services.browse.words import How
from services.carts.rules import promise, travel_seconds
from services.catalog.rules import ContentUnit, ItemFacts, available_at
from services.settings import TravelTimes
from services.stores.queries import StoreCard
from services.stores.rules import preparation_at

# "Best" weighs time against money: one unit of the currency is worth so many seconds.
SECONDS_PER_UNIT = 120
MINOR_UNITS = 100
MOST_OFFERS = 20
# Of a median item, in minor units: a store is at the first level below the first of these, and so on.
PRICE_LEVELS = (800, 1_500, 2_500)


class Order(StrEnum):
    """What comes first among wares."""

    BEST = "BEST"
    CHEAPEST = "CHEAPEST"
    FASTEST = "FASTEST"


class Field(StrEnum):
    """Where in a store or a ware a word was found."""

    NAME = "NAME"
    BRAND = "BRAND"
    CUISINE = "CUISINE"
    SECTION = "SECTION"
    DESCRIPTION = "DESCRIPTION"
    PARTNER = "PARTNER"


@dataclass(frozen=True, slots=True)
class Match:
    """Why something was found: what was typed, the word that answers it, where that stands, and how the two belong together."""

    typed: str
    word: str
    field: Field
    how: How


class Near(NamedTuple):
    """A store that delivers to the point asked about, with how long an order placed at the time asked about needs."""

    card: StoreCard
    distance_m: int
    seconds: int
    at: datetime
    travel: TravelTimes

    @property
    def promised_from(self) -> datetime:
        """By the same promise as a quote's, and found out for those alone that are shown."""
        return self._promise()[0]

    @property
    def promised_until(self) -> datetime:
        return self._promise()[1]

    def _promise(self) -> tuple[datetime, datetime]:
        return promise([(0, self.seconds - self.travel.per_stop - self.travel.at_the_door)], self.at, self.travel)


@dataclass(frozen=True, slots=True)
class Offer:
    """A ware at one store."""

    item: ItemFacts
    near: Near
    can_be_had: bool
    # As the store itself says them; an item without them says what its barcode was first told with.
    own_brand: str | None = None
    own_size_text: str | None = None

    @property
    def price(self) -> int:
        """What one of a quantity costs, in minor units."""
        return self.item.price_of_one

    @property
    def per_unit(self) -> float | None:
        """What a kilogram or a litre costs, in minor units and exactly; None for pieces, and where nobody told what one holds."""
        item, content = self.item, self.item.content
        if item.grams is not None:
            return float(item.price)
        if content is None or content.unit is ContentUnit.PIECE:
            return None
        return item.price * 1_000 / float(content.amount)


@dataclass(frozen=True, slots=True)
class Ware:
    """One dish or article with the offers of each store near, the first as the order asked for says."""

    id: UUID
    name: str
    gtin: str | None
    brand: str | None
    size_text: str | None
    offers: tuple[Offer, ...]
    # How many offers there are, were they all said.
    count: int


def near(card: StoreCard, distance_m: float, at: datetime, travel: TravelTimes) -> Near:
    """The store as seen from the point."""
    metres = round(distance_m)
    seconds = preparation_at(card, at) * 60 + travel_seconds(metres, travel) + travel.per_stop + travel.at_the_door
    return Near(card, metres, seconds, at, travel)


def offer(item: ItemFacts, store: Near, at: datetime, own_brand: str | None = None, own_size_text: str | None = None) -> Offer:
    return Offer(item, store, store.card.takes_orders and available_at(item, at), own_brand, own_size_text)


def ware_of_barcode(gtin: str) -> UUID:
    """The ware of an article by its fourteen digits; the database's ware_of says the same."""
    return UUID(md5(f"gtin {gtin}".encode(), usedforsecurity=False).hexdigest())


def key_of(one: Offer, order: Order, *, per_unit: bool = False) -> float:
    """What offers and wares are ordered by: the less the better. The database says the same of what it groups.

    CHEAPEST is by the price for a kilogram or a litre where that is told of all that are compared within a ware (`per_unit`).
    """
    if order is Order.CHEAPEST:
        return _exactly(one.item) if one.per_unit is None or not per_unit else one.per_unit
    if order is Order.FASTEST:
        return float(one.near.seconds)
    return one.near.seconds + _exactly(one.item) * SECONDS_PER_UNIT / MINOR_UNITS


def _exactly(item: ItemFacts) -> float:
    return float(item.price) if item.grams is None else item.price * item.grams / 1_000


def merged(offers: Iterable[tuple[UUID, Offer]], order: Order) -> list[Ware]:
    """The wares of these offers, in the order asked for, whatever order the offers come in.

    What can be had comes before what cannot; equals are told apart by their ids.
    """
    several: dict[UUID, list[Offer]] = defaultdict(list)
    for ware_id, one in offers:
        several[ware_id].append(one)
    placed = {ware_id: _placed(ones, order) for ware_id, ones in several.items()}
    ordered = sorted(placed, key=lambda ware_id: (placed[ware_id][0].later, placed[ware_id][0].key, ware_id))
    return [_ware(ware_id, [place.offer for place in placed[ware_id]]) for ware_id in ordered]


class _Place(NamedTuple):
    """Where an offer stands among those of its ware."""

    later: bool
    key: float
    item_id: UUID
    offer: Offer


def _placed(ones: Sequence[Offer], order: Order) -> list[_Place]:
    per_unit = order is Order.CHEAPEST and all(one.per_unit is not None for one in ones)
    places = [_Place(not one.can_be_had, key_of(one, order, per_unit=per_unit), one.item.id, one) for one in ones]
    return sorted(places, key=lambda place: place[:3])


def price_level(median: int | None) -> int | None:
    """1 (cheap) to 4; None for what sells nothing yet."""
    return None if median is None else 1 + sum(median >= bound for bound in PRICE_LEVELS)


def price_bounds(levels: Iterable[int]) -> tuple[int | None, int | None]:
    """From which median on, and below which, stores of these levels (and what lies between them) are."""
    bounds = (None, *PRICE_LEVELS, None)
    wanted = sorted(set(levels))
    return (bounds[wanted[0] - 1], bounds[wanted[-1]]) if wanted else (None, None)


def opens_within(card: StoreCard, at: datetime, ahead: timedelta) -> bool:
    """Whether a store that takes no orders at a time will take them soon."""
    return not card.takes_orders and card.opens_at is not None and card.opens_at <= at + ahead


def _ware(ware_id: UUID, offers: Sequence[Offer]) -> Ware:
    said = min((one.item for one in offers), key=lambda item: (item.gtin is None, str(item.id)))
    name = _most_said((one.item.store_id, one.item.name) for one in offers) or said.name
    brand = _most_said((one.item.store_id, one.own_brand) for one in offers) or said.brand
    size_text = _most_said((one.item.store_id, one.own_size_text) for one in offers) or said.size_text
    return Ware(ware_id, name, said.gtin, brand, size_text, tuple(offers[:MOST_OFFERS]), len(offers))


def _most_said(said: Iterable[tuple[UUID, str | None]]) -> str | None:
    """What most stores say now, each heard once for the same words: never just what whoever came first said."""
    stores = Counter(text for _, text in set(said) if text)
    return min(stores, key=lambda text: (-stores[text], -len(text), text.casefold(), text), default=None)
