"""When a menu is sold: windows against the clock on the wall, minute by minute, over the nights on which clocks are moved."""

from datetime import UTC, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.catalog.rules.windows import (
    SellingHours,
    Weekday,
    Window,
    changes_at,
    hours_faults,
    is_sold,
    sold_from,
    text_of,
    windows_in,
)

MINUTE = timedelta(minutes=1)
DAYS = list(Weekday)
# The evening before: forward, back; Lord Howe moves by half an hour.
NIGHTS = [
    ("Europe/Helsinki", datetime(2026, 3, 28, 21, 0, tzinfo=UTC)),
    ("Europe/Helsinki", datetime(2026, 10, 24, 21, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 3, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 12, 0, tzinfo=UTC)),
]
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(tuple)
windows = st.lists(st.builds(Window, days, times, times), min_size=1, max_size=3)


def shown_open(several: list[Window], zone: ZoneInfo, at: datetime) -> bool:
    """By what the clock on the wall shows, as a waiter would say it."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    today, yesterday = DAYS[wall.weekday()], DAYS[(wall.weekday() - 1) % 7]
    for window in several:
        through_midnight = window.end <= window.start
        if today in window.days and window.start <= wall.time() and (through_midnight or wall.time() < window.end):
            return True
        if through_midnight and yesterday in window.days and wall.time() < window.end:
            return True
    return False


@pytest.mark.parametrize(("zone", "evening"), NIGHTS)
@settings(max_examples=4, deadline=None)
@given(windows)
@example([Window((Weekday.SA,), time(22, 0), time(3, 30)), Window((Weekday.SU,), time(3, 30), time(4, 15))])
@example([Window((Weekday.SU,), time(3, 0), time(3, 0))])
def test_windows_say_what_the_clock_on_the_wall_says(zone: str, evening: datetime, several: list[Window]) -> None:
    hours = SellingHours(text_of(several), zone, "FI")
    minutes = [evening + MINUTE * count for count in range(12 * 60)]
    wall = [shown_open(several, ZoneInfo(zone), minute) for minute in minutes]

    assert [is_sold(hours, minute) for minute in minutes] == wall
    first_turn = next((minute for minute, is_open in zip(minutes, wall, strict=True) if is_open != wall[0]), None)
    turn = changes_at(hours, minutes[0])
    assert (turn if turn is not None and turn <= minutes[-1] else None) == first_turn
    first_open = next((minute for minute, is_open in zip(minutes, wall, strict=True) if is_open), None)
    opening = sold_from(hours, minutes[0])
    assert (opening if opening is not None and opening <= minutes[-1] else None) == first_open


def test_windows_add_to_each_other() -> None:
    several = [
        Window((Weekday.MO, Weekday.TU), time(7, 0), time(10, 30)),
        Window((Weekday.MO,), time(12, 0), time(14, 0)),
        Window((Weekday.FR,), time(22, 0), time(2, 0)),
    ]

    assert text_of(several) == "Mo,Tu 07:00-10:30, Mo 12:00-14:00, Fr 22:00-26:00"
    assert windows_in(text_of(several)) == 3
    assert list(hours_faults(text_of(several))) == []


def test_a_menu_without_hours_is_sold_at_any_time() -> None:
    noon = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)

    assert (is_sold(None, noon), sold_from(None, noon), changes_at(None, noon)) == (True, noon, None)


def test_a_menu_that_is_never_sold_has_no_next_time() -> None:
    off = SellingHours("off", "Europe/Helsinki", "FI")
    noon = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)

    assert (is_sold(off, noon), sold_from(off, noon)) == (False, None)


@pytest.mark.parametrize("text", ["Mo-Su 00:00-24:00", "Su-Sa 06:00-30:00", 'Mo 00:00-24:00 "a", Tu-Su 00:00-24:00 "b"'])
def test_hours_that_never_end_keep_nobody_waiting(text: str) -> None:
    began = monotonic()

    assert changes_at(SellingHours(text, "Europe/Helsinki", "FI"), datetime(2026, 6, 10, 9, 0, tzinfo=UTC)) is None
    assert monotonic() - began < 3


@pytest.mark.parametrize(
    ("text", "found"),
    [("when the sun shines", 0), ("Mo 25:99-x", 0), ("Mo 07:00-08:00, " * 80, 0), (", ".join(["Mo 07:00-08:00"] * 21), 21)],
)
def test_hours_that_cannot_stand_are_told(text: str, found: int) -> None:
    [(_, windows_found)] = list(hours_faults(text))

    assert windows_found == found


def test_twenty_windows_may_stand_and_each_is_sold_in() -> None:
    several = [Window((day,), time(hour), time(hour + 1)) for day in DAYS[:5] for hour in (7, 11, 15, 22)]
    hours = SellingHours(text_of(several), "Europe/Helsinki", "FI")
    monday = datetime(2026, 6, 8, tzinfo=ZoneInfo("Europe/Helsinki"))
    asked = [monday + timedelta(hours=half / 2) for half in range(7 * 48)]

    assert (len(several), list(hours_faults(hours.opening_hours))) == (20, [])
    assert [is_sold(hours, at) for at in asked] == [shown_open(several, ZoneInfo("Europe/Helsinki"), at) for at in asked]
