"""Carts and quotes as a consumer sees them."""

from datetime import datetime
from typing import Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.money import Money, MoneyInput
from api.schema.shared.places import Address, AddressInput
from services.carts.quotes import Quote as QuoteFacts
from services.carts.quotes import QuotedBasket, QuotedLine, QuotedOption
from services.carts.views import BasketView, CartView, LineView, OptionView
from services.pricing.rules import TaxPart
from services.settings import settings


@strawberry.type(description="A choice on the goods of a line.")
class ChosenOption:
    id: strawberry.ID
    name: str
    price: Money = strawberry.field(description="What the store asks for it; some choices of a group may be free.")

    @classmethod
    def of(cls, option: OptionView | QuotedOption, currency: str) -> Self:
        return cls(id=opaque("Option", option.id), name=option.name, price=Money.minor(option.price, currency))


@strawberry.type(description="So many pieces of one item with the same choices.")
class CartLine:
    id: strawberry.ID
    item_id: strawberry.ID
    name: str
    quantity: int
    grams: int | None = strawberry.field(description="What one of the quantity weighs, where it is priced by weight; else null.")
    note: str
    options: list[ChosenOption]
    unit_price: Money = strawberry.field(description="One piece with its choices.")
    total: Money
    available: bool = strawberry.field(description="Whether so many can be had now.")

    @classmethod
    def of(cls, line: LineView) -> Self:
        return cls(
            id=opaque("CartLine", line.id),
            item_id=opaque("Item", line.item_id),
            name=line.name,
            quantity=line.quantity,
            grams=line.grams,
            note=line.note,
            options=[ChosenOption.of(option, line.currency) for option in line.options],
            unit_price=Money.minor(line.unit_price, line.currency),
            total=Money.minor(line.total, line.currency),
            available=line.is_available,
        )


@strawberry.type(description="Whose goods they are.")
class BasketStore:
    id: strawberry.ID
    name: str


@strawberry.type(description="The part of a cart that one store will fill.")
class Basket:
    store: BasketStore
    lines: list[CartLine]
    goods: Money = strawberry.field(description="The sum of the lines, before fees.")

    @classmethod
    def of(cls, basket: BasketView) -> Self:
        return cls(
            store=BasketStore(id=opaque("Store", basket.store.id), name=basket.store.name),
            lines=[CartLine.of(line) for line in basket.lines],
            goods=Money.minor(basket.goods, basket.currency),
        )


@strawberry.type(description="What a consumer means to buy, at any number of stores, at present prices.")
class Cart:
    id: strawberry.ID
    address: Address | None
    tip: Money = strawberry.field(description="All of it is the courier's.")
    baskets: list[Basket]
    goods: Money = strawberry.field(description="The sum of all baskets, before fees.")
    updated_at: datetime
    expires_at: datetime = strawberry.field(description="When the cart is let go unless it is touched.")

    @classmethod
    def of(cls, cart: CartView) -> Self:
        currency = settings().fees.currency
        return cls(
            id=opaque("Cart", cart.id),
            address=Address.of(cart.address) if cart.address else None,
            tip=Money.minor(cart.tip, currency),
            baskets=[Basket.of(basket) for basket in cart.baskets],
            goods=Money.minor(cart.goods, cart.baskets[0].currency if cart.baskets else currency),
            updated_at=cart.updated_at,
            expires_at=cart.expires_at,
        )


@strawberry.type(description="What is paid at one rate of tax, and the tax within it.")
class TaxShare:
    percent: str = strawberry.field(description='The rate as decimal text, such as "13.5".')
    gross: Money
    tax: Money

    @classmethod
    def of(cls, part: TaxPart, currency: str) -> Self:
        rate = f"{part.basis_points / 100:.2f}".rstrip("0").rstrip(".")
        return cls(percent=rate, gross=Money.minor(part.gross, currency), tax=Money.minor(part.tax, currency))


@strawberry.type(description="A line at the price it was promised.")
class QuoteLine:
    item_id: strawberry.ID
    name: str
    quantity: int
    grams: int | None = strawberry.field(description="What one of the quantity weighs, where it is priced by weight; else null.")
    note: str
    options: list[ChosenOption]
    unit_price: Money
    total: Money

    @classmethod
    def of(cls, line: QuotedLine, currency: str) -> Self:
        return cls(
            item_id=opaque("Item", line.item_id),
            name=line.name,
            quantity=line.quantity,
            grams=line.grams,
            note=line.note,
            options=[ChosenOption.of(option, currency) for option in line.options],
            unit_price=Money.minor(line.unit_price, currency),
            total=Money.minor(line.total, currency),
        )


@strawberry.type(description="One store's part of a quote: its goods, and its share of the fees and the tip.")
class QuoteBasket:
    store: BasketStore
    lines: list[QuoteLine]
    goods: Money
    fees: Money
    tip: Money
    tax: Money = strawberry.field(description="The tax within goods and fees.")
    total: Money

    @classmethod
    def of(cls, basket: QuotedBasket, currency: str) -> Self:
        return cls(
            store=BasketStore(id=opaque("Store", basket.store_id), name=basket.store_name),
            lines=[QuoteLine.of(line, currency) for line in basket.lines],
            goods=Money.minor(basket.goods, currency),
            fees=Money.minor(basket.fees, currency),
            tip=Money.minor(basket.tip, currency),
            tax=Money.minor(basket.tax, currency),
            total=Money.minor(basket.total, currency),
        )


@strawberry.type(description="The priced cart with its promised window: frozen until it expires, and what checkout asks for.")
class Quote:
    id: strawberry.ID
    address: Address
    baskets: list[QuoteBasket]
    goods: Money
    delivery_fee: Money
    service_fee: Money
    small_basket_fee: Money
    tip: Money
    tax: Money = strawberry.field(description="The tax within goods and fees.")
    taxes: list[TaxShare]
    total: Money
    promised_from: datetime
    promised_until: datetime
    expires_at: datetime

    @classmethod
    def of(cls, quote: QuoteFacts) -> Self:
        priced, currency = quote.priced, quote.currency
        return cls(
            id=opaque("Quote", quote.id),
            address=Address.of(quote.address),
            baskets=[QuoteBasket.of(basket, currency) for basket in quote.baskets],
            goods=Money.minor(priced.goods, currency),
            delivery_fee=Money.minor(priced.delivery_fee, currency),
            service_fee=Money.minor(priced.service_fee, currency),
            small_basket_fee=Money.minor(priced.small_basket_fee, currency),
            tip=Money.minor(priced.tip, currency),
            tax=Money.minor(priced.tax, currency),
            taxes=[TaxShare.of(part, currency) for part in priced.taxes],
            total=Money.minor(priced.total, currency),
            promised_from=quote.promised_from,
            promised_until=quote.promised_until,
            expires_at=quote.expires_at,
        )


@strawberry.input(description="Goods to put into the cart.")
class AddCartLineInput:
    item_id: strawberry.ID
    quantity: int = 1
    option_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    note: str = ""
    key: str | None = strawberry.field(
        default=None, description="Chosen anew for each tap: said again with it, the goods are put in once."
    )


@strawberry.input(description="How many pieces a line shall hold.")
class ChangeCartLineInput:
    line_id: strawberry.ID
    quantity: int


@strawberry.input(description="The line to take out.")
class RemoveCartLineInput:
    line_id: strawberry.ID


@strawberry.input(description="Where the cart goes.")
class SetCartAddressInput:
    address: AddressInput


@strawberry.input(description="What the courier gets on top; 0 takes it back.")
class SetCartTipInput:
    tip: MoneyInput
