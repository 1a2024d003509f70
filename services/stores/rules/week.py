"""A week's windows and special days as one text in OpenStreetMap's language, and back.

The language lets a later rule take a whole calendar day, with the night that reaches into it from the day before. So a special
day's rule says that night again, and so does one for the day after: what is read is what was meant, minute for minute.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from services.stores.rules.windows import DAY, WEEK, Window, days_of, days_text, in_week, overlap, window_of

MOST_WINDOWS_A_DAY = 6
MOST_SPECIALS = 60
LONGEST_SPECIAL = timedelta(days=92)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = r"(\d{4}) (" + "|".join(_MONTHS) + r") (\d{2})"
_DATED = re.compile(f"{_DATE}(?:-{_DATE})? (.+)")
_HOLIDAYS = "PH off"
_ONE = timedelta(days=1)

Windows = tuple[Window, ...]


class WeekFault(StrEnum):
    """What is wrong with a week or its special days."""

    TOO_MANY_WINDOWS = "TOO_MANY_WINDOWS"
    WINDOWS_OVERLAP = "WINDOWS_OVERLAP"
    TOO_MANY_SPECIAL_DAYS = "TOO_MANY_SPECIAL_DAYS"
    SPECIAL_DAYS_BACKWARDS = "SPECIAL_DAYS_BACKWARDS"
    SPECIAL_DAYS_TOO_LONG = "SPECIAL_DAYS_TOO_LONG"
    SPECIAL_DAYS_OVERLAP = "SPECIAL_DAYS_OVERLAP"
    # A public holiday is a whole calendar day to the language; a night that reaches into or out of it needs special days.
    HOLIDAYS_AND_MIDNIGHT = "HOLIDAYS_AND_MIDNIGHT"


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """On these days the windows are others than the week's; none at all: closed."""

    first: date
    last: date
    windows: Windows = ()

    @property
    def days(self) -> list[date]:
        return [self.first + _ONE * count for count in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The windows of each weekday from Monday on, those of special days, and whether public holidays are days off."""

    days: tuple[Windows, ...]
    specials: tuple[SpecialDays, ...] = ()
    closed_on_holidays: bool = False


def in_order(hours: WeekHours) -> WeekHours:
    """The same with everything in the order of time."""
    specials = [SpecialDays(one.first, one.last, tuple(sorted(one.windows))) for one in hours.specials]
    days = tuple(tuple(sorted(windows)) for windows in hours.days)
    return WeekHours(days, tuple(sorted(specials, key=lambda one: one.first)), hours.closed_on_holidays)


def week_fault(hours: WeekHours) -> WeekFault | None:
    """What is wrong with these hours; None where they can be kept."""
    return next(_faults(in_order(hours)), None)


def _faults(hours: WeekHours) -> Iterator[WeekFault]:
    specials = hours.specials
    every = [*hours.days, *(special.windows for special in specials)]
    if len(specials) > MOST_SPECIALS:
        yield WeekFault.TOO_MANY_SPECIAL_DAYS
    if any(len(windows) > MOST_WINDOWS_A_DAY for windows in every):
        yield WeekFault.TOO_MANY_WINDOWS
    if overlap([in_week(day, window) for day, windows in enumerate(hours.days) for window in windows], around=WEEK):
        yield WeekFault.WINDOWS_OVERLAP
    if any(overlap(special.windows, around=DAY if special.last > special.first else None) for special in specials):
        yield WeekFault.WINDOWS_OVERLAP
    if any(special.last < special.first for special in specials):
        yield WeekFault.SPECIAL_DAYS_BACKWARDS
    if any(special.last - special.first >= LONGEST_SPECIAL for special in specials):
        yield WeekFault.SPECIAL_DAYS_TOO_LONG
    if any(one.last >= other.first for one, other in pairwise(specials)):
        yield WeekFault.SPECIAL_DAYS_OVERLAP
    if hours.closed_on_holidays and any(_passes_midnight(windows) for windows in every):
        yield WeekFault.HOLIDAYS_AND_MIDNIGHT


def week_text(hours: WeekHours) -> str:
    """The hours in OpenStreetMap's language; of hours without a fault `week_of` reads them back."""
    hours = in_order(hours)
    parts = [_weekly(hours.days), *([_HOLIDAYS] if hours.closed_on_holidays else [])]
    return "; ".join([*parts, *_dated(hours)])


def week_of(text: str) -> WeekHours | None:
    """The hours that a text tells; None where it says more, or says it otherwise, than windows and special days can."""
    parts = text.split("; ")
    dated = [part for part in parts if _DATED.fullmatch(part)]
    weekly = [part for part in parts if part not in dated and part != _HOLIDAYS]
    days = _read_weekly(weekly)
    if days is None:
        return None
    specials = _read_dated(dated, days)
    read = None if specials is None else WeekHours(days, specials, _HOLIDAYS in parts)
    if read is None or week_fault(read) or (len(weekly) > 1 and any(map(_passes_midnight, days))):
        return None
    # Days and holidays come in one order and one spelling only, for later rules take the place of earlier ones.
    return (
        read
        if len(parts) == len(weekly) or parts[len(weekly) :] == week_text(read).split("; ")[-len(parts) + len(weekly) :]
        else None
    )


def _weekly(days: Sequence[Windows]) -> str:
    if all(windows == (Window(0, DAY),) for windows in days):
        return "24/7"
    told: dict[Windows, list[int]] = {}
    for day, windows in enumerate(days):
        if windows:
            told.setdefault(windows, []).append(day)
    # A night is cut off by the next rule after a semicolon, and goes on after a comma.
    joined = ", " if any(map(_passes_midnight, days)) else "; "
    return joined.join(f"{days_text(several)} {_spans(windows)}" for windows, several in told.items()) or "off"


def _dated(hours: WeekHours) -> list[str]:
    """One rule for each run of days on which the same is to be said."""
    said = _said(hours)
    runs: list[list[date]] = []
    for day in sorted(said):
        if runs and day - runs[-1][-1] == _ONE and said[day] == said[runs[-1][-1]]:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [f"{_dates(run[0], run[-1])} {_spans(said[run[0]]) or 'off'}" for run in runs]


def _said(hours: WeekHours) -> dict[date, list[Window]]:
    """What the rule of each day has to say that is special, or comes after one that is and has a night."""
    special = {day: one.windows for one in hours.specials for day in one.days}

    def own(day: date) -> Windows:
        return special.get(day, hours.days[day.weekday()])

    said = {day: [*_night(own(day - _ONE)), *own(day)] for day in special}
    for day in special:
        after = day + _ONE
        # The reader takes the week's night for a day's own, whatever was special about the day.
        if after not in special and _night(own(day)) != _night(hours.days[day.weekday()]):
            said[after] = [*_night(own(day)), *own(after)]
    return said


def _night(windows: Windows) -> list[Window]:
    """What of a day's windows lies on the next day."""
    return [Window(0, window.end - DAY) for window in windows if window.end > DAY]


def _passes_midnight(windows: Windows) -> bool:
    return any(window.end > DAY for window in windows)


def _spans(windows: Sequence[Window]) -> str:
    return ",".join(map(str, windows))


def _dates(first: date, last: date) -> str:
    one, other = (f"{day.year:04} {_MONTHS[day.month - 1]} {day.day:02}" for day in (first, last))
    return one if one == other else f"{one}-{other}"


def _read_weekly(parts: Sequence[str]) -> tuple[Windows, ...] | None:
    days: list[Windows] = [()] * 7
    if parts in (["off"], ["24/7"]):
        return tuple([(Window(0, DAY),) if parts == ["24/7"] else ()] * 7)
    for rule in (rule for part in parts for rule in part.split(", ")):
        told, _, times = rule.rpartition(" ")
        on, windows = days_of(told) if told else list(range(7)), _read_spans(times)
        if on is None or not windows or any(days[day] for day in on):
            return None
        for day in on:
            days[day] = windows
    return tuple(days) if parts else None


def _read_spans(text: str) -> Windows:
    """The windows of `10:00-14:00,18:00-02:00`; none at all where one of them cannot be read."""
    read = [window_of(*span.split("-")) for span in text.split(",") if span.count("-") == 1]
    return tuple(window for window in read if window) if None not in read and len(read) == text.count(",") + 1 else ()


def _read_dated(parts: Sequence[str], days: Sequence[Windows]) -> tuple[SpecialDays, ...] | None:
    said: dict[date, Windows] = {}
    for part in parts:
        rule = _read_rule(part)
        if rule is None:
            return None
        said |= dict.fromkeys(rule.days, rule.windows)
    return _specials(_own(said, days), days)


def _read_rule(part: str) -> SpecialDays | None:
    read = _DATED.fullmatch(part)
    if read is None:
        return None
    year, month, day, *last, times = read.groups()
    try:
        first = _date(year, month, day)
        windows = _read_spans(times)
        rule = SpecialDays(first, _date(*last) if last[0] else first, windows)
    except ValueError:
        return None
    return rule if (windows or times == "off") and timedelta(0) <= rule.last - rule.first < LONGEST_SPECIAL else None


def _date(year: str, month: str, day: str) -> date:
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def _own(said: Mapping[date, Windows], days: Sequence[Windows]) -> dict[date, Windows]:
    """Each day's own windows: what its rule says without the night of the day before."""
    own: dict[date, Windows] = {}
    for day in sorted(said):
        before = day - _ONE
        left = list(said[day])
        for night in _night(own.get(before, days[before.weekday()])):
            if night in left:
                left.remove(night)
        own[day] = tuple(left)
    return own


def _specials(own: Mapping[date, Windows], days: Sequence[Windows]) -> tuple[SpecialDays, ...]:
    found: list[SpecialDays] = []
    for day, windows in own.items():
        follows = bool(found) and day - found[-1].last == _ONE
        if follows and windows == days[day.weekday()] and _night(found[-1].windows) != _night(days[found[-1].last.weekday()]):
            # Said only for the night that reaches into it.
            continue
        if follows and found[-1].windows == windows and day - found[-1].first < LONGEST_SPECIAL:
            found[-1] = SpecialDays(found[-1].first, day, windows)
        else:
            found.append(SpecialDays(day, day, windows))
    return tuple(found)
