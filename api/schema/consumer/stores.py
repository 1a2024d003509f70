"""Stores as a consumer sees them."""

from collections.abc import Hashable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Self, cast

import strawberry

from api.schema.consumer.menus import Menu, languages_asked, moment_asked
from api.schema.shared.batches import batch
from api.schema.shared.fees import DeliveryFees
from api.schema.shared.goods import StoreKind
from api.schema.shared.ids import opaque
from api.schema.shared.lasting import lasting
from api.schema.shared.money import Money
from api.schema.shared.places import Position, PositionInput
from services.catalog import queries as catalog
from services.kernel.errors import BadInput
from services.stores.queries import StoreCard
from services.stores.rules import data_credit, is_busy, is_open, preparation_at, takes_orders, takes_orders_from
from services.stores.shown import StoreNear
from services.stores.slots import rooms

MENUS_AT_ONCE = 10


@strawberry.input(description="Which stores to show.")
class StoresNearInput:
    position: PositionInput
    kinds: list[StoreKind] | None = strawberry.field(default=None, description="Only these kinds; all without it.")
    first: int = strawberry.field(default=20, description="1 to 100.")
    after: str | None = strawberry.field(default=None, description="The `endCursor` of the page before.")


async def menus_of(
    stores: "list[Store]",
    info: strawberry.Info[Any, None],
    at: Annotated[
        datetime | None, strawberry.argument(description="Another time than now, such as next Friday at 19:00.")
    ] = None,
    language: Annotated[
        str | None, strawberry.argument(description="As Accept-Language has it: `sv`, or `fi, sv;q=0.8`; else each menu's own.")
    ] = None,
) -> list[list[Menu]]:
    """The menus of these stores, in a fixed number of statements. Raises BadInput for too many at once."""
    if len(stores) > MENUS_AT_ONCE:
        raise BadInput(f"Ask for the menus of at most {MENUS_AT_ONCE} stores at once.", field="first")
    moment, languages = moment_asked(at), languages_asked(language)
    trees = await catalog.menus_of_stores([store.card.id for store in stores], moment)
    for tree in trees:
        if tree:
            info.context.reading.part(tree.store_id, tree.version, tree.same_until)
    return [
        [Menu.of(menu, currency=store.card.currency, at=tree.at, languages=languages) for menu in tree.menus] if tree else []
        for store, tree in zip(stores, trees, strict=True)
    ]


@strawberry.type(description="How a store stands at some time.")
class StoreStanding:
    is_open: bool = strawberry.field(description="Whether its doors are open then.")
    takes_orders: bool = strawberry.field(description="Whether one may order then.")
    opens_at: datetime | None = strawberry.field(
        description="When one may order next, counted from then; null while one may, and while nobody can tell."
    )


async def standings_of(
    stores: "list[Store]",
    at: Annotated[datetime | None, strawberry.argument(description="Another time than now.")] = None,
) -> list[StoreStanding]:
    """How these stores stand at a time. Raises BadInput for one too far away."""
    moment = moment_asked(at)
    return [_standing(store.card, moment) for store in stores]


def _standing(card: StoreCard, at: datetime) -> StoreStanding:
    takes = takes_orders(card, at)
    return StoreStanding(is_open=is_open(card, at), takes_orders=takes, opens_at=None if takes else takes_orders_from(card, at))


@strawberry.type(
    description="Whether a store has room for one more order, reckoned at most a minute ago; a quote says for certain."
)
class StoreRoom:
    has_room: bool = strawberry.field(description="False while it has taken on what it can for the time an order would need.")
    next_slot: datetime | None = strawberry.field(
        description="The next quarter of an hour that has room; null while one may order now, and where none has within a day."
    )


async def rooms_of(stores: "list[Store]") -> list[StoreRoom]:
    """The room of these stores, in one statement for all that have a capacity."""
    found = await rooms([store.card for store in stores])
    return [StoreRoom(has_room=room.has_room, next_slot=room.next_slot) for room in found]


