"""Until when "not today" lasts, by the store's own clock and evening."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.catalog.rules.today import end_of_today

HELSINKI = ZoneInfo("Europe/Helsinki")


@dataclass(frozen=True)
class Doors:
    opening_hours: str
    time_zone: str = "Europe/Helsinki"
    country: str = "FI"


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=HELSINKI)


@pytest.mark.parametrize(
    ("hours", "said", "until"),
    [
        ("Mo-Su 10:00-22:00", at(10, 12), at(11, 0)),
        # Between lunch and dinner, and after closing, the day is not over.
        ("Mo-Su 10:00-14:00,17:00-22:00", at(10, 15), at(11, 0)),
        ("Mo-Su 10:00-22:00", at(10, 23), at(11, 0)),
        # The evening runs on past midnight, and so does what is out in it.
        ("Mo-Su 18:00-03:00", at(10, 20), at(11, 3)),
        ("Mo-Su 18:00-03:00", at(11, 1, 30), at(11, 3)),
        ("Mo-Su 18:00-03:00", at(11, 4), at(12, 3)),
        # Doors that never close have no evening, nor those that open at midnight.
        ("24/7", at(10, 20), at(11, 0)),
        ("Mo-Su 00:00-14:00", at(10, 9), at(11, 0)),
        # The night in which clocks are set back is an hour longer.
        ("Mo-Su 18:00-04:00", at(24, 20, month=10), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_the_end_of_today(hours: str, said: datetime, until: datetime) -> None:
    assert end_of_today(Doors(hours), said) == until
