"""Whom a store delivers to: within a circle, or within an area that it has drawn."""

import math
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

# PostgreSQL's earthdistance uses this radius; the same here, so that a page and a check agree.
EARTH_RADIUS_M = 6_378_168
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 100, 30_000
# Of a closed ring, the first corner counted twice.
FEWEST_CORNERS, MOST_CORNERS = 4, 101
# A corner is written down to a centimetre.
_DECIMALS = 7
_ZERO = 1e-9
_HALF_A_TURN = 180
# Straight lines on the map of degrees are not quite straight on the globe: the circle is drawn a little wider than the corners.
_WIDER, _WIDER_M = 1.01, 10

Corner = tuple[float, float]


class AreaFault(StrEnum):
    """What is wrong with a ring of corners."""

    TOO_FEW_CORNERS = "TOO_FEW_CORNERS"
    TOO_MANY_CORNERS = "TOO_MANY_CORNERS"
    NOT_CLOSED = "NOT_CLOSED"
    CROSSES_ITSELF = "CROSSES_ITSELF"
    TOO_FAR_AWAY = "TOO_FAR_AWAY"


class Reach(Protocol):
    """What a store must tell so that one knows whom it reaches."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def delivery_radius_m(self) -> int: ...
    @property
    def delivery_area(self) -> Sequence[float] | None: ...


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres along the globe between two points (haversine on earthdistance's sphere)."""
    south, north = math.radians(lat1), math.radians(lat2)
    half_chord = math.hypot(
        math.sin((north - south) / 2), math.sqrt(math.cos(south) * math.cos(north)) * math.sin(math.radians(lon2 - lon1) / 2)
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, half_chord))


def in_reach(store: Reach, lat: float, lon: float) -> bool:
    """Whether the store delivers to the point."""
    if distance_m(store.latitude, store.longitude, lat, lon) > store.delivery_radius_m:
        return False
    return store.delivery_area is None or in_area(store.delivery_area, lat, lon)


def in_area(area: Sequence[float], lat: float, lon: float) -> bool:
    """Whether a point lies in a ring (latitude, longitude, …): the same arithmetic as in_delivery_area of PostgreSQL."""
    y, x = (0.0 if abs(value) < _ZERO else value for value in (lat, lon))
    inside = False
    for place in range(2, len(area) - 1, 2):
        lat1, lon1, lat2, lon2 = area[place - 2 : place + 2]
        if (lat1 > y) != (lat2 > y) and x < (lon2 - lon1) * (y - lat1) / (lat2 - lat1) + lon1:
            inside = not inside
    return inside


def flat(corners: Sequence[Corner]) -> list[float]:
    """A ring as it is kept: one number after the other, to a centimetre."""
    return [round(value, _DECIMALS) + 0.0 for corner in corners for value in corner]


def corners_of(area: Sequence[float]) -> list[Corner]:
    """The corners of a ring that is kept."""
    return list(zip(area[::2], area[1::2], strict=True))


def radius_around(lat: float, lon: float, corners: Sequence[Corner]) -> int:
    """The circle around a store in which all of its area lies, in metres."""
    farthest = max(distance_m(lat, lon, *corner) for corner in corners)
    return max(math.ceil(farthest * _WIDER) + _WIDER_M, SMALLEST_RADIUS_M)


def area_fault(lat: float, lon: float, corners: Sequence[Corner]) -> AreaFault | None:
    """What is wrong with an area drawn around a store at this place; None where it can be used."""
    if len(corners) < FEWEST_CORNERS:
        return AreaFault.TOO_FEW_CORNERS
    if len(corners) > MOST_CORNERS:
        return AreaFault.TOO_MANY_CORNERS
    if corners[0] != corners[-1]:
        return AreaFault.NOT_CLOSED
    # Where degrees jump from 180 to -180 there is no plane to draw in.
    if radius_around(lat, lon, corners) > LARGEST_RADIUS_M or any(abs(corner[1] - lon) > _HALF_A_TURN for corner in corners):
        return AreaFault.TOO_FAR_AWAY
    return AreaFault.CROSSES_ITSELF if _crosses_itself(corners) else None


Point = tuple[int, int]


def _crosses_itself(corners: Sequence[Corner]) -> bool:
    """Whether two sides of the ring meet anywhere but in the corner that they share; in whole numbers, so exactly."""
    ring = [(round(lat * 10**_DECIMALS), round(lon * 10**_DECIMALS)) for lat, lon in corners]
    if len(set(ring)) != len(ring) - 1:
        return True
    sides = list(pairwise(ring))
    last = len(sides) - 1
    for one, (a, b) in enumerate(sides):
        for other in range(one + 1, len(sides)):
            c, d = sides[other]
            if other == one + 1:
                touches = _turn(a, b, d) == 0 and _between(a, b, d)
                touches |= _turn(c, d, a) == 0 and _between(c, d, a)
            elif one == 0 and other == last:
                touches = (_turn(a, b, c) == 0 and _between(a, b, c)) or (_turn(c, d, b) == 0 and _between(c, d, b))
            else:
                touches = _meet(a, b, c, d)
            if touches:
                return True
    return False


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _between(one, two, end) for turn, one, two, end in ends)


def _turn(a: Point, b: Point, c: Point) -> int:
    """On which side of the line from a to b a point lies: 1, -1, or 0 on it."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)


def _between(a: Point, b: Point, c: Point) -> bool:
    """Whether a point of the line lies between its two ends."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
