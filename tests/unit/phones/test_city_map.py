"""Couriers move along real streets, by the rules for their vehicle."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_contracts.phones.city_map import (
    CITY_DATA,
    Address,
    CityMap,
    Network,
    Place,
    Route,
    RoutePoint,
    Vehicle,
    Way,
    load_addresses,
    load_city_map,
    metres_between,
    nearest_corner,
    position_along,
    route_between,
    shortest_path,
)

STATION = Place(60.1711, 24.9414)
MARKET_SQUARE = Place(60.1675, 24.9525)
ADDRESSES = st.sampled_from(load_addresses())
VEHICLES = st.sampled_from(list(Vehicle))


def ways_of_triangle(*ways: tuple[int, int, float]) -> CityMap:
    corners = {1: Place(60.0, 24.0), 2: Place(60.0, 24.001), 3: Place(60.001, 24.0005)}
    network = Network({node: tuple(Way(to, metres, ()) for at, to, metres in ways if at == node) for node in corners}, {})
    return CityMap(corners, {Vehicle.CAR: network})


def test_the_whole_connected_centre_is_there() -> None:
    city = load_city_map()

    assert len(city.corners) == 3138
    assert len(city.networks[Vehicle.BICYCLE].ways) == 1430
    assert len(city.networks[Vehicle.CAR].ways) == 1240
    assert len(load_addresses()) == 1445


def test_two_places_a_thousandth_of_a_degree_of_latitude_apart() -> None:
    assert metres_between(Place(60.170, 24.94), Place(60.171, 24.94)) == pytest.approx(111.195, abs=0.001)


def test_a_detour_is_taken_when_it_is_shorter() -> None:
    city = ways_of_triangle((1, 2, 400.0), (1, 3, 150.0), (3, 2, 150.0))

    route = shortest_path(city, 1, 2, Vehicle.CAR)

    assert [point.place for point in route.points] == [city.corners[1], city.corners[3], city.corners[2]]
    assert route.metres == pytest.approx(300.0)


def test_a_one_way_street_is_only_taken_along_its_arrow() -> None:
    city = ways_of_triangle((1, 2, 60.0), (2, 3, 120.0), (3, 1, 120.0))

    assert shortest_path(city, 1, 2, Vehicle.CAR).metres == pytest.approx(60.0)
    assert shortest_path(city, 2, 1, Vehicle.CAR).metres == pytest.approx(240.0)


def test_a_way_from_a_corner_to_itself_has_no_length() -> None:
    city = load_city_map()
    corner = nearest_corner(city, STATION, Vehicle.CAR)

    assert shortest_path(city, corner, corner, Vehicle.CAR).metres == 0.0


def test_the_station_to_the_market_square() -> None:
    city = load_city_map()
    straight = metres_between(STATION, MARKET_SQUARE)

    for vehicle in Vehicle:
        route = route_between(city, STATION, MARKET_SQUARE, vehicle)
        assert straight < route.metres < 2.2 * straight
        assert (route.points[0].place, route.points[-1].place) == (STATION, MARKET_SQUARE)


def test_the_nearest_corner_is_really_the_nearest() -> None:
    city = load_city_map()
    for address in load_addresses()[::50]:
        for vehicle in Vehicle:
            reachable = city.networks[vehicle].ways
            brute = min(reachable, key=lambda node: (metres_between(address.place, city.corners[node]), node))
            assert nearest_corner(city, address.place, vehicle) == brute


def test_a_place_far_outside_still_finds_a_corner() -> None:
    city = load_city_map()

    assert nearest_corner(city, Place(60.3, 24.94), Vehicle.BICYCLE) in city.networks[Vehicle.BICYCLE].ways


@settings(max_examples=60, deadline=None)
@given(start=ADDRESSES, end=ADDRESSES, vehicle=VEHICLES)
def test_every_two_doors_are_joined_by_a_way_without_jumps(start: Address, end: Address, vehicle: Vehicle) -> None:
    route = route_between(load_city_map(), start.place, end.place, vehicle)

    travelled = [point.metres for point in route.points]
    assert travelled == sorted(travelled)
    assert travelled[0] == 0.0
    assert route.metres >= 0.98 * metres_between(start.place, end.place)
    for one, other in pairwise(route.points):
        assert metres_between(one.place, other.place) <= (other.metres - one.metres) * 1.05 + 0.5


def test_positions_along_a_route() -> None:
    south, north = Place(60.0, 24.0), Place(60.002, 24.004)
    route = Route((RoutePoint(south, 0.0), RoutePoint(north, 100.0)))

    assert position_along(route, -5.0) == south
    assert position_along(route, 0.0) == south
    halfway = position_along(route, 50.0)
    assert halfway.latitude == pytest.approx(60.001)
    assert halfway.longitude == pytest.approx(24.002)
    assert position_along(route, 100.0) == north
    assert position_along(route, 1e9) == north


def test_the_source_and_its_licence_travel_with_the_streets() -> None:
    assert "© OpenStreetMap contributors" in (CITY_DATA / "SOURCES.md").read_text(encoding="utf-8")
    assert "Open Database License" in (CITY_DATA / "ODbL-1.0.txt").read_text(encoding="utf-8")
