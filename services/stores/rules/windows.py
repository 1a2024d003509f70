"""Stretches of a week by the clock on the wall: how they are written, read and compared."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

DAY = 24 * 60
WEEK = 7 * DAY
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


# As Python counts them: Monday is 0.
NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class Window(NamedTuple):
    """Minutes after the midnight with which its day begins: up to a day long, into the next day where it ends beyond 24 hours."""

    start: int
    end: int

    def __str__(self) -> str:
        # A day's end is 24:00, the next day's hours are written from 00:00 on.
        end = self.end if self.end <= DAY else self.end - DAY
        return f"{clock_text(self.start)}-{clock_text(end)}"


def clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def minute_of(text: str) -> int | None:
    """Minutes after midnight of `HH:MM`, up to 24:00; None for anything else."""
    read = _TIME.fullmatch(text)
    minute = int(read[1]) * 60 + int(read[2]) if read else DAY + 1
    return minute if minute <= DAY else None


def window_of(opens: str, closes: str) -> Window | None:
    """From one time of the day to the next such time: `18:00` to `02:00` passes midnight. None for what is no window."""
    start, end = minute_of(opens), minute_of(closes)
    if start is None or end is None or start in (DAY, end):
        return None
    # 00:00 as an end is kept as 24:00, so that each window has one spelling.
    return window_between(start, end)


def window_between(start: int, end: int) -> Window:
    """From one minute of the day to another; one that is not later lies on the next day."""
    return Window(start, end if end > start else end + DAY)


def days_text(days: Iterable[int]) -> str:
    """`Mo-Fr,Su`: days in a row as a range."""
    left, parts = sorted(set(days)), []
    while left:
        run = next((size for size in range(len(left), 0, -1) if left[size - 1] - left[0] == size - 1), 1)
        first, last = NAMES[left[0]], NAMES[left[run - 1]]
        parts.append(first if run == 1 else f"{first}-{last}")
        left = left[run:]
    return ",".join(parts)


def days_of(text: str) -> list[int] | None:
    """The days of `Mo-Fr,Su`, in order; None for anything else."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in NAMES or (dash and last not in NAMES):
            return None
        low, high = NAMES.index(first), NAMES.index(last or first)
        # Sa-Mo goes on over the end of the week.
        found |= {day % 7 for day in range(low, high + 1 if high >= low else high + 8)}
    return sorted(found)


def overlap(spans: Sequence[tuple[int, int]], around: int | None = None) -> bool:
    """Whether two spans share a minute; with `around`, time goes round in so many minutes."""
    pieces = sorted(spans)
    if around is not None:
        cut = [(start, min(end, around)) for start, end in pieces] + [(0, end - around) for _, end in pieces if end > around]
        pieces = sorted(cut)
    return any(one[1] > other[0] for one, other in pairwise(pieces))


def in_week(day: int, window: Window) -> tuple[int, int]:
    """A window of a day as minutes of the week."""
    return day * DAY + window.start, day * DAY + window.end
