"""What a store takes on for each quarter of an hour: counted by one after the other, given back when an order falls away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.kernel import clock
from services.kernel.database import rows, run
from services.kernel.unit_of_work import unit_of_work
from services.stores import rules
from services.stores.errors import StoreAtCapacity
from services.stores.queries import StoreCard, store_cards
from services.stores.slots import slots_taken

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlotWanted:
    """An order of a store: when its goods have to be ready, and what they are worth."""

    order_id: UUID
    store_id: UUID
    ready_at: datetime
    value: int


async def take_slots(wanted: Sequence[SlotWanted]) -> None:
    """Take these orders on, all or none; stores without a capacity take everything. Raises StoreAtCapacity.

    Call it inside the unit of work that makes the orders: until that ends nobody else can take the same place.
    """
    async with unit_of_work():
        # Not the stores' rows: those are held later, together with their shelves, and in one order of their own.
        await rows(_TAKE_TURNS, sorted({one.store_id for one in wanted}))
        limited = {card.id: card for card in await store_cards([one.store_id for one in wanted]) if rules.is_limited(card)}
        counted = [one for one in wanted if one.store_id in limited]
        if not counted:
            return
        taken = await slots_taken({one.store_id: rules.slot_of(one.ready_at) for one in counted})
        for one in counted:
            check_slot(limited[one.store_id], taken[one.store_id], one.ready_at, one.value)
        await run(
            _TAKE,
            [one.order_id for one in counted],
            [one.store_id for one in counted],
            [rules.slot_of(one.ready_at) for one in counted],
            [one.value for one in counted],
        )


def check_slot(store: StoreCard, taken: dict[datetime, rules.Taken], ready_at: datetime, value: int) -> None:
    """Raises StoreAtCapacity, naming the next slot that would do, where the order's own does not."""
    slot = rules.slot_of(ready_at)
    if not rules.fits(store, taken.get(slot, rules.NOTHING_TAKEN), value):
        raise StoreAtCapacity(store.id, store.name, slot, rules.next_free_slot(store, taken, value, slot))


async def give_back_slot(order_id: UUID) -> None:
    """The order fell away: its place is free again. Again changes nothing."""
    await run("DELETE FROM store_slots WHERE order_id = $1", order_id)


async def forget_old_slots() -> int:
    """Timer: forget what was taken on for slots that are over; answers how many rows."""
    found = await rows("DELETE FROM store_slots WHERE slot_at < $1 RETURNING order_id", clock.now() - KEPT_FOR)
    return len(found)


_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('slots' || id, 0)) FROM unnest($1::uuid[]) AS id"
_TAKE = """
INSERT INTO store_slots (order_id, store_id, slot_at, value)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[])
"""
