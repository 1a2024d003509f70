"""The clock may run faster than the wall's; pages begin after the last row's keys."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.kernel import clock, paging
from services.kernel.errors import BadInput

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def test_a_fast_city_s_minute_is_a_second_of_the_wall() -> None:
    anchor = clock.Anchor(wall=NOON, city=NOON + timedelta(days=1), speed=60)
    assert anchor.at(NOON + timedelta(seconds=2)) == NOON + timedelta(days=1, minutes=2)


async def test_a_standing_clock_neither_moves_nor_waits() -> None:
    try:
        clock.stand_still_at(NOON)
        await clock.sleep(3_600)
        assert clock.now() == NOON
        assert clock.speed() == 0
    finally:
        clock.set_anchor(None)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_page_knows_whether_more_follow() -> None:
    page = paging.page_of([1, 2, 3], paging.PageRequest(first=2), lambda row: (row, "x"))
    assert (page.rows, page.has_next) == ([1, 2], True)
    assert page.end_cursor is not None
    assert paging.keys(page.end_cursor, int, str) == [2, "x"]
    assert paging.page_of([], paging.PageRequest(), lambda row: (row,)).end_cursor is None


@pytest.mark.parametrize(
    "text", ["", "!!", "bm90IGpzb24", paging.cursor("x"), paging.cursor(1.5, "no-uuid"), paging.cursor(1, 2, 3), "null"]
)
def test_a_strange_cursor_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        paging.keys(text, float, UUID)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "", None, [], {}])
def test_a_cursor_holds_finite_numbers(number: Any) -> None:
    assert paging.keys(paging.cursor(1.5), paging.number) == [1.5]
    with pytest.raises(BadInput):
        paging.keys(paging.cursor(number), paging.number)


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-06-10T09:00:00", "2026-06-10", "now", 7]
)
def test_a_cursor_holds_times_of_the_calendar_with_their_offset(time: Any) -> None:
    assert paging.keys(paging.cursor("2026-06-10T11:00:00+02:00"), paging.moment) == [datetime(2026, 6, 10, 9, tzinfo=UTC)]
    with pytest.raises(BadInput):
        paging.keys(paging.cursor(time), paging.moment)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_has_a_hundred_rows_at_most(first: int) -> None:
    with pytest.raises(BadInput):
        paging.PageRequest(first=first)
