"""Couriers are where their speed takes them, and their phones note it at a steady beat."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_contracts.phones.city_map import (
    Address,
    Place,
    Route,
    RoutePoint,
    Vehicle,
    load_addresses,
    load_city_map,
    metres_between,
    route_between,
)
from mobile_contracts.phones.riding import METRES_PER_SECOND, Ride

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
SOUTH, NORTH = Place(60.0, 24.0), Place(60.001, 24.0)
STRAIGHT = Route((RoutePoint(SOUTH, 0.0), RoutePoint(NORTH, 100.0)))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_halfway_in_half_the_time() -> None:
    ride = Ride(STRAIGHT, NOON, 5.0)

    assert ride.ends_at == NOON + seconds(20)
    assert ride.place_at(NOON) == SOUTH
    assert ride.place_at(NOON + seconds(10)).latitude == pytest.approx(60.0005)
    assert ride.place_at(NOON + seconds(21)) == NORTH


def test_a_bicycle_rides_fifteen_kilometres_an_hour() -> None:
    assert METRES_PER_SECOND[Vehicle.BICYCLE] * 3_600 == pytest.approx(15_000)


def test_a_fix_each_four_seconds_and_one_at_the_door() -> None:
    ride = Ride(STRAIGHT, NOON, 100 / 18)

    taken = [fix.taken_at for fix in ride.fixes(NOON, NOON + seconds(60), 4)]

    assert taken == [NOON + seconds(count) for count in (4, 8, 12, 16, 18)]
    assert list(ride.fixes(NOON + seconds(18), NOON + seconds(60), 4)) == []


def test_a_beat_that_meets_the_end_is_noted_once() -> None:
    taken = [fix.taken_at for fix in Ride(STRAIGHT, NOON, 12.5).fixes(NOON, NOON + seconds(60), 4)]

    assert taken == [NOON + seconds(4), NOON + seconds(8)]


@given(
    looks=st.lists(st.floats(0.1, 50), min_size=1, max_size=30), length=st.floats(0, 3_000), every=st.sampled_from([4.0, 60.0])
)
def test_however_often_one_looks_the_fixes_are_the_same(looks: list[float], length: float, every: float) -> None:
    ride = Ride(Route((RoutePoint(SOUTH, 0.0), RoutePoint(NORTH, max(1.0, length)))), NOON, 4.0)
    moments = [NOON]
    for look in looks:
        moments.append(moments[-1] + seconds(look))

    piecewise = [fix for one, other in pairwise(moments) for fix in ride.fixes(one, other, every)]

    assert piecewise == list(ride.fixes(NOON, moments[-1], every))


@settings(max_examples=40, deadline=None)
@given(start=st.sampled_from(load_addresses()), end=st.sampled_from(load_addresses()), vehicle=st.sampled_from(list(Vehicle)))
def test_nobody_is_faster_than_their_vehicle(start: Address, end: Address, vehicle: Vehicle) -> None:
    route = route_between(load_city_map(), start.place, end.place, vehicle)
    ride = Ride(route, NOON, METRES_PER_SECOND[vehicle])

    fixes = list(ride.fixes(NOON, ride.ends_at, 4))

    assert fixes == [] or fixes[-1].place == route.points[-1].place
    for one, other in pairwise(fixes):
        elapsed = (other.taken_at - one.taken_at).total_seconds()
        assert metres_between(one.place, other.place) <= METRES_PER_SECOND[vehicle] * elapsed * 1.05 + 0.5
