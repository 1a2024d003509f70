"""When stores are open and take orders: weeks, pauses, midnight, and the two nights a year when clocks change."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from opening_hours import OpeningHours

from services.stores import rules

HELSINKI = ZoneInfo("Europe/Helsinki")
KITCHEN = "Mo-Fr 10:00-21:00; Sa 12:00-02:00; PH off"


@dataclass(frozen=True)
class Kitchen:
    opening_hours: str = KITCHEN
    time_zone: str = "Europe/Helsinki"
    country: str = "FI"
    state: str = "LIVE"
    preparation_minutes: int = 10
    paused_until: datetime | None = None
    preparation_windows: str = ""
    busy_minutes: int = 0
    busy_until: datetime | None = None
    last_order_minutes: int | None = None


def local(text: str) -> datetime:
    """A time on the clocks of Helsinki, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "open_then"),
    [
        ("2026-06-10T09:59", False),
        ("2026-06-10T10:00", True),
        ("2026-06-10T20:59", True),
        ("2026-06-10T21:00", False),
        ("2026-06-14T01:59", True),  # Saturday's night reaches into Sunday
        ("2026-06-14T02:00", False),
        ("2026-06-14T13:00", False),
        ("2026-12-23T12:00", True),
        ("2026-12-25T12:00", False),  # Christmas, a Friday
    ],
)
def test_open_by_the_stores_own_clock(at: str, open_then: bool) -> None:
    assert rules.is_open(Kitchen(), local(at)) is open_then


def test_next_opening_skips_the_days_off() -> None:
    assert rules.next_opening(Kitchen(), local("2026-06-13T12:00")) == local("2026-06-15T10:00")
    assert rules.next_opening(Kitchen(), local("2026-06-15T09:59")) == local("2026-06-15T10:00")
    assert rules.next_opening(Kitchen(), local("2026-06-15T10:00")) == local("2026-06-16T10:00")


def test_a_store_that_never_closes_has_no_next_opening() -> None:
    assert rules.next_opening(Kitchen("24/7"), local("2026-06-10T12:00")) is None
    assert rules.next_opening(Kitchen("24/7 off"), local("2026-06-10T12:00")) is None


def test_a_comment_in_the_middle_of_the_day_is_no_opening() -> None:
    kitchen = Kitchen('Mo-Su 10:00-14:00, Mo-Su 14:00-20:00 "kitchen only"')

    assert rules.closes_at(kitchen, local("2026-06-10T13:00")) == local("2026-06-10T20:00")
    assert rules.next_opening(kitchen, local("2026-06-10T13:00")) == local("2026-06-11T10:00")


def test_the_night_of_the_early_clock_change_is_an_hour_short() -> None:
    kitchen = Kitchen("22:00-04:00")

    assert rules.closes_at(kitchen, local("2026-03-28T23:00")) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert rules.closes_at(kitchen, local("2026-10-24T23:00")) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("preparation", "last"), [(10, "20:40"), (20, "20:40"), (45, "20:15")])
def test_the_last_order_is_taken_a_preparation_or_twenty_minutes_before_closing(preparation: int, last: str) -> None:
    kitchen = Kitchen(preparation_minutes=preparation)
    moment = local(f"2026-06-10T{last}")

    assert rules.takes_orders(kitchen, moment)
    assert not rules.takes_orders(kitchen, moment + timedelta(seconds=1))
    assert rules.is_open(kitchen, moment + timedelta(seconds=1))
    assert rules.takes_orders_from(kitchen, moment + timedelta(seconds=1)) == local("2026-06-11T10:00")


def test_a_pause_ends_by_itself() -> None:
    kitchen = Kitchen(paused_until=local("2026-06-10T12:30"))

    assert not rules.takes_orders(kitchen, local("2026-06-10T12:29"))
    assert rules.takes_orders_from(kitchen, local("2026-06-10T12:29")) == local("2026-06-10T12:30")
    assert rules.takes_orders(kitchen, local("2026-06-10T12:30"))


def test_a_pause_that_outlasts_the_day_leads_to_the_next_opening() -> None:
    kitchen = Kitchen(paused_until=local("2026-06-10T23:00"))

    assert rules.takes_orders_from(kitchen, local("2026-06-10T12:00")) == local("2026-06-11T10:00")


