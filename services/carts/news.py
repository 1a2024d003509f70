"""A cart that is looked at: as it is, again after its person changed it, and as soon as a store in it sells otherwise."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from services.carts.queries import cart_of
from services.carts.views import CartView
from services.kernel import nudges
from services.kernel.actors import Consumer
from services.kernel.watching import Watch
from services.stores.versions import current_versions

_carts = Watch("SELECT consumer_id AS id, version FROM carts WHERE state = 'OPEN' AND consumer_id = ANY($1)", "cart:")
_stores = Watch("SELECT id, version FROM stores WHERE id = ANY($1)", "store:")


async def news_of_cart(consumer: Consumer) -> AsyncGenerator[CartView | None, None]:
    """The consumer's cart at once and whenever it is another; None while there is none.

    What its person does on another phone and what a store changes is told within two seconds, whether nudges come or not.
    """
    stores: frozenset[UUID] = frozenset()
    told: list[CartView | None] = []
    while True:
        async with _carts.on([consumer.person_id]), _stores.on(stores), aclosing(_changes(consumer.person_id, stores)) as changes:
            async for _ in changes:
                cart = await cart_of(consumer)
                if (present := _stores_of(cart)) != stores:
                    # Nothing is told before its stores are watched: what they change meanwhile would be missed.
                    stores = present
                    break
                if [cart] != told:
                    told = [cart]
                    yield cart


async def _changes(person_id: UUID, stores: frozenset[UUID]) -> AsyncGenerator[None, None]:
    """At once, and after every nudge behind which there is something: a store is nudged for its orders too."""
    seen: dict[UUID, int] = {}
    own = f"cart:{person_id}"
    async with aclosing(nudges.listen(own, *(f"store:{store_id}" for store_id in stores))) as nudged:
        async for names in nudged:
            versions = await current_versions(stores)
            if versions != seen or not names or own in names:
                seen = versions
                yield


def _stores_of(cart: CartView | None) -> frozenset[UUID]:
    return frozenset(basket.store.id for basket in cart.baskets) if cart else frozenset()
