"""What a consumer likes, and the same again: nouns, inputs, and the unions of what may come of it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.consumer.carts import Cart
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem
from services.browse import favourites
from services.catalog.rules import available_at
from services.orders import again

strawberry.enum(again.AgainChange, name="OrderAgainChange", description="What is not as it was when it was bought.")


@strawberry.type(description="An item that the consumer likes, perhaps gone from its menu meanwhile.")
class FavouriteItem:
    item_id: strawberry.ID
    name: str
    price: Money
    is_on_menu: bool
    is_available: bool
    store_id: strawberry.ID
    store_name: str
    partner_name: str = strawberry.field(description="The legal business that sells.")

    @classmethod
    def of(cls, like: favourites.FavouriteItem) -> Self:
        item, store = like.item, like.store
        return cls(
            item_id=opaque("Item", item.id),
            name=item.name,
            price=Money.minor(item.price_of_one, item.currency),
            is_on_menu=item.removed_at is None,
            is_available=available_at(item, store.read_at),
            store_id=opaque("Store", store.id),
            store_name=store.name,
            partner_name=store.partner_name,
        )


@strawberry.input(description="Which store.")
class FavouriteStoreInput:
    store_id: strawberry.ID


@strawberry.input(description="Which item.")
class FavouriteItemInput:
    item_id: strawberry.ID


@strawberry.input(description="Buy the same again.")
class OrderAgainInput:
    purchase_id: strawberry.ID
    key: str = strawberry.field(description="The phone's own name for this intention; said again with it, it is done once.")


@strawberry.type
class _FavouriteStore:
    store_id: strawberry.ID


@strawberry.type
class _LikedItem:
    item_id: strawberry.ID


@strawberry.type(description="The store is among the favourites.")
class AddFavouriteStoreSuccess(_FavouriteStore):
    pass


@strawberry.type(description="The store is not among the favourites.")
class RemoveFavouriteStoreSuccess(_FavouriteStore):
    pass


@strawberry.type(description="The item is among the favourites.")
class AddFavouriteItemSuccess(_LikedItem):
    pass


@strawberry.type(description="The item is not among the favourites.")
class RemoveFavouriteItemSuccess(_LikedItem):
    pass


@strawberry.type(description="A line as it was bought, how many of it are in the cart now, and what changed since.")
class OrderAgainLine:
    item_id: strawberry.ID
    name: str
    store_name: str
    quantity: int
    quantity_put: int
    unit_price: Money = strawberry.field(description="As it was bought.")
    unit_price_now: Money | None = strawberry.field(description="Null where none of it came into the cart.")
    changes: list[again.AgainChange] = strawberry.field(description="Empty where all is as it was.")
    opens_at: datetime | None = strawberry.field(description="When a store that is closed takes orders again.")

    @classmethod
    def of(cls, line: again.AgainLine) -> Self:
        return cls(
            item_id=opaque("Item", line.item_id),
            name=line.name,
            store_name=line.store_name,
            quantity=line.quantity,
            quantity_put=line.quantity_put,
            unit_price=Money.minor(line.unit_price, line.currency),
            unit_price_now=None if line.unit_price_now is None else Money.minor(line.unit_price_now, line.currency),
            changes=list(line.changes),
            opens_at=line.opens_at,
        )


@strawberry.type(description="What is still possible is in the cart.")
class OrderAgainSuccess:
    cart: Cart | None = strawberry.field(description="Null where nothing could be put and there was no cart.")
    lines: list[OrderAgainLine]


AddFavouriteStoreResult = Annotated[
    AddFavouriteStoreSuccess, strawberry.union("AddFavouriteStoreResult", description="What came of liking a store.")
]
RemoveFavouriteStoreResult = Annotated[
    RemoveFavouriteStoreSuccess,
    strawberry.union("RemoveFavouriteStoreResult", description="What came of liking a store no more."),
]
AddFavouriteItemResult = Annotated[
    AddFavouriteItemSuccess, strawberry.union("AddFavouriteItemResult", description="What came of liking an item.")
]
RemoveFavouriteItemResult = Annotated[
    RemoveFavouriteItemSuccess,
    strawberry.union("RemoveFavouriteItemResult", description="What came of liking an item no more."),
]
OrderAgainResult = Annotated[
    OrderAgainSuccess | KeyReusedProblem | OperationInProgressProblem,
    strawberry.union("OrderAgainResult", description="What came of buying the same again."),
]
