"""Looks into JSON that others wrote: what is not of the kind expected is as if it were absent, and what nobody reads is told."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from services.catalog.imports.shapes import RemarkCode, Remarks
from services.catalog.rules.windows import Weekday, Window, text_of

Json = Mapping[str, Any]
_DAYS = tuple(Weekday)
_MIDNIGHT = time(0, 0)
_ALL_DAY = (_MIDNIGHT, _MIDNIGHT)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")
_LAST_HOUR, _LAST_MINUTE = 23, 59
_EMPTY: Json = {}
_LARGEST = 10**12


@dataclass(slots=True)
class Dropped:
    """What stands in a file and is not read: each field told once, with how often it was met and where first."""

    times: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def note(self, row: int, kind: str, said: Json, known: Iterable[str]) -> None:
        """Note every field of an object that is not among those that are read."""
        for name, value in said.items():
            if name not in known and value not in (None, "", [], {}):
                self.one(row, f"{kind}.{name}")

    def one(self, row: int, path: str) -> None:
        """Note one field that is not read."""
        self.times[path] += 1
        self.first.setdefault(path, row)

    def tell(self, remarks: Remarks) -> None:
        """One warning for each field."""
        for path, times in self.times.items():
            sentence = f"Nothing is made of this field, which stands there {times} times."
            remarks.warn(self.first[path], path, RemarkCode.FIELD_NOT_KEPT, sentence, times)


def an_object(value: Any) -> Json:
    return value if isinstance(value, dict) else _EMPTY


def objects(value: Any) -> Iterator[tuple[int, Json]]:
    """The objects of an array with their places."""
    for place, each in enumerate(value if isinstance(value, list) else ()):
        if isinstance(each, dict):
            yield place, each


def at(value: Any, *steps: str) -> Any:
    """What stands at the end of these steps; None where one of them is missing."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def text(value: Any) -> str:
    """One line of text; a number is its digits."""
    if isinstance(value, str):
        return " ".join(value.replace("\x00", "").split())
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def whole(value: Any) -> int | None:
    """A whole number, also one that was written as text or with a point and zeros."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) <= len(str(_LARGEST)) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _LARGEST else None
    return value if isinstance(value, int) and abs(value) <= _LARGEST else None


def texts(value: Any) -> tuple[str, ...]:
    """The texts of an array."""
    return tuple(found for found in map(text, value if isinstance(value, list) else ()) if found)


def weekly_hours(periods: Iterable[tuple[int, time, time]]) -> str:
    """Hours by weekday (0 is Monday) in OpenStreetMap's language; nothing where it is always."""
    days_of: dict[tuple[time, time], list[Weekday]] = {}
    for day, start, end in sorted(set(periods)):
        days_of.setdefault((start, end), []).append(_DAYS[day])
    if days_of.keys() == {_ALL_DAY} and len(days_of[_ALL_DAY]) == len(_DAYS):
        return ""
    return text_of([Window(tuple(days), start, end) for (start, end), days in days_of.items()])


def tell_no_hours(remarks: Remarks, path: str, said: str) -> None:
    """A day and its hours that cannot be read are named: what they would have kept shut is open without them."""
    sentence = "These are no hours of a day; they are left out. A menu without any hours is sold at all times."
    remarks.warn(0, path, RemarkCode.FIELD_NOT_KEPT, sentence, said)


def clock_time(value: Any) -> time | None:
    """A time of day out of HH:MM or HH:MM:SS; the last minute of the day, and 24:00, are its end."""
    found = _CLOCK.fullmatch(text(value))
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) in ((23, 59), (24, 0)):
        return _MIDNIGHT
    return time(hour, minute) if hour <= _LAST_HOUR and minute <= _LAST_MINUTE else None
