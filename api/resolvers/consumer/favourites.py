"""Favourites and the same again: what a consumer can ask of them."""

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.carts import Cart
from api.schema.consumer.favourites import (
    AddFavouriteItemResult,
    AddFavouriteItemSuccess,
    AddFavouriteStoreResult,
    AddFavouriteStoreSuccess,
    FavouriteItem,
    FavouriteItemInput,
    FavouriteStoreInput,
    OrderAgainInput,
    OrderAgainLine,
    OrderAgainResult,
    OrderAgainSuccess,
    RemoveFavouriteItemResult,
    RemoveFavouriteItemSuccess,
    RemoveFavouriteStoreResult,
    RemoveFavouriteStoreSuccess,
)
from api.schema.consumer.stores import Store
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from services.browse import favourites
from services.kernel.clock import now
from services.kernel.paging import PageRequest
from services.orders.again import order_again


@strawberry.type
class FavouriteQueries:
    @strawberry.field(description="The stores that the consumer likes, the newest favourite first.")
    async def favourite_stores(self, info: ConsumerInfo, first: int = 20, after: str | None = None) -> Connection[Store]:
        found = await favourites.favourite_stores(info.context.actor, PageRequest(first, after), at=now())
        return Connection[Store].of(found, Store.of, after=after)

    @strawberry.field(
        description="The items that the consumer likes, the newest favourite first; those that left their menu, too."
    )
    async def favourite_items(self, info: ConsumerInfo, first: int = 20, after: str | None = None) -> Connection[FavouriteItem]:
        found = await favourites.favourite_items(info.context.actor, PageRequest(first, after), at=now())
        return Connection[FavouriteItem].of(found, FavouriteItem.of, after=after)


@strawberry.type
class FavouriteMutations:
    @strawberry.mutation(description="Keep a store among the favourites.")
    async def add_favourite_store(self, info: ConsumerInfo, input: FavouriteStoreInput) -> AddFavouriteStoreResult:
        await favourites.add_favourite_store(info.context.actor, read_opaque("Store", input.store_id, "storeId"))
        return AddFavouriteStoreSuccess(store_id=input.store_id)

    @strawberry.mutation(description="Like a store no more.")
    async def remove_favourite_store(self, info: ConsumerInfo, input: FavouriteStoreInput) -> RemoveFavouriteStoreResult:
        await favourites.remove_favourite_store(info.context.actor, read_opaque("Store", input.store_id, "storeId"))
        return RemoveFavouriteStoreSuccess(store_id=input.store_id)

    @strawberry.mutation(description="Keep an item among the favourites.")
    async def add_favourite_item(self, info: ConsumerInfo, input: FavouriteItemInput) -> AddFavouriteItemResult:
        await favourites.add_favourite_item(info.context.actor, read_opaque("Item", input.item_id, "itemId"))
        return AddFavouriteItemSuccess(item_id=input.item_id)

    @strawberry.mutation(description="Like an item no more.")
    async def remove_favourite_item(self, info: ConsumerInfo, input: FavouriteItemInput) -> RemoveFavouriteItemResult:
        await favourites.remove_favourite_item(info.context.actor, read_opaque("Item", input.item_id, "itemId"))
        return RemoveFavouriteItemSuccess(item_id=input.item_id)

    @strawberry.mutation(
        description="Put what is still possible of a purchase into the cart, and tell line by line what changed."
    )
    async def order_again(self, info: ConsumerInfo, input: OrderAgainInput) -> OrderAgainResult:
        actor, purchase_id = info.context.actor, read_opaque("Purchase", input.purchase_id, "purchaseId")
        done = await order_again(actor, purchase_id, key=input.key)
        cart = Cart.of(done.cart) if done.cart else None
        return OrderAgainSuccess(cart=cart, lines=[OrderAgainLine.of(line) for line in done.lines])
