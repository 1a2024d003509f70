"""What a consumer finds: Home's stores, wares with everybody's offers, and what answers a search."""

import re
from datetime import datetime
from typing import Self

import strawberry

from api.schema.consumer.menus import moment_asked
from api.schema.consumer.stores import Store
from api.schema.shared.batches import batch
from api.schema.shared.goods import StoreKind, UnitPrice
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money, MoneyInput
from api.schema.shared.places import PositionInput
from services.browse import home, queries, rules, words
from services.browse.question import Question
from services.kernel.errors import BadInput
from services.pricing.delivery import fee_alone
from services.settings import settings
from services.stores.queries import StoreCard
from services.stores.rules import data_credit

strawberry.enum(home.Opening, name="Opening", description="Whether the doors matter.")
strawberry.enum(rules.Order, name="WareOrder", description="What comes first among wares and their offers.")
strawberry.enum(rules.Field, name="MatchField", description="Where a word was found.")
strawberry.enum(words.How, name="MatchHow", description="How the word that was found comes from the word that was typed.")


# Longer words for a kitchen or a diet, longer waits and higher prices than these are nobody's.
_MARK = re.compile(r"[\w &'-]{1,40}")
_LONGEST_WAIT = 24 * 60
_HIGHEST = 100_000_000


def _marks(values: list[str] | None, field: str) -> list[str]:
    if any(not _MARK.fullmatch(value) for value in values or ()):
        raise BadInput("Words of at most 40 letters.", field=field)
    return values or []


def _bound(money: MoneyInput, field: str) -> int:
    minor = money.read(settings().fees.currency, field)
    if not 0 <= minor <= _HIGHEST:
        raise BadInput("An amount from nothing to a million.", field=field)
    return minor


def _minutes(minutes: int | None) -> int | None:
    if minutes is not None and not 1 <= minutes <= _LONGEST_WAIT:
        raise BadInput(f"1 to {_LONGEST_WAIT} minutes.", field="minutesAtMost")
    return minutes


@strawberry.input(description="Which stores Home shows; whatever is left out does not matter.")
class HomeInput:
    position: PositionInput
    at: datetime | None = strawberry.field(default=None, description="As they stand then; now without it.")
    kinds: list[StoreKind] | None = strawberry.field(default=None, description="The vertical: restaurants, groceries, shops.")
    cuisines: list[str] | None = strawberry.field(default=None, description="At least one of these.")
    diets: list[str] | None = strawberry.field(default=None, description="With a choice of goods for each of these.")
    price_levels: list[int] | None = strawberry.field(default=None, description="1 (cheap) to 4.")
    delivery_fee_at_most: MoneyInput | None = None
    minutes_at_most: int | None = strawberry.field(default=None, description="Until an order placed then is at the door.")
    rating_at_least: float | None = strawberry.field(
        default=None, description="1 to 5. No store has a rating before there are reviews, and one without passes no such wish."
    )
    opening: home.Opening = strawberry.field(
        default=home.Opening.ANY, description="OPEN: takes orders then. OPENS_LATER: within a day."
    )
    first: int = strawberry.field(default=20, description="1 to 100.")
    after: str | None = strawberry.field(default=None, description="The `endCursor` of the page before.")

    def read(self) -> home.Wish:
        """What is wished. Raises BadInput for what cannot be meant."""
        latitude, longitude = self.position.read("position")
        fee = self.delivery_fee_at_most
        return home.Wish(
            latitude=latitude,
            longitude=longitude,
            at=moment_asked(self.at),
            kinds=self.kinds or (),
            cuisines=[cuisine.lower() for cuisine in _marks(self.cuisines, "cuisines")],
            diets=_marks(self.diets, "diets"),
            price_levels=self.price_levels or (),
            fee_at_most=_bound(fee, "deliveryFeeAtMost") if fee else None,
            minutes_at_most=_minutes(self.minutes_at_most),
            rating_at_least=self.rating_at_least,
            opening=self.opening,
        )


@strawberry.input(description="What is looked for, where, and when.")
class QuestionInput:
    words: str = strawberry.field(description="In Finnish, Swedish, English, German or Spanish; 2 to 100 characters, 8 words.")
    position: PositionInput
    typing: bool = strawberry.field(default=False, description="Whether the last word may be the beginning of one.")
    at: datetime | None = strawberry.field(default=None, description="As it can be had then; now without it.")
    kinds: list[StoreKind] | None = strawberry.field(default=None, description="Only at these kinds of store.")
    diets: list[str] | None = strawberry.field(default=None, description="Only what is marked with each of these.")
    price_at_most: MoneyInput | None = None
    open_only: bool = strawberry.field(default=False, description="Only what can be had then.")

    def read(self) -> Question:
        """The question. Raises BadInput for what cannot be meant."""
        latitude, longitude = self.position.read("question.position")
        most = self.price_at_most
        return Question(
            words=self.words,
            latitude=latitude,
            longitude=longitude,
            at=moment_asked(self.at),
            typing=self.typing,
            kinds=self.kinds or (),
            diets=_marks(self.diets, "question.diets"),
            price_at_most=_bound(most, "question.priceAtMost") if most else None,
            open_only=self.open_only,
        )


@strawberry.input(description="A search over stores, dishes and articles.")
class SearchInput:
    question: QuestionInput
    first: int = strawberry.field(default=20, description="1 to 100.")
    after: str | None = strawberry.field(default=None, description="The `endCursor` of the page before.")


