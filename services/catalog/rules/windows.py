"""When a menu is sold: windows of weekdays and times, kept as OpenStreetMap's opening hours and read on the store's own clock."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from services.stores.rules import closes_at, is_open, next_opening, text_fault
from services.stores.rules.windows import clock_text, window_between

SELLING_WINDOWS = 20
LONGEST_HOURS = 1_000
_SPAN = re.compile(r"\d{1,2}:\d{2}\s*(?:-|\+)")


class Weekday(StrEnum):
    MO = "MO"
    TU = "TU"
    WE = "WE"
    TH = "TH"
    FR = "FR"
    SA = "SA"
    SU = "SU"


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` until before `end` on each of these days; an end that is not after the start lies on the next day."""

    days: tuple[Weekday, ...]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class SellingHours:
    """A menu's hours with the store's clock: what `services.stores.rules` reads opening hours from."""

    opening_hours: str
    time_zone: str
    country: str


def text_of(windows: Sequence[Window]) -> str:
    """Windows in OpenStreetMap's language; each adds to the others, none takes another's place."""
    return ", ".join(f"{_days(window.days)} {_span(window)}" for window in windows)


def hours_faults(text: str) -> Iterator[tuple[str, int]]:
    """What is wrong with a menu's hours, each with how many windows were found where there are too many, else 0."""
    if len(text) > LONGEST_HOURS:
        yield f"hours have at most {LONGEST_HOURS} characters", 0
    elif (found := windows_in(text)) > SELLING_WINDOWS:
        yield f"{found} windows", found
    elif text and (fault := text_fault(text)):
        yield f"hours that cannot be read: {fault}", 0


def windows_in(text: str) -> int:
    """How many selling windows a text has: its spans of time, or its rules where they tell no times."""
    return max(len(_SPAN.findall(text)), len([rule for rule in text.split(";") if rule.strip()]))


def is_sold(hours: SellingHours | None, at: datetime) -> bool:
    """Whether a menu is sold then by its own hours; one without hours always is."""
    return hours is None or is_open(hours, at)


def sold_from(hours: SellingHours | None, at: datetime) -> datetime | None:
    """The first moment from `at` on at which the menu is sold; None if it never will be."""
    if hours is None or is_open(hours, at):
        return at
    return next_opening(hours, at)


def changes_at(hours: SellingHours | None, at: datetime) -> datetime | None:
    """When a window opens or closes next; None if none ever does."""
    if hours is None:
        return None
    return closes_at(hours, at) if is_open(hours, at) else next_opening(hours, at)


def _days(days: Sequence[Weekday]) -> str:
    return ",".join(day.value.capitalize() for day in days)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _span(window: Window) -> str:
    """What lies beyond midnight is written on, 22:00-26:00: so texts of menus were always kept."""
    start, end = window_between(_minutes(window.start), _minutes(window.end))
    return f"{clock_text(start)}-{clock_text(end)}"
