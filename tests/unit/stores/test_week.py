"""Hours as windows and special days: written in OpenStreetMap's language, read back, and asked minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.stores.rules import is_open
from services.stores.rules.week import SpecialDays, WeekFault, WeekHours, in_order, week_fault, week_of, week_text
from services.stores.rules.windows import DAY, Window, window_of
from tests.unit.stores.test_hours import Kitchen

HELSINKI = ZoneInfo("Europe/Helsinki")
CLOSED: tuple[Window, ...] = ()


def at(*times: str) -> tuple[Window, ...]:
    """`at("10:00-14:00", "18:00-02:00")`"""
    found = tuple(window_of(*text.split("-")) for text in times)
    assert None not in found
    return tuple(window for window in found if window)


LUNCH, NIGHT = at("10:00-14:00"), at("18:00-02:00")


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (WeekHours((LUNCH,) * 5 + (CLOSED,) * 2), "Mo-Fr 10:00-14:00"),
        (WeekHours((LUNCH,) * 5 + (at("12:00-24:00"), CLOSED)), "Mo-Fr 10:00-14:00; Sa 12:00-24:00"),
        (WeekHours((LUNCH,) * 4 + (NIGHT, NIGHT, CLOSED)), "Mo-Th 10:00-14:00, Fr-Sa 18:00-02:00"),
        (WeekHours((at("10:00-14:00", "17:00-21:00"),) * 7, closed_on_holidays=True), "Mo-Su 10:00-14:00,17:00-21:00; PH off"),
        (WeekHours((CLOSED,) * 7), "off"),
        (WeekHours((at("00:00-24:00"),) * 7), "24/7"),
        (
            WeekHours((at("00:00-24:00"),) * 7, (SpecialDays(date(2026, 12, 24), date(2026, 12, 24), LUNCH),)),
            "24/7; 2026 Dec 24 10:00-14:00",
        ),
        (
            WeekHours((LUNCH,) * 7, (SpecialDays(date(2026, 12, 24), date(2026, 12, 26)),)),
            "Mo-Su 10:00-14:00; 2026 Dec 24-2026 Dec 26 off",
        ),
        (
            WeekHours((LUNCH,) * 7, (SpecialDays(date(2026, 12, 31), date(2026, 12, 31), at("20:00-04:00")),)),
            "Mo-Su 10:00-14:00; 2026 Dec 31 20:00-04:00; 2027 Jan 01 00:00-04:00,10:00-14:00",
        ),
        (
            WeekHours((NIGHT,) * 7, (SpecialDays(date(2026, 12, 24), date(2026, 12, 24)),)),
            "Mo-Su 18:00-02:00; 2026 Dec 24 00:00-02:00; 2026 Dec 25 18:00-02:00",
        ),
    ],
)
def test_hours_are_one_text_and_come_back_as_they_were(hours: WeekHours, text: str) -> None:
    assert week_text(hours) == text
    assert week_of(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr sunrise-sunset",
        'Mo-Fr 10:00-14:00 "kitchen"',
        "Fr 18:00-02:00; Sa 10:00-14:00",  # the second rule cuts the night off, which windows cannot say
        "PH off; Mo-Fr 10:00-14:00",
        "2026 Dec 24 off; Mo-Fr 10:00-14:00",
        "Mo 10:00-14:00; Mo 16:00-18:00",
        "Mo-Su 10:00-14:00; 2026 Feb 30 off",
        "Jan-Mar Mo 10:00-12:00",
        "",
    ],
)
def test_what_windows_cannot_say_stays_a_text(text: str) -> None:
    assert week_of(text) is None


def test_simple_texts_of_others_are_read() -> None:
    assert week_of("24/7") == WeekHours((at("00:00-24:00"),) * 7)
    assert week_of("10:00-14:00") == WeekHours((LUNCH,) * 7)
    assert week_of("Mo-We,Fr 10:00-14:00; PH off") == WeekHours(
        (LUNCH, LUNCH, LUNCH, CLOSED, LUNCH, CLOSED, CLOSED), closed_on_holidays=True
    )


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        (WeekHours((at("10:00-14:00", "13:00-15:00"),) + (CLOSED,) * 6), WeekFault.WINDOWS_OVERLAP),
        (WeekHours((at("01:00-03:00"),) + (CLOSED,) * 5 + (NIGHT,)), WeekFault.WINDOWS_OVERLAP),
        (WeekHours((tuple(Window(hour * 60, hour * 60 + 30) for hour in range(7)),) * 7), WeekFault.TOO_MANY_WINDOWS),
        (WeekHours((LUNCH,) * 7, (SpecialDays(date(2026, 6, 2), date(2026, 6, 1)),)), WeekFault.SPECIAL_DAYS_BACKWARDS),
        (WeekHours((LUNCH,) * 7, (SpecialDays(date(2026, 6, 1), date(2026, 9, 1)),)), WeekFault.SPECIAL_DAYS_TOO_LONG),
        (
            WeekHours(
                (LUNCH,) * 7, (SpecialDays(date(2026, 6, 1), date(2026, 6, 3)), SpecialDays(date(2026, 6, 3), date(2026, 6, 4)))
            ),
            WeekFault.SPECIAL_DAYS_OVERLAP,
        ),
        (WeekHours((NIGHT,) * 7, closed_on_holidays=True), WeekFault.HOLIDAYS_AND_MIDNIGHT),
        (
            WeekHours(
                (LUNCH,) * 7, tuple(SpecialDays(day, day) for day in (date(2026, 1, 1) + timedelta(2 * n) for n in range(61)))
            ),
            WeekFault.TOO_MANY_SPECIAL_DAYS,
        ),
    ],
)
def test_hours_that_cannot_be_kept_say_why(hours: WeekHours, fault: WeekFault) -> None:
    assert week_fault(hours) is fault


def open_by_hand(hours: WeekHours, shown: datetime) -> bool:
    """Whether a window of this day, or of the night before, holds what the clock on the wall shows."""
    special = {day: one.windows for one in hours.specials for day in one.days}
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        minute = shown.hour * 60 + shown.minute + back * DAY
        if any(start <= minute < end for start, end in special.get(day, hours.days[day.weekday()])):
            return True
    return False


def apart(edges: set[int]) -> tuple[Window, ...]:
    """Windows between half hours, none of which meets another."""
    halves = [half * 30 for half in sorted(edges)]
    pairs = zip(halves[::2], halves[1::2], strict=False)
    return tuple(Window(start, end) for start, end in pairs if start < DAY)


# From three in the morning to three in the next, mostly; now and then from midnight on.
of_a_day = some.one_of(some.sets(some.integers(6, 54), max_size=4), some.sets(some.integers(0, 48), max_size=3)).map(apart)
# Around the two nights on which clocks change, and a turn of the year.
PIVOTS = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31))


@some.composite
def weeks(draw: some.DrawFn) -> tuple[date, WeekHours]:
    pivot = draw(some.sampled_from(PIVOTS))
    days = tuple(draw(of_a_day) for _ in range(7))
    first = pivot + timedelta(days=draw(some.integers(-2, 0)))
    one = SpecialDays(first, first + timedelta(days=draw(some.integers(0, 2))), draw(of_a_day))
    other_first = one.last + timedelta(days=draw(some.integers(1, 2)))
    other = SpecialDays(other_first, other_first, draw(of_a_day))
    return pivot, in_order(WeekHours(days, (one, other)[: draw(some.integers(0, 2))]))


@settings(max_examples=7, deadline=None)
@given(weeks().filter(lambda drawn: week_fault(drawn[1]) is None))
def test_the_text_is_open_at_exactly_the_minutes_that_were_meant(drawn: tuple[date, WeekHours]) -> None:
    pivot, hours = drawn
    kitchen = Kitchen(week_text(hours))
    start = datetime(pivot.year, pivot.month, pivot.day, tzinfo=HELSINKI).astimezone(UTC) - timedelta(days=1)
    wrong = [
        minute
        for minute in (start + timedelta(minutes=count) for count in range(3 * DAY))
        if is_open(kitchen, minute) != open_by_hand(hours, minute.astimezone(HELSINKI).replace(tzinfo=None))
    ]
    assert wrong == []


@settings(max_examples=50, deadline=None)
@given(weeks().filter(lambda drawn: week_fault(drawn[1]) is None))
def test_a_text_read_back_means_the_same_and_is_written_the_same(drawn: tuple[date, WeekHours]) -> None:
    pivot, hours = drawn
    text = week_text(hours)
    read = week_of(text)
    assert read is not None, text
    assert week_text(read) == text
    start = datetime.combine(pivot, time.min) - timedelta(days=4)
    halves = [start + timedelta(minutes=30 * count) for count in range(9 * 48)]
    assert [open_by_hand(read, half) for half in halves] == [open_by_hand(hours, half) for half in halves]
    if len(hours.specials) < 2:
        assert read.days == hours.days
