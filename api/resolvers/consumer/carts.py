"""Carts: what a consumer can ask of them."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.cart_results import (
    AddCartLineResult,
    AddCartLineSuccess,
    ChangeCartLineResult,
    ChangeCartLineSuccess,
    QuoteCartResult,
    QuoteCartSuccess,
    RemoveCartLineResult,
    RemoveCartLineSuccess,
    SetCartAddressResult,
    SetCartAddressSuccess,
    SetCartTipResult,
    SetCartTipSuccess,
)
from api.schema.consumer.carts import (
    AddCartLineInput,
    Cart,
    ChangeCartLineInput,
    Quote,
    RemoveCartLineInput,
    SetCartAddressInput,
    SetCartTipInput,
)
from api.schema.shared.ids import read_opaque
from services.carts import operations, queries
from services.carts.news import news_of_cart
from services.carts.repeating import add_line_once
from services.kernel.places import Address
from services.orders import daily
from services.settings import settings


@strawberry.type
class CartQueries:
    @strawberry.field(description="The open cart; null before anything was put in it.")
    async def cart(self, info: ConsumerInfo) -> Cart | None:
        found = await queries.cart_of(info.context.actor)
        return Cart.of(found) if found else None


@strawberry.type
class CartMutations:
    @strawberry.mutation(description="Put goods into the cart, beside what is there from other stores.")
    async def add_cart_line(self, info: ConsumerInfo, input: AddCartLineInput) -> AddCartLineResult:
        actor, item_id = info.context.actor, read_opaque("Item", input.item_id, "itemId")
        option_ids = [read_opaque("Option", option_id, "optionIds") for option_id in input.option_ids]
        if input.key is None:
            cart = await operations.add_line(actor, item_id, input.quantity, option_ids, input.note)
        else:
            cart = await add_line_once(actor, item_id, input.quantity, option_ids, input.note, key=input.key)
        return AddCartLineSuccess(cart=Cart.of(cart))

    @strawberry.mutation(description="Let a line hold so many pieces.")
    async def change_cart_line(self, info: ConsumerInfo, input: ChangeCartLineInput) -> ChangeCartLineResult:
        actor, line_id = info.context.actor, read_opaque("CartLine", input.line_id, "lineId")
        return ChangeCartLineSuccess(cart=Cart.of(await operations.change_line(actor, line_id, input.quantity)))

    @strawberry.mutation(description="Take a line out of the cart.")
    async def remove_cart_line(self, info: ConsumerInfo, input: RemoveCartLineInput) -> RemoveCartLineResult:
        actor, line_id = info.context.actor, read_opaque("CartLine", input.line_id, "lineId")
        return RemoveCartLineSuccess(cart=Cart.of(await operations.remove_line(actor, line_id)))

    @strawberry.mutation(description="Say where the cart goes; the quote tells whether every store reaches it.")
    async def set_cart_address(self, info: ConsumerInfo, input: SetCartAddressInput) -> SetCartAddressResult:
        actor, address = info.context.actor, Address(**input.address.read())
        return SetCartAddressSuccess(cart=Cart.of(await operations.set_address(actor, address)))

    @strawberry.mutation(description="Say what the courier gets on top.")
    async def set_cart_tip(self, info: ConsumerInfo, input: SetCartTipInput) -> SetCartTipResult:
        actor, tip = info.context.actor, input.tip.read(settings().fees.currency, "tip")
        return SetCartTipSuccess(cart=Cart.of(await operations.set_tip(actor, tip)))

    @strawberry.mutation(description="Price the cart and freeze the price with a promised window, for ten minutes.")
    async def quote_cart(self, info: ConsumerInfo) -> QuoteCartResult:
        return QuoteCartSuccess(quote=Quote.of(await daily.quote_cart(info.context.actor)))


@strawberry.type
class CartSubscriptions:
    @strawberry.subscription(
        description="The open cart at once and whenever it is another, also when a store in it sells otherwise; null before any."
    )
    async def cart_changed(self, info: ConsumerInfo) -> AsyncIterator[Cart | None]:
        async with aclosing(news_of_cart(info.context.actor)) as news:
            async for cart in news:
                yield Cart.of(cart) if cart else None
