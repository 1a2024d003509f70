"""What the verbs of carts answer: successes, problems, and the unions of both."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.consumer.carts import BasketStore, Cart, Quote
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from services.carts import errors
from services.catalog.errors import ChoicesNotAllowed, OptionSoldOut
from services.stores.errors import StoreAtCapacity


@strawberry.type(description="The goods are in the cart.")
class AddCartLineSuccess:
    cart: Cart


@strawberry.type(description="The line holds as many pieces as said.")
class ChangeCartLineSuccess:
    cart: Cart


@strawberry.type(description="The line is gone.")
class RemoveCartLineSuccess:
    cart: Cart


@strawberry.type(description="The cart goes there.")
class SetCartAddressSuccess:
    cart: Cart


@strawberry.type(description="The tip is kept.")
class SetCartTipSuccess:
    cart: Cart


@strawberry.type(description="The cart is priced, and the price holds until the quote expires.")
class QuoteCartSuccess:
    quote: Quote


@strawberry.type(description="A line cannot hold so many pieces, or so few.")
class QuantityNotAllowedProblem(Problem):
    quantity: int
    most: int

    @classmethod
    def of(cls, refusal: errors.QuantityNotAllowed) -> Self:
        return cls(message=str(refusal), quantity=refusal.quantity, most=refusal.most)


@strawberry.type(description="The cart holds as many lines as a cart may.")
class CartFullProblem(Problem):
    most: int

    @classmethod
    def of(cls, refusal: errors.CartFull) -> Self:
        return cls(message=str(refusal), most=refusal.most)


@strawberry.type(description="The options chosen on an item break the rule of a group, or are not offered there.")
class ChoicesNotAllowedProblem(Problem):
    item_id: strawberry.ID
    group: str | None = strawberry.field(
        description="The group whose rule is broken; null where an option is not offered on the item."
    )
    minimum: int
    maximum: int
    chosen: int

    @classmethod
    def of(cls, refusal: ChoicesNotAllowed) -> Self:
        return cls(
            message=str(refusal),
            item_id=opaque("Item", refusal.item_id),
            group=refusal.group or None,
            minimum=refusal.minimum,
            maximum=refusal.maximum,
            chosen=refusal.chosen,
        )


@strawberry.type(description="A chosen option cannot be had now.")
class OptionSoldOutProblem(Problem):
    item_id: strawberry.ID
    option_id: strawberry.ID
    name: str

    @classmethod
    def of(cls, refusal: OptionSoldOut) -> Self:
        ids = {"item_id": opaque("Item", refusal.item_id), "option_id": opaque("Option", refusal.option_id)}
        return cls(message=str(refusal), name=refusal.name, **ids)


@strawberry.type(description="Goods that cannot be had as wanted.")
class Shortage:
    item_id: strawberry.ID
    name: str
    left: int | None = strawberry.field(description="How many remain; null where the item is not for sale now.")


@strawberry.type(description="Some goods are sold out, not for sale now, or fewer than wanted.")
class ItemNotAvailableProblem(Problem):
    shortages: list[Shortage]

    @classmethod
    def of(cls, refusal: errors.ItemNotAvailable) -> Self:
        shortages = [Shortage(item_id=opaque("Item", one.item_id), name=one.name, left=one.left) for one in refusal.shortages]
        return cls(message=str(refusal), shortages=shortages)


@strawberry.type(description="All goods of a cart are in one currency.")
class CurrencyNotAllowedProblem(Problem):
    currency: str
    expected: str

    @classmethod
    def of(cls, refusal: errors.CurrencyNotAllowed) -> Self:
        return cls(message=str(refusal), currency=refusal.currency, expected=refusal.expected)


@strawberry.type(description="A tip is not negative, and not beyond an upper bound.")
class TipNotAllowedProblem(Problem):
    highest: Money

    @classmethod
    def of(cls, refusal: errors.TipNotAllowed) -> Self:
        return cls(message=str(refusal), highest=Money.minor(refusal.most, refusal.currency))


@strawberry.type(description="There is nothing in the cart.")
class CartEmptyProblem(Problem):
    pass


@strawberry.type(description="Nobody said where to deliver.")
class AddressMissingProblem(Problem):
    pass


@strawberry.type(description="A store of the cart takes no orders now.")
class StoreClosedProblem(Problem):
    store: BasketStore
    opens_at: datetime | None = strawberry.field(description="When it takes orders again; null where nobody can tell.")

    @classmethod
    def of(cls, refusal: errors.StoreClosed) -> Self:
        store = BasketStore(id=opaque("Store", refusal.store_id), name=refusal.name)
        return cls(message=str(refusal), store=store, opens_at=refusal.opens_at)


@strawberry.type(description="A store of the cart has taken on what it can for the time that would be promised.")
class StoreAtCapacityProblem(Problem):
    store: BasketStore
    slot: datetime = strawberry.field(description="The quarter of an hour, by its beginning, in which the goods would be ready.")
    next_slot: datetime | None = strawberry.field(description="The next one with room; null where there is none within a day.")

    @classmethod
    def of(cls, refusal: StoreAtCapacity) -> Self:
        store = BasketStore(id=opaque("Store", refusal.store_id), name=refusal.name)
        return cls(message=str(refusal), store=store, slot=refusal.slot, next_slot=refusal.next_slot)


@strawberry.type(
    description="A store of the cart does not deliver to the address: it lies beyond the store's circle, or outside its area."
)
class AddressOutOfReachProblem(Problem):
    store: BasketStore
    reach_metres: int = strawberry.field(
        description="Of the circle in which the store delivers; where it has drawn an area, of a circle around that area."
    )
    distance_metres: int = strawberry.field(
        description="From the store to the address; an address outside of an area that is drawn may well be within the circle."
    )
    area_is_drawn: bool = strawberry.field(
        description="Whether the store delivers within an area that it has drawn, not in a circle: then do not speak of metres."
    )

    @classmethod
    def of(cls, refusal: errors.AddressOutOfReach) -> Self:
        store = BasketStore(id=opaque("Store", refusal.store_id), name=refusal.name)
        return cls(
            message=str(refusal),
            store=store,
            reach_metres=refusal.reach_m,
            distance_metres=refusal.distance_m,
            area_is_drawn=refusal.area_is_drawn,
        )


@strawberry.type(description="A store asks for more goods before it fills a basket.")
class BasketBelowMinimumProblem(Problem):
    store: BasketStore
    goods: Money
    minimum_goods: Money

    @classmethod
    def of(cls, refusal: errors.BasketBelowMinimum) -> Self:
        store = BasketStore(id=opaque("Store", refusal.store_id), name=refusal.name)
        goods, minimum = (Money.minor(amount, refusal.currency) for amount in (refusal.goods, refusal.minimum))
        return cls(message=str(refusal), store=store, goods=goods, minimum_goods=minimum)


@strawberry.type(description="The quote is no longer good: its time is over, or it was used. Ask for a new one.")
class QuoteExpiredProblem(Problem):
    expired_at: datetime

    @classmethod
    def of(cls, refusal: errors.QuoteExpired) -> Self:
        return cls(message=str(refusal), expired_at=refusal.expired_at)


@strawberry.type(description="How a line differs from the quote.")
class QuoteChange:
    item_id: strawberry.ID
    name: str
    kind: str = strawberry.field(description="ADDED, REMOVED, QUANTITY or PRICE; more may come.")
    quoted: Money | None
    present: Money | None


@strawberry.type(description="The cart or its prices changed since the quote. Show what changed, and ask for a new one.")
class QuoteOutdatedProblem(Problem):
    changes: list[QuoteChange] = strawberry.field(description="Empty where only a fee, the tip or the address changed.")
    quoted_total: Money
    present_total: Money

    @classmethod
    def of(cls, refusal: errors.QuoteOutdated) -> Self:
        return cls(
            message=str(refusal),
            changes=[_change(change, refusal.currency) for change in refusal.changes],
            quoted_total=Money.minor(refusal.quoted_total, refusal.currency),
            present_total=Money.minor(refusal.present_total, refusal.currency),
        )


def _change(change: errors.LineChange, currency: str) -> QuoteChange:
    quoted, present = (None if amount is None else Money.minor(amount, currency) for amount in (change.quoted, change.present))
    return QuoteChange(item_id=opaque("Item", change.item_id), name=change.name, kind=change.kind, quoted=quoted, present=present)


AddCartLineResult = Annotated[
    AddCartLineSuccess
    | QuantityNotAllowedProblem
    | CartFullProblem
    | ChoicesNotAllowedProblem
    | OptionSoldOutProblem
    | ItemNotAvailableProblem
    | CurrencyNotAllowedProblem
    | KeyReusedProblem
    | OperationInProgressProblem,
    strawberry.union("AddCartLineResult", description="What came of putting goods into the cart."),
]
ChangeCartLineResult = Annotated[
    ChangeCartLineSuccess | QuantityNotAllowedProblem,
    strawberry.union("ChangeCartLineResult", description="What came of changing a quantity."),
]
RemoveCartLineResult = Annotated[
    RemoveCartLineSuccess, strawberry.union("RemoveCartLineResult", description="What came of taking a line out.")
]
SetCartAddressResult = Annotated[
    SetCartAddressSuccess, strawberry.union("SetCartAddressResult", description="What came of saying where the cart goes.")
]
SetCartTipResult = Annotated[
    SetCartTipSuccess | TipNotAllowedProblem,
    strawberry.union("SetCartTipResult", description="What came of saying the tip."),
]
QuoteCartResult = Annotated[
    QuoteCartSuccess
    | CartEmptyProblem
    | AddressMissingProblem
    | ItemNotAvailableProblem
    | ChoicesNotAllowedProblem
    | OptionSoldOutProblem
    | StoreClosedProblem
    | AddressOutOfReachProblem
    | BasketBelowMinimumProblem
    | CurrencyNotAllowedProblem
    | StoreAtCapacityProblem,
    strawberry.union("QuoteCartResult", description="What came of asking for a price."),
]
