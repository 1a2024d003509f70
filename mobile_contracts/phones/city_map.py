"""The streets of the city as the phones know them: the nearest corner, the way between two doors, a place along it."""

import csv
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path

CITY_DATA = Path(__file__).parent / "city_data"
ATTRIBUTION = "© OpenStreetMap contributors"

EARTH_RADIUS_M = 6_371_008.8
CELL_DEGREES = 0.001
STRAIGHT_LINE_TRUST = 0.99
"""Surveyed lengths are rounded to 0.1 m, so a straight line may be a hair longer; A* must never overrate what is left."""


class Vehicle(StrEnum):
    BICYCLE = "BICYCLE"
    CAR = "CAR"


@dataclass(frozen=True, slots=True)
class Place:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Address:
    osm_id: str
    place: Place
    street: str
    housenumber: str
    unit: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True)
class Way:
    """One stretch between two corners, in the direction it may be travelled; `between` has neither end."""

    to: int
    metres: float
    between: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RoutePoint:
    place: Place
    metres: float


@dataclass(frozen=True, slots=True)
class Route:
    """From door to door: every point with the metres travelled up to it."""

    points: tuple[RoutePoint, ...]

    @property
    def metres(self) -> float:
        return self.points[-1].metres


@dataclass(frozen=True, slots=True)
class Network:
    """What one kind of vehicle may use, cut down to the corners that all reach each other."""

    ways: dict[int, tuple[Way, ...]]
    cells: dict[tuple[int, int], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class CityMap:
    corners: dict[int, Place]
    networks: dict[Vehicle, Network]


def metres_between(one: Place, other: Place) -> float:
    """Great-circle distance."""
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


@cache
def load_city_map(folder: Path = CITY_DATA) -> CityMap:
    """Read the graph once; every later call gives the same map."""
    corners = {int(row["node"]): Place(float(row["lat"]), float(row["lon"])) for row in _rows(folder / "street_nodes.csv")}
    edges = list(_rows(folder / "street_edges.csv"))
    return CityMap(corners, {vehicle: _network(corners, edges, vehicle) for vehicle in Vehicle})


@cache
def load_addresses(folder: Path = CITY_DATA) -> tuple[Address, ...]:
    """The doors people order to."""
    return tuple(
        Address(
            row["osm_id"],
            Place(float(row["lat"]), float(row["lon"])),
            row["street"],
            row["housenumber"],
            row["unit"],
            row["postcode"],
            row["city"],
        )
        for row in _rows(folder / "addresses.csv")
    )


def nearest_corner(city: CityMap, place: Place, vehicle: Vehicle) -> int:
    """The closest corner this vehicle can both reach and leave."""
    cells = city.networks[vehicle].cells
    row, column = _cell(place)
    reach = 0
    while True:
        reach += 1
        square = [
            cells.get((row + up, column + right), ()) for up in range(-reach, reach + 1) for right in range(-reach, reach + 1)
        ]
        near = [(metres_between(place, city.corners[node]), node) for cell in square for node in cell]
        # A corner outside the square is at least this far away: a degree of longitude is the shorter one.
        sure = reach * CELL_DEGREES * math.radians(EARTH_RADIUS_M) * math.cos(math.radians(place.latitude))
        if near and (min(near)[0] <= sure or sum(map(len, square)) == len(city.networks[vehicle].ways)):
            return min(near)[1]


def shortest_path(city: CityMap, start: int, end: int, vehicle: Vehicle) -> Route:
    """The shortest legal way between two corners of the vehicle's network (A*)."""
    ways, goal = city.networks[vehicle].ways, city.corners[end]
    came: dict[int, tuple[int, Way]] = {}
    travelled = {start: 0.0}
    border = [(0.0, start)]
    done: set[int] = set()
    while border:
        _, node = heappop(border)
        if node == end:
            break
        if node in done:
            continue
        done.add(node)
        for way in ways[node]:
            metres = travelled[node] + way.metres
            if metres < travelled.get(way.to, math.inf):
                travelled[way.to], came[way.to] = metres, (node, way)
                heappush(border, (metres + STRAIGHT_LINE_TRUST * metres_between(city.corners[way.to], goal), way.to))
    return Route(tuple(_points(city, start, end, came)))


def route_between(city: CityMap, start: Place, end: Place, vehicle: Vehicle) -> Route:
    """From door to door: the first and the last steps go straight between the door and its nearest corner, on foot."""
    path = shortest_path(city, nearest_corner(city, start, vehicle), nearest_corner(city, end, vehicle), vehicle)
    first = metres_between(start, path.points[0].place)
    last = first + path.metres + metres_between(path.points[-1].place, end)
    ridden = (RoutePoint(point.place, first + point.metres) for point in path.points)
    return Route((RoutePoint(start, 0.0), *ridden, RoutePoint(end, last)))


def position_along(route: Route, metres: float) -> Place:
    """Where somebody is who has travelled so far; before the start is the start, beyond the end is the end."""
    after = bisect_right(route.points, metres, key=lambda point: point.metres)
    if after == 0:
        return route.points[0].place
    if after == len(route.points):
        return route.points[-1].place
    one, other = route.points[after - 1], route.points[after]
    share = (metres - one.metres) / (other.metres - one.metres)
    return Place(
        one.place.latitude + share * (other.place.latitude - one.place.latitude),
        one.place.longitude + share * (other.place.longitude - one.place.longitude),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _cell(place: Place) -> tuple[int, int]:
    return math.floor(place.latitude / CELL_DEGREES), math.floor(place.longitude / CELL_DEGREES)


def _network(corners: dict[int, Place], edges: list[dict[str, str]], vehicle: Vehicle) -> Network:
    ways: dict[int, list[Way]] = defaultdict(list)
    for edge in edges:
        one, other, metres = int(edge["from_node"]), int(edge["to_node"]), float(edge["length_m"])
        between = tuple(Place(float(lat), float(lon)) for lat, lon in (p.split() for p in edge["via"].split(";") if p))
        direction = edge[vehicle.lower()]
        if direction in {"both", "forward"}:
            ways[one].append(Way(other, metres, between))
        if direction in {"both", "backward"}:
            ways[other].append(Way(one, metres, between[::-1]))
    together = _together({node: tuple(way.to for way in there) for node, there in ways.items()})
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node in sorted(together):
        cells[_cell(corners[node])].append(node)
    return Network(
        {node: tuple(way for way in ways[node] if way.to in together) for node in sorted(together)},
        {cell: tuple(nodes) for cell, nodes in cells.items()},
    )


def _together(onward: dict[int, tuple[int, ...]]) -> set[int]:
    """The largest set of corners of which each can be reached from each: a courier who got there gets away again."""
    backward: dict[int, list[int]] = defaultdict(list)
    for node, there in onward.items():
        for to in there:
            backward[to].append(node)
    largest: set[int] = set()
    left = set(onward)
    while len(left) > len(largest):
        node = min(left)
        circle = _reached(node, onward) & _reached(node, backward)
        largest = max(largest, circle, key=len)
        left -= circle
    return largest


def _reached(start: int, ways: dict[int, tuple[int, ...]] | dict[int, list[int]]) -> set[int]:
    seen, border = {start}, [start]
    while border:
        fresh = set(ways.get(border.pop(), ())) - seen
        seen |= fresh
        border.extend(fresh)
    return seen


def _points(city: CityMap, start: int, end: int, came: dict[int, tuple[int, Way]]) -> Iterator[RoutePoint]:
    """The path forwards, the way's surveyed length shared out over its pieces."""
    legs: list[tuple[int, Way]] = []
    while end != start:
        legs.append(came[end])
        end = came[end][0]
    travelled = 0.0
    yield RoutePoint(city.corners[start], travelled)
    for node, way in reversed(legs):
        places = (city.corners[node], *way.between, city.corners[way.to])
        pieces = [metres_between(one, other) for one, other in pairwise(places)]
        stretch = way.metres / sum(pieces) if sum(pieces) else 1.0
        for place, piece in zip(places[1:], pieces, strict=True):
            travelled += piece * stretch
            yield RoutePoint(place, travelled)
