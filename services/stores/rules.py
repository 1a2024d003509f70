"""When a store is open, when it takes orders, and whom it reaches: decisions without I/O."""

import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, UnknownCountryError  # type: ignore[attr-defined]  # its stub leaves the errors out

from services.kernel.actors import StaffRole
from services.settings import settings

# PostgreSQL's earthdistance uses this radius; the same here, so that a page and a check agree.
EARTH_RADIUS_M = 6_378_168
# The licence of the map (ODbL 1.0) asks that it be named wherever its data is shown.
OPENSTREETMAP_CREDIT = "© OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright"
LONGEST_PAUSE = timedelta(days=7)
PAUSE_WITHOUT_OPENING = timedelta(hours=24)
# Looking further than this many openings ahead answers nobody's question.
_OPENINGS_LOOKED_AT = 60
_UTC = ZoneInfo("UTC")
_MINUTE = timedelta(minutes=1)


class OpenTimes(Protocol):
    """What a store must tell so that its hours can be read."""

    @property
    def opening_hours(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def country(self) -> str: ...


class OrderTimes(OpenTimes, Protocol):
    """What a store must tell so that one knows whether it takes orders."""

    @property
    def state(self) -> str: ...
    @property
    def preparation_minutes(self) -> int: ...
    @property
    def paused_until(self) -> datetime | None: ...


class PausedTimes(Protocol):
    """What a store that was read must tell so that one knows how long that stays true."""

    @property
    def read_at(self) -> datetime: ...
    @property
    def paused_until(self) -> datetime | None: ...


class Reach(Protocol):
    """What a store must tell so that one knows whom it reaches."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def delivery_radius_m(self) -> int: ...


class Stretch(NamedTuple):
    """Whether the doors are open, and until when that stays so (None: for ever)."""

    is_open: bool
    until: datetime | None


def is_open(store: OpenTimes, at: datetime) -> bool:
    """Whether the doors are open by the store's own hours; a pause does not close them."""
    return _stretch(store, at).is_open


def next_opening(store: OpenTimes, at: datetime) -> datetime | None:
    """The first moment after `at` at which the doors go from closed to open; None if they never do."""
    until = _stretch(store, at).until
    while until is not None:
        stretch = _stretch(store, until)
        if stretch.is_open and not _stretch(store, until - _MINUTE).is_open:
            return until
        until = stretch.until
    return None


def closes_at(store: OpenTimes, at: datetime) -> datetime | None:
    """When the doors that are open at `at` close; None if they are closed then, or never close."""
    stretch = _stretch(store, at)
    return stretch.until if stretch.is_open else None


def last_order_buffer(store: OrderTimes) -> timedelta:
    """How long before closing the last order is taken."""
    return max(timedelta(minutes=store.preparation_minutes), timedelta(seconds=settings().limits.last_order_buffer))


def is_paused(store: OrderTimes, at: datetime) -> bool:
    return store.paused_until is not None and at < store.paused_until


def same_until(store: PausedTimes) -> datetime:
    """Until when the card of a store that is not changed tells the same: hours and buffers turn at whole minutes."""
    next_minute = store.read_at.replace(second=0, microsecond=0) + _MINUTE
    paused_until = store.paused_until
    return min(next_minute, paused_until) if paused_until is not None and paused_until > store.read_at else next_minute


def takes_orders(store: OrderTimes, at: datetime) -> bool:
    """Whether an order may be placed at `at`: live, not paused, open, and long enough before closing."""
    if store.state != "LIVE" or is_paused(store, at):
        return False
    stretch = _stretch(store, at)
    return stretch.is_open and (stretch.until is None or stretch.until - at >= last_order_buffer(store))


def takes_orders_from(store: OrderTimes, at: datetime) -> datetime | None:
    """The first moment from `at` on at which an order may be placed; None if none can be told."""
    if store.state != "LIVE":
        return None
    moment: datetime | None = max(at, store.paused_until) if store.paused_until else at
    for _ in range(_OPENINGS_LOOKED_AT):
        if moment is None or takes_orders(store, moment):
            return moment
        moment = next_opening(store, moment)
    return None


def pause_end_after_expiries(store: OpenTimes, at: datetime) -> datetime:
    """Until when a store that left orders unanswered is paused: its next opening, or a day if it never opens anew."""
    return next_opening(store, at) or at + PAUSE_WITHOUT_OPENING


def pause_allowed(until: datetime, at: datetime) -> bool:
    return at < until <= at + LONGEST_PAUSE


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres along the globe between two points (haversine on earthdistance's sphere)."""
    south, north = math.radians(lat1), math.radians(lat2)
    half_chord = math.hypot(
        math.sin((north - south) / 2), math.sqrt(math.cos(south) * math.cos(north)) * math.sin(math.radians(lon2 - lon1) / 2)
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, half_chord))


def in_reach(store: Reach, lat: float, lon: float) -> bool:
    """Whether the store delivers to the point."""
    return distance_m(store.latitude, store.longitude, lat, lon) <= store.delivery_radius_m


def hours_fault(opening_hours: str, time_zone: str, country: str) -> str | None:
    """Why these hours cannot be read, in one sentence; None if they can."""
    try:
        _read(opening_hours, time_zone, country)
    except ParserError as error:
        return " ".join(str(error).split())[:200]
    except (UnknownCountryError, KeyError, ValueError, OSError) as error:
        return str(error)[:200]
    return None


def slug_of(name: str, tail: str) -> str:
    """A stable address for a store's page: the name in plain letters, then `tail` to keep it apart from its namesakes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(part for part in (*re.findall(r"[a-z0-9]+", plain)[:8], tail.lower()) if part)


def data_credit(source_ref: str | None) -> str | None:
    """Whom to name beside what is told about a store; None where the partner told it."""
    return OPENSTREETMAP_CREDIT if source_ref and source_ref.startswith("osm:") else None


STAFF_MAY: dict[str, frozenset[StaffRole]] = {
    "change_hours": frozenset({StaffRole.OWNER, StaffRole.MANAGER}),
    "replace_menu": frozenset({StaffRole.OWNER, StaffRole.MANAGER}),
    "pause_store": frozenset(StaffRole),
    "resume_store": frozenset(StaffRole),
    "mark_item_out": frozenset(StaffRole),
    "mark_item_back": frozenset(StaffRole),
}


def staff_may(role: StaffRole, right: str) -> bool:
    """Whether a role of the store holds a right."""
    return role in STAFF_MAY[right]


@lru_cache(maxsize=8192)
def _read(opening_hours: str, time_zone: str, country: str) -> OpeningHours:
    return OpeningHours(opening_hours, timezone=ZoneInfo(time_zone), country=country, auto_country=False, auto_timezone=False)


@lru_cache(maxsize=8192)
def _read_without_zone(opening_hours: str, country: str) -> OpeningHours:
    return OpeningHours(opening_hours, country=country, auto_country=False, auto_timezone=False)


def _open_by_the_clock(opening_hours: str, time_zone: str, country: str, at: datetime) -> bool:
    # By what the clock on the wall shows: with a zone the reader errs in the minute before clocks are set back.
    shown = at.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    return _read_without_zone(opening_hours, country).is_open(shown)


def _stretch(store: OpenTimes, at: datetime) -> Stretch:
    # Hours are written to the minute, so every moment of a minute has the same answer and shares one look-up.
    return _stretch_at(store.opening_hours, store.time_zone, store.country, at.astimezone(_UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=65_536)
def _stretch_at(opening_hours: str, time_zone: str, country: str, minute: datetime) -> Stretch:
    hours = _read(opening_hours, time_zone, country)
    now_open = _open_by_the_clock(opening_hours, time_zone, country, minute)
    moment = minute
    while (change := hours.next_change(moment)) is not None:
        # The reader takes zoneinfo's UTC alone; and only instants compare right where clocks are set back.
        later = max(change.astimezone(_UTC), moment + _MINUTE)
        # The language knows more states than two (unknown, comments); only a change of openness ends a stretch.
        for candidate in (*_hour_lived_twice(time_zone, moment, later), later):
            if _open_by_the_clock(opening_hours, time_zone, country, candidate) != now_open:
                return Stretch(now_open, candidate)
        moment = later
    return Stretch(now_open, None)


def _hour_lived_twice(time_zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The minutes between two moments whose time of day comes twice that night; the reader knows only one of the two."""
    for year in range(after.year, until.year + 1):
        for set_back, by in _clocks_set_back(time_zone, year):
            minute = max(set_back - by, after + _MINUTE)
            while minute < min(set_back + by, until):
                yield minute
                minute += _MINUTE


@lru_cache(maxsize=256)
def _clocks_set_back(time_zone: str, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """When clocks are set back in a year, and by how much."""
    zone, day = ZoneInfo(time_zone), timedelta(days=1)
    found = []
    for start in (datetime(year, 1, 1, tzinfo=_UTC) + day * count for count in range(366)):
        by = _offset(zone, start) - _offset(zone, start + day)
        if by > timedelta(0):
            minutes = (start + _MINUTE * count for count in range(24 * 60 + 1))
            found.append((next(minute for minute in minutes if _offset(zone, minute) != _offset(zone, start)), by))
    return tuple(found)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
