"""How long a store needs by the hour and while it is busy, and what that does to the last order; minute by minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.stores import rules
from services.stores.rules.preparing import PreparationRow, next_boundary, preparation_table, preparation_text, rows_clash
from services.stores.rules.windows import Window
from tests.unit.stores.test_hours import HELSINKI, Kitchen, local

RUSH = "Mo-Fr 11:00-14:00 35; Fr-Sa 22:00-02:00 50"


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        ("2026-06-10T10:59", 10),
        ("2026-06-10T11:00", 35),
        ("2026-06-10T13:59", 35),
        ("2026-06-10T14:00", 10),
        ("2026-06-12T22:00", 50),
        ("2026-06-14T01:59", 50),  # Saturday's night reaches into Sunday
        ("2026-06-14T02:00", 10),
        ("2026-06-13T11:30", 10),
    ],
)
def test_preparation_goes_by_day_and_hour_of_the_stores_own_clock(at: str, minutes: int) -> None:
    assert rules.preparation_at(Kitchen(preparation_windows=RUSH), local(at)) == minutes


def test_a_table_is_kept_as_it_was_told() -> None:
    table = preparation_table(RUSH)

    assert table == (PreparationRow((0, 1, 2, 3, 4), Window(660, 840), 35), PreparationRow((4, 5), Window(1_320, 1_560), 50))
    assert preparation_text(table) == RUSH
    assert not rows_clash(table)
    assert rows_clash((*table, PreparationRow((6,), Window(90, 200), 20)))
    assert rows_clash((PreparationRow((6,), Window(1_400, 1_500), 20), PreparationRow((0,), Window(30, 90), 25)))


def test_busy_minutes_come_on_top_until_they_end() -> None:
    kitchen = Kitchen(preparation_windows=RUSH, busy_minutes=15, busy_until=local("2026-06-10T11:30"))

    assert [rules.preparation_at(kitchen, local(f"2026-06-10T{at}")) for at in ("10:30", "11:29", "11:30")] == [25, 50, 35]


def test_the_last_order_is_as_the_store_says_or_follows_what_it_needs() -> None:
    def last(**facts: object) -> timedelta:
        return rules.last_order_buffer(Kitchen(**facts), local("2026-06-10T12:00"))  # type: ignore[arg-type]

    assert last() == timedelta(minutes=20)
    assert last(preparation_windows=RUSH) == timedelta(minutes=35)
    assert last(busy_minutes=30, busy_until=local("2026-06-10T13:00")) == timedelta(minutes=40)
    assert last(preparation_windows=RUSH, last_order_minutes=5) == timedelta(minutes=5)
    assert last(last_order_minutes=0) == timedelta(0)


def test_a_store_takes_orders_again_when_its_busy_time_ends_before_it_closes() -> None:
    kitchen = Kitchen(busy_minutes=60, busy_until=local("2026-06-10T20:15"))

    assert not rules.takes_orders(kitchen, local("2026-06-10T20:00"))
    assert rules.takes_orders_from(kitchen, local("2026-06-10T20:00")) == local("2026-06-10T20:15")
    assert rules.takes_orders_from(kitchen, local("2026-06-10T20:41")) == local("2026-06-11T10:00")


def test_a_card_tells_the_same_until_the_next_minute_or_the_end_of_a_pause_or_a_busy_time() -> None:
    class Card:
        read_at = datetime(2026, 6, 10, 9, 0, 30, tzinfo=UTC)
        paused_until: datetime | None = None
        busy_until: datetime | None = read_at + timedelta(seconds=10)

    card = Card()
    assert rules.same_until(card) == card.busy_until
    card.busy_until = card.read_at - timedelta(seconds=1)
    assert rules.same_until(card) == datetime(2026, 6, 10, 9, 1, tzinfo=UTC)


rows = some.builds(
    lambda day, start, span, minutes: PreparationRow((day,), Window(start * 15, (start + span) * 15), minutes),
    some.integers(0, 6),
    some.integers(0, 95),
    some.integers(1, 60),
    some.sampled_from([25, 60, 120]),
)
tables = some.lists(rows, min_size=1, max_size=4).filter(lambda table: not rows_clash(table))
hours = some.sampled_from(["Mo-Su 17:00-21:00", "Mo-Su 22:00-03:30", "Mo-Fr 10:00-14:00, Sa 18:00-02:00", "24/7"])
starts = some.sampled_from(["2026-03-28T21:00", "2026-10-24T21:00", "2026-06-12T12:00"]).map(local)


@settings(max_examples=25, deadline=None)
@given(tables, hours, starts, some.integers(0, 120))
def test_the_first_moment_for_an_order_is_the_one_found_by_asking_every_minute(
    table: list[PreparationRow], told: str, start: datetime, busy: int
) -> None:
    until = start + timedelta(minutes=busy) if busy else None
    kitchen = Kitchen(told, preparation_windows=preparation_text(table), busy_minutes=40 if busy else 0, busy_until=until)

    minutes = (start + timedelta(minutes=count) for count in range(2 * 24 * 60))
    first = next((minute for minute in minutes if rules.takes_orders(kitchen, minute)), None)

    found = rules.takes_orders_from(kitchen, start)
    assert found == first or (first is None and (found is None or found >= start + timedelta(days=2)))


@settings(max_examples=40, deadline=None)
@given(tables, starts, some.integers(0, 2_000))
def test_between_two_boundaries_a_table_says_one_thing(table: list[PreparationRow], start: datetime, later: int) -> None:
    text, at = preparation_text(table), start + timedelta(minutes=later)
    turn = next_boundary(text, "Europe/Helsinki", at)

    assert turn is not None
    assert turn > at
    minutes = [at + timedelta(minutes=count) for count in range(int((turn - at).total_seconds()) // 60)]
    kitchen = Kitchen(preparation_windows=text)
    # Where the clock is set back the hour is lived twice, and the boundary with it.
    if len({minute.astimezone(HELSINKI).utcoffset() for minute in (*minutes, turn)}) == 1:
        assert len({rules.preparation_at(kitchen, minute) for minute in minutes}) <= 1
