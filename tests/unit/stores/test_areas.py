"""Delivery areas: rings that can be used, why others cannot, and who lives in them."""

import pytest

from services.stores import rules
from services.stores.rules import AreaFault, Corner
from tests.unit.stores.test_reach import Place

LAT, LON = 60.1712, 24.9443
SQUARE: list[Corner] = [(60.16, 24.92), (60.16, 24.96), (60.18, 24.96), (60.18, 24.92), (60.16, 24.92)]


def test_an_area_reaches_whoever_lives_in_it_and_nobody_else() -> None:
    # Without its north-east quarter.
    bitten: list[Corner] = [*SQUARE[:2], (60.17, 24.96), (60.17, 24.94), (60.18, 24.94), *SQUARE[3:]]
    store = Place(delivery_radius_m=rules.radius_around(LAT, LON, bitten), delivery_area=rules.flat(bitten))

    assert rules.area_fault(LAT, LON, bitten) is None
    assert rules.in_reach(store, 60.165, 24.95)
    assert rules.in_reach(store, 60.175, 24.93)
    assert not rules.in_reach(store, 60.175, 24.95)
    assert not rules.in_reach(store, 60.159, 24.94)
    assert rules.corners_of(rules.flat(bitten)) == bitten


def test_the_circle_around_an_area_holds_all_of_it() -> None:
    radius = rules.radius_around(LAT, LON, SQUARE)
    steps = [step / 50 for step in range(51)]
    assert all(rules.distance_m(LAT, LON, 60.16 + 0.02 * up, 24.92 + 0.04 * along) < radius for up in steps for along in steps)


@pytest.mark.parametrize(
    ("corners", "fault"),
    [
        (SQUARE, None),
        (list(reversed(SQUARE)), None),
        (SQUARE[:2] + SQUARE[-1:], AreaFault.TOO_FEW_CORNERS),
        (SQUARE[:-1], AreaFault.NOT_CLOSED),
        ([(60.16, 24.92)] * 102, AreaFault.TOO_MANY_CORNERS),
        ([(60.16, 24.92), (60.18, 24.96), (60.16, 24.96), (60.18, 24.92), (60.16, 24.92)], AreaFault.CROSSES_ITSELF),
        ([(60.16, 24.92), (60.18, 24.96), (60.16, 24.92), (60.18, 24.92), (60.16, 24.92)], AreaFault.CROSSES_ITSELF),
        # A spike: out and back along one line.
        ([(60.16, 24.92), (60.16, 24.96), (60.16, 24.94), (60.18, 24.92), (60.16, 24.92)], AreaFault.CROSSES_ITSELF),
        # A corner on another side.
        (
            [(60.16, 24.92), (60.16, 24.96), (60.18, 24.96), (60.16, 24.94), (60.18, 24.92), (60.16, 24.92)],
            AreaFault.CROSSES_ITSELF,
        ),
        # All on one line.
        ([(60.16, 24.92), (60.16, 24.94), (60.16, 24.96), (60.16, 24.92)], AreaFault.CROSSES_ITSELF),
        ([(60.16, 24.92), (60.16, 24.96), (60.48, 24.96), (60.16, 24.92)], AreaFault.TOO_FAR_AWAY),
    ],
)
def test_a_ring_is_simple_closed_and_near(corners: list[Corner], fault: AreaFault | None) -> None:
    assert rules.area_fault(LAT, LON, corners) is fault


def test_where_degrees_jump_there_is_no_plane_to_draw_in() -> None:
    corners: list[Corner] = [(0.0, 179.95), (0.0, -179.95), (0.05, -179.95), (0.0, 179.95)]
    assert rules.area_fault(0.0, 179.99, corners) is AreaFault.TOO_FAR_AWAY
