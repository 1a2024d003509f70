"""Hours as windows and special days, as every audience spells them."""

from collections.abc import Iterable
from datetime import date
from typing import Self

import strawberry

from services.catalog.rules.windows import Weekday
from services.kernel.errors import BadInput
from services.stores.rules import week
from services.stores.rules.windows import DAY, Window, clock_text, window_of

__all__ = [
    "OpenWindow",
    "OpenWindowInput",
    "SpecialDays",
    "SpecialDaysInput",
    "WeekHours",
    "WeekWindow",
    "WeekWindowInput",
    "Weekday",
]

strawberry.enum(Weekday, name="Weekday", description="A day of the week.")
_DAYS = list(Weekday)


@strawberry.type(description="From a time of the day until another; one that is not later lies on the next day.")
class OpenWindow:
    opens: str = strawberry.field(description="On the store's clock, such as 10:00.")
    closes: str = strawberry.field(description="On the store's clock, such as 02:00, or 24:00.")

    @classmethod
    def of(cls, window: Window) -> Self:
        return cls(opens=clock_text(window.start), closes=closes(window))


@strawberry.type(description="The same window on some days of the week.")
class WeekWindow:
    days: list[Weekday]
    opens: str = strawberry.field(description="On the store's clock, such as 10:00.")
    closes: str = strawberry.field(description="On the store's clock, such as 02:00, or 24:00.")


@strawberry.type(description="On these days the windows are others than the week's; none at all: closed.")
class SpecialDays:
    first_day: str = strawberry.field(description="ISO 8601, such as 2026-12-24.")
    last_day: str = strawberry.field(description="ISO 8601; the same as the first for a single day.")
    windows: list[OpenWindow]

    @classmethod
    def of(cls, special: week.SpecialDays) -> Self:
        windows = [OpenWindow.of(window) for window in special.windows]
        return cls(first_day=special.first.isoformat(), last_day=special.last.isoformat(), windows=windows)


@strawberry.type(description="Hours as a week of windows, with the days that are different.")
class WeekHours:
    windows: list[WeekWindow]
    special_days: list[SpecialDays]
    closed_on_public_holidays: bool

    @classmethod
    def of(cls, opening_hours: str) -> Self | None:
        """What a text tells; None where it says more than windows and special days can."""
        hours = week.week_of(opening_hours)
        if hours is None:
            return None
        days: dict[Window, list[Weekday]] = {}
        for day, of_the_day in enumerate(hours.days):
            for window in of_the_day:
                days.setdefault(window, []).append(_DAYS[day])
        windows = [WeekWindow(days=on, opens=clock_text(one.start), closes=closes(one)) for one, on in days.items()]
        special = [SpecialDays.of(one) for one in hours.specials]
        return cls(windows=windows, special_days=special, closed_on_public_holidays=hours.closed_on_holidays)


@strawberry.input(description="From a time of the day until another; one that is not later lies on the next day.")
class OpenWindowInput:
    opens: str = strawberry.field(description="On the store's clock, such as 10:00.")
    closes: str = strawberry.field(description="On the store's clock, such as 02:00; midnight is 24:00 or 00:00.")


@strawberry.input(description="The same window on some days of the week.")
class WeekWindowInput:
    days: list[Weekday]
    opens: str = strawberry.field(description="On the store's clock, such as 10:00.")
    closes: str = strawberry.field(description="On the store's clock, such as 02:00; midnight is 24:00 or 00:00.")


@strawberry.input(description="On these days the windows are others than the week's; none at all: closed.")
class SpecialDaysInput:
    first_day: str = strawberry.field(description="ISO 8601, such as 2026-12-24.")
    last_day: str = strawberry.field(description="ISO 8601; the same as the first for a single day.")
    windows: list[OpenWindowInput]

    def read(self) -> week.SpecialDays:
        windows = tuple(read_window(one.opens, one.closes) for one in self.windows)
        return week.SpecialDays(_read_day(self.first_day), _read_day(self.last_day), windows)


def read_week(windows: Iterable[WeekWindowInput]) -> tuple[week.Windows, ...]:
    """The windows of each weekday, from Monday on. Raises BadInput."""
    days: list[list[Window]] = [[] for _ in _DAYS]
    for one in windows:
        for day in read_days(one.days):
            days[day].append(read_window(one.opens, one.closes))
    return tuple(tuple(several) for several in days)


def read_days(days: Iterable[Weekday]) -> tuple[int, ...]:
    """Weekdays as the core counts them. Raises BadInput where there are none."""
    read = tuple(sorted({_DAYS.index(day) for day in days}))
    if not read:
        raise BadInput("A window has at least one day.", field="days")
    return read


def weekdays(days: Iterable[int]) -> list[Weekday]:
    return [_DAYS[day] for day in days]


def read_window(opens: str, closes: str) -> Window:
    """A window of the core. Raises BadInput."""
    window = window_of(opens, closes)
    if window is None:
        raise BadInput("A window goes from one time of the day to another, such as 10:00 to 22:00.", field="windows")
    return window


def closes(window: Window) -> str:
    """When a window closes, by the clock."""
    return clock_text(window.end if window.end <= DAY else window.end - DAY)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as unreadable:
        raise BadInput("A day is written like 2026-12-24.", field="specialDays") from unreadable
