"""Preparation by day and hour: a table written as `Mo-Fr 11:00-14:00 35; Sa 18:00-22:00 50`, by the store's own clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.stores.rules.windows import DAY, WEEK, Window, days_of, days_text, in_week, overlap, window_of

MOST_ROWS = 50
LONGEST_PREPARATION = 240


class PreparationRow(NamedTuple):
    """On these days, in this window, an order takes so many minutes."""

    days: tuple[int, ...]
    window: Window
    minutes: int

    def __str__(self) -> str:
        return f"{days_text(self.days)} {self.window} {self.minutes}"


def preparation_text(table: Sequence[PreparationRow]) -> str:
    """The table as it is kept."""
    return "; ".join(str(row) for row in table)


def rows_clash(table: Sequence[PreparationRow]) -> bool:
    """Whether two rows speak of the same minute."""
    return overlap([in_week(day, row.window) for row in table for day in row.days], around=WEEK)


@lru_cache(maxsize=4_096)
def preparation_table(text: str) -> tuple[PreparationRow, ...]:
    """The rows of a table that is kept."""
    return tuple(_row(part) for part in text.split("; ") if part)


def minutes_at(text: str, shown: datetime) -> int | None:
    """What the table says for what the store's clock shows; None where it says nothing."""
    minute = shown.weekday() * DAY + shown.hour * 60 + shown.minute
    return next((minutes for start, end, minutes in _spans(text) if start <= minute < end), None)


def next_boundary(text: str, time_zone: str, at: datetime) -> datetime | None:
    """A moment after `at` at which the table may say something else; None where it never does.

    Where clocks change within the next hours it may be an hour early or late, never past the boundary after it.
    """
    if not text:
        return None
    zone = ZoneInfo(time_zone)
    shown = at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    minute = shown.weekday() * DAY + shown.hour * 60 + shown.minute
    ahead = min((edge - minute - 1) % WEEK + 1 for start, end, _ in _spans(text) for edge in (start, end))
    turn = (shown + timedelta(minutes=ahead)).replace(tzinfo=zone).astimezone(at.tzinfo)
    return turn if turn > at else at.replace(second=0, microsecond=0) + timedelta(minutes=1)


@lru_cache(maxsize=4_096)
def _spans(text: str) -> tuple[tuple[int, int, int], ...]:
    """The table as minutes of the week; what goes on over the end of the week stands at its beginning, too."""
    spans = [(*in_week(day, row.window), row.minutes) for row in preparation_table(text) for day in row.days]
    return tuple(spans + [(0, end - WEEK, minutes) for _, end, minutes in spans if end > WEEK])


def _row(part: str) -> PreparationRow:
    days, times, minutes = part.split(" ")
    opens, _, closes = times.partition("-")
    read, window = days_of(days), window_of(opens, closes)
    if read is None or window is None:
        raise ValueError(f"not a row of a preparation table: {part!r}")
    return PreparationRow(tuple(read), window, int(minutes))