@strawberry.input(description="A virtual aisle: wares merged over all stores near.")
class BrowseInput:
    question: QuestionInput
    order: rules.Order = strawberry.field(
        default=rules.Order.BEST,
        description="A unit of the currency weighs two minutes in BEST. CHEAPEST is by the price for a kilogram or a litre where"
        " all offers of a ware tell one, else by the price.",
    )
    first: int = strawberry.field(default=20, description="1 to 100.")
    after: str | None = strawberry.field(default=None, description="The `endCursor` of the page before.")


@strawberry.input(description="One ware, at all stores near a point.")
class WareInput:
    ware_id: strawberry.ID
    position: PositionInput
    at: datetime | None = strawberry.field(default=None, description="As it can be had then; now without it.")
    order: rules.Order = rules.Order.BEST


def _fee(card: StoreCard, amount: int) -> Money:
    """A fee in the money of whoever asks it: the store, or the house."""
    return Money.minor(amount, card.currency if card.delivery_fees else settings().fees.currency)


def _store_at(near: rules.Near) -> Store:
    store = Store.of(near.card)
    store.distance_m = near.distance_m
    return store


@strawberry.type(description="A store as Home shows it.")
class HomeStore:
    store: Store
    promised_from: datetime = strawberry.field(description="When an order placed at the time asked about would be at the door.")
    promised_until: datetime
    delivery_fee: Money = strawberry.field(description="For goods of this store alone.")
    price_level: int | None = strawberry.field(description="1 (cheap) to 4; null for what sells nothing yet.")
    rating: float | None = strawberry.field(description="1 to 5; null until there are reviews.")

    @classmethod
    def of(cls, one: home.StoreAtHome) -> Self:
        near = one.near
        return cls(
            store=_store_at(near),
            promised_from=near.promised_from,
            promised_until=near.promised_until,
            delivery_fee=_fee(near.card, one.delivery_fee),
            price_level=one.price_level,
            rating=None,
        )


@strawberry.type(description="Whose goods they are.")
class OfferStore:
    id: strawberry.ID
    name: str
    kind: StoreKind
    partner_name: str = strawberry.field(description="The legal business that sells.")
    distance_m: int
    takes_orders: bool
    opens_at: datetime | None = strawberry.field(description="When one may order again; null while one may.")
    data_credit: str | None

    @classmethod
    def of(cls, card: StoreCard, distance_m: int) -> Self:
        return cls(
            id=opaque("Store", card.id),
            name=card.name,
            kind=StoreKind(card.kind),
            partner_name=card.partner_name,
            distance_m=distance_m,
            takes_orders=card.takes_orders,
            opens_at=card.opens_at,
            data_credit=data_credit(card.source_ref),
        )


async def delivery_fees_of(offers: "list[WareOffer]") -> list[Money]:
    """What bringing each of these offers alone costs."""
    house = settings().fees
    stores = [offer.near for offer in offers]
    return [_fee(near.card, fee_alone(near.card.delivery_fees, near.distance_m, house)) for near in stores]


@strawberry.type(description="A ware at one store.")
class WareOffer:
    item_id: strawberry.ID
    name: str = strawberry.field(description="As this store calls it.")
    store: OfferStore
    price: Money = strawberry.field(description="Of a piece, or of a step of weight.")
    unit_price: UnitPrice | None
    stock: int | None = strawberry.field(description="How many are left; null where nobody counts.")
    can_be_had: bool
    promised_from: datetime | None = strawberry.field(description="When it would be at the door; null where it cannot be had.")
    promised_until: datetime | None
    near: strawberry.Private[rules.Near]
    delivery_fee: Money = batch(delivery_fees_of, description="For goods of this store alone; nothing of it is in the price.")

    @classmethod
    def of(cls, one: rules.Offer) -> Self:
        item, near = one.item, one.near
        return cls(
            item_id=opaque("Item", item.id),
            name=item.name,
            store=OfferStore.of(near.card, near.distance_m),
            price=Money.minor(one.price, item.currency),
            unit_price=UnitPrice.of(item.unit_price, item.currency) if item.unit_price else None,
            stock=item.stock,
            can_be_had=one.can_be_had,
            promised_from=near.promised_from if one.can_be_had else None,
            promised_until=near.promised_until if one.can_be_had else None,
            near=near,
        )


@strawberry.type(
    description="One dish or article, whoever sells it: by its barcode, else by name and size, a dish by name and cuisine."
)
class Ware:
    id: strawberry.ID
    name: str
    gtin: str | None
    brand: str | None
    size_text: str | None
    offers: list[WareOffer] = strawberry.field(
        description="The first twenty, in the order asked for; what can be had comes first."
    )
    offer_count: int

    @classmethod
    def of(cls, ware: rules.Ware) -> Self:
        return cls(
            id=opaque("Ware", ware.id),
            name=ware.name,
            gtin=ware.gtin,
            brand=ware.brand,
            size_text=ware.size_text,
            offers=[WareOffer.of(one) for one in ware.offers],
            offer_count=ware.count,
        )


@strawberry.type(description="Why something was found.")
class SearchMatch:
    typed: str
    word: str = strawberry.field(description="The word that answers what was typed, in plain letters.")
    field: rules.Field
    how: words.How


@strawberry.type(description="A store or a ware that was found, and why; one of the two is not null.")
class SearchHit:
    store: Store | None
    ware: Ware | None
    matches: list[SearchMatch]

    @classmethod
    def of(cls, hit: queries.Hit) -> Self:
        near = hit.store
        return cls(
            store=_store_at(near) if near else None,
            ware=Ware.of(hit.ware) if hit.ware else None,
            matches=[SearchMatch(typed=one.typed, word=one.word, field=one.field, how=one.how) for one in hit.matches],
        )