@lasting("kept_as", varying=["distance_m"])
@strawberry.type(description="A place that sells.")
class Store:
    id: strawberry.ID
    slug: str = strawberry.field(description="A name for addresses of web pages; it never changes.")
    name: str
    kind: StoreKind
    category: str = strawberry.field(description="What it is more precisely, such as `cafe` or `supermarket`.")
    cuisines: list[str]
    partner_name: str = strawberry.field(description="The legal business whose goods these are.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str
    city: str
    position: Position
    distance_m: int | None = strawberry.field(description="Metres from the point asked about; null where none was.")
    delivery_radius_m: int = strawberry.field(
        description="How far it delivers, in metres; where it has drawn an area, the circle around that."
    )
    currency: str
    minimum_basket: Money
    delivery_fees: DeliveryFees
    preparation_minutes: int = strawberry.field(
        description="For an order at this moment: by the hour, and more while it is busy."
    )
    busy_until: datetime | None = strawberry.field(description="Until when everything takes longer; null while nothing does.")
    opening_hours: str = strawberry.field(description="In OpenStreetMap's language of opening hours.")
    hours_assumed: bool = strawberry.field(description="True where nobody told the hours and they are only likely.")
    time_zone: str
    is_open: bool = strawberry.field(description="Whether its doors are open now.")
    takes_orders: bool = strawberry.field(description="Whether one may order now: open, not paused, not just before closing.")
    opens_at: datetime | None = strawberry.field(
        description="When one may order again; null while one may, and while nobody can tell."
    )
    data_credit: str | None = strawberry.field(
        description="Whom the facts about this place are from; show it where it is not null."
    )
    card: strawberry.Private[StoreCard]
    kept_as: strawberry.Private[Hashable] = None
    menus: list[Menu] = batch(
        menus_of, description="What it sells, at any time: what cannot be had then is marked, and says when it can be had next."
    )
    standing: StoreStanding = batch(standings_of, description="Whether one may order then, beside what its menus say.")
    room: StoreRoom = batch(rooms_of, description="Whether it has room for one more order, whether its doors are open or not.")

    @classmethod
    def of(cls, card: StoreCard) -> Self:
        return cls(
            id=opaque("Store", card.id),
            slug=card.slug,
            name=card.name,
            kind=StoreKind(card.kind),
            category=card.category,
            cuisines=card.cuisines,
            partner_name=card.partner_name,
            street=f"{card.street} {card.housenumber}".strip(),
            postcode=card.postcode,
            city=card.city,
            position=Position(latitude=card.latitude, longitude=card.longitude),
            distance_m=None,
            delivery_radius_m=card.delivery_radius_m,
            currency=card.currency,
            minimum_basket=Money.minor(card.minimum_basket, card.currency),
            delivery_fees=DeliveryFees.of(card.delivery_fees, card.currency),
            preparation_minutes=preparation_at(card, card.read_at),
            busy_until=card.busy_until if is_busy(card, card.read_at) else None,
            opening_hours=card.opening_hours,
            hours_assumed=card.hours_assumed,
            time_zone=card.time_zone,
            is_open=card.is_open,
            takes_orders=card.takes_orders,
            opens_at=card.opens_at,
            data_credit=data_credit(card.source_ref),
            card=card,
        )

    @staticmethod
    @lru_cache(maxsize=2_048)
    def shown(card: StoreCard) -> "Store":
        """A store whose card this process keeps: said once, however often it is shown."""
        store = Store.of(card)
        store.kept_as = (card.id, card.version, card.read_at)
        return store

    @staticmethod
    def near(found: StoreNear) -> "Store":
        """A store and how far it is."""
        return cast("Store", StoreAway(found))


class StoreAway:
    """A store as seen from a point: how far it is, and for the rest what the store says, which is said once for everybody."""

    __slots__ = ("_store", "distance_m", "kept_as")

    def __init__(self, near: StoreNear) -> None:
        self._store = Store.shown(near.card)
        self.kept_as, self.distance_m = self._store.kept_as, near.distance_m

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
