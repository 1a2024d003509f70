"""Carts for tests: filled, addressed and quoted through the operations that the app uses."""

from dataclasses import dataclass

from services.carts import operations
from services.carts.quotes import Quote
from services.carts.views import CartView
from services.catalog.rules import ItemForSale
from services.kernel.actors import Consumer
from services.kernel.database import rows
from services.kernel.places import Address
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer

# About 430 m from the railway square by straight line.
DOOR = Address(60.1675, 24.9427, "Aleksanterinkatu 52", "Helsinki", "00100", "Ring twice")
FAR_AWAY = Address(61.4978, 23.7610, "Hämeenkatu 1", "Tampere", "33100")


@dataclass(frozen=True)
class ReadyCart:
    """A cart that can be quoted, whose it is, and what is in it."""

    consumer: Consumer
    items: tuple[ItemForSale, ...]
    cart: CartView


async def make_cart(
    *items: ItemForSale, consumer: Consumer | None = None, quantity: int = 1, address: Address | None = DOOR, tip: int = 0
) -> ReadyCart:
    """A cart with these items (two items of two stores, if none are given), going to a door in the city's centre."""
    owner = consumer or await make_consumer()
    goods = items or (await make_item(price=1_500), await make_item(price=2_000))
    for item in goods:
        await operations.add_line(owner, item.id, quantity)
    if address:
        await operations.set_address(owner, address)
    return ReadyCart(owner, goods, await operations.set_tip(owner, tip))


async def make_quote(
    *items: ItemForSale, consumer: Consumer | None = None, quantity: int = 1, tip: int = 0
) -> tuple[Consumer, Quote]:
    """A signed quote of such a cart, and whose it is."""
    ready = await make_cart(*items, consumer=consumer, quantity=quantity, tip=tip)
    return ready.consumer, await operations.quote_cart(ready.consumer)


async def picture() -> list[str]:
    """All that carts keep, as text: equal before and after means that nothing changed."""
    found = await rows(
        "SELECT c::text FROM carts c UNION ALL SELECT l::text FROM cart_lines l UNION ALL SELECT q::text FROM quotes q ORDER BY 1"
    )
    return [record[0] for record in found]
