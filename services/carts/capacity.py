"""Whether the stores of a cart take on what it holds, for the time at which it is promised."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.carts.quotes import Prices, QuotedBasket
from services.stores.operations import check_slot
from services.stores.queries import StoreCard
from services.stores.rules import is_limited, slot_of
from services.stores.slots import slots_taken

Stores = Mapping[UUID, StoreCard]


def ready_for(basket: QuotedBasket, promised_from: datetime) -> datetime:
    """When a store's goods have to be ready, so that they come within the promised window."""
    return promised_from - timedelta(seconds=basket.travel_seconds)


async def check_capacity(prices: Prices, stores: Stores, promised_from: datetime) -> None:
    """Raises StoreAtCapacity, naming the first store that has taken on what it can; stores without a capacity cost nothing."""
    ready = {
        basket.store_id: ready_for(basket, promised_from) for basket in prices.baskets if is_limited(stores[basket.store_id])
    }
    if not ready:
        return
    taken = await slots_taken({store_id: slot_of(at) for store_id, at in ready.items()})
    for basket in prices.baskets:
        if basket.store_id in ready:
            check_slot(stores[basket.store_id], taken[basket.store_id], ready[basket.store_id], basket.goods)