@pytest.mark.parametrize("state", ["DRAFT", "CLOSED_DOWN"])
def test_only_a_live_store_takes_orders(state: str) -> None:
    assert not rules.takes_orders(Kitchen("24/7", state=state), local("2026-06-10T12:00"))
    assert rules.takes_orders_from(Kitchen("24/7", state=state), local("2026-06-10T12:00")) is None


def test_hours_too_short_for_any_order_are_not_waited_for() -> None:
    assert rules.takes_orders_from(Kitchen("10:00-10:10"), local("2026-06-10T12:00")) is None


def test_after_unanswered_orders_a_store_rests_until_it_opens_anew_or_for_a_day() -> None:
    noon = local("2026-06-10T12:00")

    assert rules.pause_end_after_expiries(Kitchen(), noon) == local("2026-06-11T10:00")
    assert rules.pause_end_after_expiries(Kitchen("24/7"), noon) == noon + timedelta(hours=24)


def test_a_pause_has_an_end_within_a_week() -> None:
    noon = local("2026-06-10T12:00")

    assert rules.pause_allowed(noon + timedelta(days=7), noon)
    assert not rules.pause_allowed(noon + timedelta(days=7, seconds=1), noon)
    assert not rules.pause_allowed(noon, noon)


@pytest.mark.parametrize(
    ("hours", "zone", "country"),
    [("nonsense", "Europe/Helsinki", "FI"), ("24/7", "Europe/Atlantis", "FI"), ("24/7", "Europe/Helsinki", "XX")],
)
def test_hours_that_cannot_be_read_say_why(hours: str, zone: str, country: str) -> None:
    fault = rules.hours_fault(hours, zone, country)

    assert fault
    assert "\n" not in fault
    assert rules.hours_fault(KITCHEN, "Europe/Helsinki", "FI") is None


spans = some.tuples(some.integers(0, 47), some.integers(1, 47)).map(
    lambda span: f"{span[0] // 2:02}:{span[0] % 2 * 30:02}-{(span[0] + span[1]) // 2 % 24:02}:{(span[0] + span[1]) % 2 * 30:02}"
)
weeks = some.lists(some.tuples(some.sampled_from(["Mo", "Tu-Th", "Fr", "Sa-Su", "Mo-Su"]), spans), min_size=1, max_size=4).map(
    lambda parts: "; ".join(f"{days} {span}" for days, span in parts)
)
nights = some.sampled_from(
    ["2026-03-28T12:00", "2026-10-24T12:00", "2026-10-25T01:17", "2026-06-10T12:00", "2026-12-31T12:00"]
).map(local)


@settings(max_examples=100, deadline=None)
@given(weeks, nights)
def test_openings_and_closings_agree_with_asking_every_minute(hours: str, start: datetime) -> None:
    kitchen = Kitchen(hours)
    reader = OpeningHours(hours, country="FI", auto_country=False, auto_timezone=False)
    minutes = [start + timedelta(minutes=count) for count in range(24 * 60)]
    open_then = [reader.is_open(minute.astimezone(HELSINKI).replace(tzinfo=None)) for minute in minutes]

    opening = next((minutes[place] for place in range(1, len(minutes)) if open_then[place] and not open_then[place - 1]), None)
    closing = next((minutes[place] for place in range(1, len(minutes)) if not open_then[place]), None) if open_then[0] else None

    told_opening, told_closing = rules.next_opening(kitchen, start), rules.closes_at(kitchen, start)
    assert (told_opening if told_opening and told_opening <= minutes[-1] else None) == opening
    assert (told_closing if told_closing and told_closing <= minutes[-1] else None) == closing


def test_in_the_hour_that_is_lived_twice_a_store_closes_twice() -> None:
    kitchen = Kitchen("22:00-03:30")
    first, again, second = (datetime(2026, 10, 25, *clock, tzinfo=UTC) for clock in ((0, 30), (1, 0), (1, 30)))

    assert rules.closes_at(kitchen, local("2026-10-24T23:00")) == first
    assert rules.next_opening(kitchen, first) == again
    assert rules.closes_at(kitchen, again) == second
