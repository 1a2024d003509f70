"""The order of pick-ups, when and how far to search, what a courier earns, and when a door may be given up."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.rules import (
    PickUp,
    courier_pay,
    may_give_up,
    on_the_widest_ring,
    pickup_order,
    route_length,
    search_is_over,
    search_radius,
    search_start,
)
from services.settings import Limits

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
LIMITS = Limits()
LEAD = timedelta(minutes=8)


def pickup(number: int, minutes: float) -> PickUp:
    return PickUp(UUID(int=number), NOW + timedelta(minutes=minutes), 60.17, 24.94)


def test_pick_ups_go_as_they_become_ready_whatever_order_they_came_in() -> None:
    first, second, third = pickup(3, 10), pickup(1, 20), pickup(2, 20)
    for order in permutations([first, second, third]):
        assert pickup_order(order) == [first, second, third]


def test_the_search_begins_the_way_before_the_last_is_ready_and_earlier_for_each_further_stop() -> None:
    assert search_start([pickup(1, 20)], LEAD) == NOW + timedelta(minutes=12)
    assert search_start([pickup(1, 5), pickup(2, 20)], LEAD) == NOW + timedelta(minutes=8)
    assert search_start([pickup(1, 20), pickup(2, 20), pickup(3, 20)], LEAD) == NOW + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("seconds", "metres"),
    [(0, 2_000), (119, 2_000), (120, 4_000), (239, 4_000), (240, 6_000), (100_000, 6_000)],
)
def test_the_ring_widens(seconds: int, metres: int) -> None:
    span = timedelta(seconds=seconds)
    assert search_radius(span, LIMITS) == metres
    assert on_the_widest_ring(span, LIMITS) is (metres == 6_000)


@given(st.lists(st.floats(0, 10_000), min_size=2, max_size=20))
def test_a_ring_never_narrows(seconds: list[float]) -> None:
    radii = [search_radius(timedelta(seconds=one), LIMITS) for one in sorted(seconds)]
    assert radii == sorted(radii)


def test_a_search_is_over_after_twenty_minutes() -> None:
    assert not search_is_over(timedelta(minutes=20), LIMITS)
    assert search_is_over(timedelta(minutes=20, seconds=1), LIMITS)


@pytest.mark.parametrize(
    ("metres", "stops", "cents"),
    [(0, 2, 370), (1, 2, 440), (1_000, 2, 440), (1_000.1, 2, 510), (3_500, 4, 770)],
)
def test_pay_is_a_base_each_stop_and_each_kilometre_begun(metres: float, stops: int, cents: int) -> None:
    assert courier_pay(metres, stops, LIMITS) == cents


@given(st.floats(0, 50_000), st.floats(0, 50_000), st.integers(2, 6))
def test_farther_is_never_paid_less(one: float, other: float, stops: int) -> None:
    near, far = sorted([one, other])
    assert courier_pay(near, stops, LIMITS) <= courier_pay(far, stops, LIMITS) < courier_pay(far, stops + 1, LIMITS)


def test_the_length_of_a_route() -> None:
    assert route_length([(60.17, 24.94)]) == 0
    # A hundredth of a degree of latitude on earthdistance's sphere, there and back.
    assert round(route_length([(60.17, 24.94), (60.18, 24.94), (60.17, 24.94)])) == 2_226


@pytest.mark.parametrize(
    ("waited", "attempts", "may"),
    [(8, 2, True), (8, 3, True), (7.99, 2, False), (8, 1, False), (100, 0, False)],
)
def test_a_door_is_given_up_after_the_wait_and_two_attempts(waited: float, attempts: int, may: bool) -> None:
    assert may_give_up(NOW - timedelta(minutes=waited), attempts, NOW, LIMITS) is may
    assert may_give_up(None, attempts, NOW, LIMITS) is False
