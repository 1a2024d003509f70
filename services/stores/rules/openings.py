"""When a store's doors are open: its hours read from OpenStreetMap's language, by the store's own clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, UnknownCountryError  # type: ignore[attr-defined]  # its stub leaves the errors out

UTC = ZoneInfo("UTC")
MINUTE = timedelta(minutes=1)
LOOKED_AHEAD = timedelta(days=8 * 366)


class OpenTimes(Protocol):
    """What a store must tell so that its hours can be read."""

    @property
    def opening_hours(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def country(self) -> str: ...


class Stretch(NamedTuple):
    """Whether the doors are open, and until when that stays so (None: for ever)."""

    is_open: bool
    until: datetime | None


def is_open(store: OpenTimes, at: datetime) -> bool:
    """Whether the doors are open by the store's own hours; a pause does not close them."""
    return stretch_of(store, at).is_open


def next_opening(store: OpenTimes, at: datetime) -> datetime | None:
    """The first moment after `at` at which the doors go from closed to open; None if they never do."""
    until = stretch_of(store, at).until
    while until is not None:
        stretch = stretch_of(store, until)
        if stretch.is_open and not stretch_of(store, until - MINUTE).is_open:
            return until
        until = stretch.until
    return None


def closes_at(store: OpenTimes, at: datetime) -> datetime | None:
    """When the doors that are open at `at` close; None if they are closed then, or never close."""
    stretch = stretch_of(store, at)
    return stretch.until if stretch.is_open else None


def hours_fault(opening_hours: str, time_zone: str, country: str) -> str | None:
    """Why these hours cannot be read, in one sentence; None if they can."""
    fault = text_fault(opening_hours)
    if fault:
        return fault
    try:
        _read(opening_hours, time_zone, country)
    except (UnknownCountryError, KeyError, ValueError, OSError) as error:
        return str(error)[:200]
    return None


@lru_cache(maxsize=4_096)
def text_fault(opening_hours: str) -> str | None:
    """Why a text is not in the language, wherever its clock stands; None if it is."""
    try:
        OpeningHours(opening_hours, auto_country=False, auto_timezone=False)
    except ParserError as error:
        return " ".join(str(error).split())[:200]
    return None


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


def stretch_of(store: OpenTimes, at: datetime) -> Stretch:
    # Hours are written to the minute, so every moment of a minute has the same answer and shares one look-up.
    return _stretch_at(store.opening_hours, store.time_zone, store.country, at.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=65_536)
def _stretch_at(opening_hours: str, time_zone: str, country: str, minute: datetime) -> Stretch:
    hours = _read(opening_hours, time_zone, country)
    now_open = _open_by_the_clock(opening_hours, time_zone, country, minute)
    moment = minute
    while (change := _next_change(hours, moment, minute + LOOKED_AHEAD)) is not None:
        # The reader takes zoneinfo's UTC alone; and only instants compare right where clocks are set back.
        later = max(change.astimezone(UTC), moment + MINUTE)
        # The language knows more states than two (unknown, comments); only a change of openness ends a stretch.
        for candidate in (*_hour_lived_twice(time_zone, moment, later), later):
            if _open_by_the_clock(opening_hours, time_zone, country, candidate) != now_open:
                return Stretch(now_open, candidate)
        moment = later
    return Stretch(now_open, None)


def _next_change(hours: OpeningHours, moment: datetime, end: datetime) -> datetime | None:
    """When the reader's next interval begins, before an end that is eight years away: they hold every day there is.

    Without an end it looks through eight thousand years for hours that never change but are not written so, such as
    `Mo-Su 00:00-24:00`, and everybody waits for ten seconds.
    """
    for _, change, *_ in hours.intervals(moment, end) if moment < end else ():
        return change if change < end else None
    return None


def _hour_lived_twice(time_zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The minutes between two moments whose time of day comes twice that night; the reader knows only one of the two."""
    for year in range(after.year, until.year + 1):
        for set_back, by in _clocks_set_back(time_zone, year):
            minute = max(set_back - by, after + MINUTE)
            while minute < min(set_back + by, until):
                yield minute
                minute += MINUTE


@lru_cache(maxsize=256)
def _clocks_set_back(time_zone: str, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """When clocks are set back in a year, and by how much."""
    zone, day = ZoneInfo(time_zone), timedelta(days=1)
    found = []
    for start in (datetime(year, 1, 1, tzinfo=UTC) + day * count for count in range(366)):
        by = _offset(zone, start) - _offset(zone, start + day)
        if by > timedelta(0):
            minutes = (start + MINUTE * count for count in range(24 * 60 + 1))
            found.append((next(minute for minute in minutes if _offset(zone, minute) != _offset(zone, start)), by))
    return tuple(found)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
