"""How much a store takes on: orders, or their value, for each quarter of an hour in which the goods have to be ready."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

SLOT = timedelta(minutes=15)
# A day of slots: further ahead nobody is told of one.
SLOTS_LOOKED_AT = 96
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Capacity(Protocol):
    """What a store must tell so that one knows how much it takes on."""

    @property
    def capacity_orders(self) -> int | None: ...
    @property
    def capacity_value(self) -> int | None: ...


class Taken(NamedTuple):
    """What is taken on for a slot already: orders, and what their goods are worth."""

    orders: int = 0
    value: int = 0


class Room(NamedTuple):
    """Whether one more order is taken on for its own slot; else the next slot that would do, None where none does in a day."""

    has_room: bool
    next_slot: datetime | None = None


NOTHING_TAKEN = Taken()
HAS_ROOM = Room(has_room=True)


def is_limited(store: Capacity) -> bool:
    return store.capacity_orders is not None or store.capacity_value is not None


def slot_of(ready_at: datetime) -> datetime:
    """The beginning of the quarter of an hour that a moment lies in."""
    return ready_at - (ready_at - _EPOCH) % SLOT


def fits(store: Capacity, taken: Taken, value: int) -> bool:
    """Whether one more order of this value is taken on; one that is larger than any slot is taken by an empty one."""
    if store.capacity_orders is not None and taken.orders >= store.capacity_orders:
        return False
    return store.capacity_value is None or taken.value + value <= store.capacity_value or taken.orders == 0


def next_free_slot(store: Capacity, taken: Mapping[datetime, Taken], value: int, after: datetime) -> datetime | None:
    """The first slot after one that takes an order of this value; None within a day."""
    slots = (slot_of(after) + SLOT * count for count in range(1, SLOTS_LOOKED_AT + 1))
    return next((slot for slot in slots if fits(store, taken.get(slot, NOTHING_TAKEN), value)), None)
