"""When a store takes orders, and how long it needs for one: pauses, busy times, preparation by the hour, the last order."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from services.settings import settings
from services.stores.rules.openings import MINUTE, OpenTimes, next_opening, stretch_of
from services.stores.rules.preparing import minutes_at, next_boundary

LONGEST_PAUSE = timedelta(days=7)
PAUSE_WITHOUT_OPENING = timedelta(hours=24)
LONGEST_BUSY = timedelta(hours=24)
MOST_BUSY_MINUTES = 120


class PauseLength(StrEnum):
    """How long a store is paused by one tap."""

    HALF_AN_HOUR = "HALF_AN_HOUR"
    AN_HOUR = "AN_HOUR"
    A_DAY = "A_DAY"


_LENGTHS = {
    PauseLength.HALF_AN_HOUR: timedelta(minutes=30),
    PauseLength.AN_HOUR: timedelta(hours=1),
    PauseLength.A_DAY: timedelta(hours=24),
}
# Looking further than this many turns ahead answers nobody's question.
_TURNS_LOOKED_AT = 60
_TURNS_LOOKED_AT_BY_THE_HOUR = 1_000


class Preparing(Protocol):
    """What a store must tell so that one knows how long it needs."""

    @property
    def time_zone(self) -> str: ...
    @property
    def preparation_minutes(self) -> int: ...
    @property
    def preparation_windows(self) -> str: ...
    @property
    def busy_minutes(self) -> int: ...
    @property
    def busy_until(self) -> datetime | None: ...


class OrderTimes(OpenTimes, Preparing, Protocol):
    """What a store must tell so that one knows whether it takes orders."""

    @property
    def state(self) -> str: ...
    @property
    def paused_until(self) -> datetime | None: ...
    @property
    def last_order_minutes(self) -> int | None: ...


class PausedTimes(Protocol):
    """What a store that was read must tell so that one knows how long that stays true."""

    @property
    def read_at(self) -> datetime: ...
    @property
    def paused_until(self) -> datetime | None: ...
    @property
    def busy_until(self) -> datetime | None: ...


def preparation_at(store: Preparing, at: datetime) -> int:
    """Minutes from an order placed at `at` to its goods on the counter: by the hour, and more while the store is busy."""
    minutes = store.preparation_minutes
    if store.preparation_windows:
        shown = at.astimezone(ZoneInfo(store.time_zone)).replace(tzinfo=None)
        minutes = minutes_at(store.preparation_windows, shown) or minutes
    return minutes + store.busy_minutes if is_busy(store, at) else minutes


def is_busy(store: Preparing, at: datetime) -> bool:
    return store.busy_until is not None and at < store.busy_until


def last_order_buffer(store: OrderTimes, at: datetime) -> timedelta:
    """How long before closing the last order is taken: as the store says, else what it needs, at least what the house says."""
    if store.last_order_minutes is not None:
        return timedelta(minutes=store.last_order_minutes)
    return max(timedelta(minutes=preparation_at(store, at)), timedelta(seconds=settings().limits.last_order_buffer))


def is_paused(store: OrderTimes, at: datetime) -> bool:
    return store.paused_until is not None and at < store.paused_until


def same_until(store: PausedTimes) -> datetime:
    """Until when the card of a store that is not changed tells the same: hours and buffers turn at whole minutes."""
    ends = [store.read_at.replace(second=0, microsecond=0) + MINUTE]
    ends += [end for end in (store.paused_until, store.busy_until) if end is not None and end > store.read_at]
    return min(ends)


def takes_orders(store: OrderTimes, at: datetime) -> bool:
    """Whether an order may be placed at `at`: live, not paused, open, and long enough before closing."""
    if store.state != "LIVE" or is_paused(store, at):
        return False
    stretch = stretch_of(store, at)
    return stretch.is_open and (stretch.until is None or stretch.until - at >= last_order_buffer(store, at))


def takes_orders_from(store: OrderTimes, at: datetime) -> datetime | None:
    """The first moment from `at` on at which an order may be placed; None if none can be told."""
    if store.state != "LIVE":
        return None
    moment: datetime | None = max(at, store.paused_until) if store.paused_until else at
    for _ in range(_TURNS_LOOKED_AT_BY_THE_HOUR if store.preparation_windows else _TURNS_LOOKED_AT):
        if moment is None or takes_orders(store, moment):
            return moment
        moment = _next_turn(store, moment)
    return None


def _next_turn(store: OrderTimes, moment: datetime) -> datetime | None:
    """When it may be otherwise: before this closing, where the store will need less time; else at the next opening."""
    stretch = stretch_of(store, moment)
    if stretch.is_open and store.last_order_minutes is None:
        turns = [store.busy_until, next_boundary(store.preparation_windows, store.time_zone, moment)]
        within = [turn for turn in turns if turn and moment < turn and (stretch.until is None or turn < stretch.until)]
        if within:
            return min(within)
    return next_opening(store, moment)


def pause_end_after_expiries(store: OpenTimes, at: datetime) -> datetime:
    """Until when a store that left orders unanswered is paused: its next opening, or a day if it never opens anew."""
    return next_opening(store, at) or at + PAUSE_WITHOUT_OPENING


def pause_allowed(until: datetime, at: datetime) -> bool:
    return at < until <= at + LONGEST_PAUSE


def pause_end(length: PauseLength, at: datetime) -> datetime:
    """Until when a pause of this length lasts that begins now."""
    return at + _LENGTHS[length]


def busy_allowed(minutes: int, until: datetime, at: datetime) -> bool:
    return 1 <= minutes <= MOST_BUSY_MINUTES and at < until <= at + LONGEST_BUSY
