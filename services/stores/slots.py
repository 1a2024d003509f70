"""What stores have taken on for the coming quarters of an hour, as it is read."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.kernel.database import rows
from services.settings import settings
from services.stores.queries import StoreCard
from services.stores.rules import NOTHING_TAKEN, SLOT, Room, Taken, fits, is_limited, next_free_slot, preparation_at, slot_of
from services.stores.rules.capacity import HAS_ROOM, SLOTS_LOOKED_AT


async def slots_taken(since: Mapping[UUID, datetime]) -> dict[UUID, dict[datetime, Taken]]:
    """Per store, from a slot of its own on for a day: orders and value taken on; slots without any are left out."""
    found = await rows(_TAKEN, list(since), list(since.values()), SLOT * SLOTS_LOOKED_AT)
    taken: dict[UUID, dict[datetime, Taken]] = {store_id: {} for store_id in since}
    for record in found:
        taken[record["store_id"]][record["slot_at"]] = Taken(record["orders"], record["value"])
    return taken


async def rooms(cards: Sequence[StoreCard]) -> list[Room]:
    """Whether each of these stores has room for one more small order, placed when its card was read, and else from when on.

    One statement for all that have a capacity, none where none has. The way to the door is not known here: what a quote promises
    may lie a slot later.
    """
    travel = settings().travel
    counter = timedelta(seconds=travel.per_stop + travel.at_the_door)
    slots = {
        card.id: slot_of(card.read_at + timedelta(minutes=preparation_at(card, card.read_at)) + counter)
        for card in cards
        if is_limited(card)
    }
    taken = await slots_taken(slots) if slots else {}
    return [_room(card, slots[card.id], taken[card.id]) if card.id in slots else HAS_ROOM for card in cards]


def _room(card: StoreCard, slot: datetime, taken: Mapping[datetime, Taken]) -> Room:
    value = max(card.minimum_basket, 1)
    if fits(card, taken.get(slot, NOTHING_TAKEN), value):
        return HAS_ROOM
    return Room(has_room=False, next_slot=next_free_slot(card, taken, value, slot))


_TAKEN = """
SELECT s.store_id, s.slot_at, count(*) AS orders, sum(s.value)::bigint AS value
FROM unnest($1::uuid[], $2::timestamptz[]) AS w (store_id, since)
JOIN store_slots s ON s.store_id = w.store_id AND s.slot_at >= w.since AND s.slot_at <= w.since + $3
GROUP BY s.store_id, s.slot_at
"""
