"""What a store asks for bringing its goods, where it is not what the house asks."""

from services.kernel.actors import StoreStaff
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from services.stores import rules
from services.stores.errors import DeliveryFeesChanged, DeliveryFeesNotAllowed
from services.stores.events import StoreDeliveryFeesChanged
from services.stores.operations.changing import change, must_be_allowed
from services.stores.operations.taking import HIGHEST_AMOUNT
from services.stores.queries import StoreCard, lock_store, store


async def change_delivery_fees(staff: StoreStaff, fees: rules.DeliveryFees | None, *, tag: str | None = None) -> StoreCard:
    """Bringing goods costs this from now on, or as the house asks with None; the same again changes nothing.

    With the tag of what the caller saw last, somebody else's change meanwhile is never written over; orders that were made keep
    what they were asked. Raises DeliveryFeesNotAllowed, DeliveryFeesChanged, Forbidden.
    """
    must_be_allowed(staff, "change_delivery_fees")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        kept = _checked(card, fees)
        if card.delivery_fees == kept:
            return card
        if tag is not None and tag != rules.fees_tag(card.delivery_fees):
            raise DeliveryFeesChanged(card.delivery_fees, card.currency)
        await change(card.id, delivery_fees=kept)
        await work.record(StoreDeliveryFeesChanged(store_id=card.id, fees=kept, before=card.delivery_fees))
        return await store(card.id)


def _checked(card: StoreCard, fees: rules.DeliveryFees | None) -> str:
    limits = settings().limits
    bounds = rules.FeeBounds(
        limits.own_delivery_fee_at_least, limits.own_delivery_fee_at_most, limits.own_small_basket_fee_at_most
    )
    fault = rules.fees_fault(fees, bounds, HIGHEST_AMOUNT) if fees else None
    if fault:
        raise DeliveryFeesNotAllowed(fault, bounds, card.currency)
    return rules.fees_text(fees)
