"""Which positions are believed: new ones, near enough, honest ones; and that many small lies do not add up to a big one."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.rules import OLDEST_POINT, Point, PointFault, at_stop, sift
from services.settings import Limits
from services.stores.rules import distance_m

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
LIMITS = Limits()
SQUARE = (60.1712, 24.9443)
METRE = 1 / 111_319.5
F = PointFault


def seen(seconds: float = 0, *, north: float = 0, accuracy_m: float = 5.0) -> Point:
    """A point so many metres north of the square and seconds after now."""
    return Point(SQUARE[0] + north * METRE, SQUARE[1], accuracy_m, NOW + timedelta(seconds=seconds))


LAST = seen(-4)


def fault(point: Point, last: Point | None = LAST) -> PointFault | None:
    sifted = sift(last, [point], NOW, LIMITS)
    assert len(sifted.accepted) + sum(sifted.refused.values()) == 1
    return next(iter(sifted.refused), None)


def test_an_honest_point_is_believed() -> None:
    assert fault(seen(north=160)) is None
    assert fault(seen(), last=None) is None


def test_each_fault_by_its_name() -> None:
    assert fault(seen(-4)) is F.STALE
    assert fault(seen(-60)) is F.STALE
    assert fault(seen(-4_000), last=None) is F.STALE
    assert fault(seen(31)) is F.FROM_THE_FUTURE
    assert fault(seen(accuracy_m=101)) is F.INACCURATE
    assert fault(seen(accuracy_m=-1)) is F.INACCURATE
    assert fault(seen(north=2_000_000)) is F.TOO_FAST
    assert fault(seen(north=171)) is F.TOO_FAST
    assert fault(Point(91, 0, 5, NOW)) is F.NOT_ON_EARTH
    assert fault(Point(0, -180.1, 5, NOW)) is F.NOT_ON_EARTH


def test_at_the_very_limit_a_point_is_believed() -> None:
    assert fault(seen(30)) is None
    assert fault(seen(accuracy_m=100)) is None
    # Four seconds at 40 m/s, and 5 m of error at either end.
    assert fault(seen(north=169.9)) is None
    assert fault(Point(*SQUARE, 5, NOW - OLDEST_POINT), last=None) is None


@given(
    st.sampled_from(["latitude", "longitude", "accuracy_m"]),
    st.sampled_from([math.nan, math.inf, -math.inf]),
)
def test_what_is_no_number_is_no_place(name: str, value: float) -> None:
    values = {"latitude": SQUARE[0], "longitude": SQUARE[1], "accuracy_m": 5.0, name: value}
    assert fault(Point(**values, taken_at=NOW), last=None) is F.NOT_ON_EARTH


POINTS = st.lists(
    st.builds(
        seen,
        st.floats(-7_200, 120),
        north=st.floats(-3_000, 3_000),
        accuracy_m=st.floats(-10, 200),
    ),
    max_size=40,
)


@given(POINTS, st.none() | st.just(LAST))
def test_every_point_is_believed_or_counted_and_the_believed_ones_could_be_ridden(
    points: list[Point], last: Point | None
) -> None:
    sifted = sift(last, points, NOW, LIMITS)
    assert len(sifted.accepted) + sum(sifted.refused.values()) == len(points)
    assert all(count > 0 for count in sifted.refused.values())
    way = ([last] if last else []) + sifted.accepted
    for one, other in pairwise(way):
        elapsed = (other.taken_at - one.taken_at).total_seconds()
        assert elapsed > 0
        # Even a row of lies is no faster than this: 40 m/s, and the error of two points in four seconds.
        assert distance_m(one.latitude, one.longitude, other.latitude, other.longitude) <= (40 + 200 / 4) * elapsed + 1e-6


@given(POINTS, st.randoms(use_true_random=False))
def test_the_order_in_which_points_come_does_not_matter(points: list[Point], dice: object) -> None:
    shuffled = list(points)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    distinct = {point.taken_at: point for point in points}.values()
    again = {point.taken_at: point for point in distinct}
    ordered = sift(LAST, distinct, NOW, LIMITS)
    other = sift(LAST, [point for point in shuffled if again[point.taken_at] is point], NOW, LIMITS)
    assert other == ordered


@given(POINTS, POINTS)
def test_what_was_believed_once_is_not_believed_again(points: list[Point], more: list[Point]) -> None:
    first = sift(LAST, points, NOW, LIMITS)
    last = first.accepted[-1] if first.accepted else LAST
    again = sift(last, first.accepted, NOW, LIMITS)
    assert again.accepted == []
    newer = sift(last, more, NOW, LIMITS)
    assert all(point.taken_at > last.taken_at for point in newer.accepted)


def test_a_crawl_of_inaccurate_points_gets_nowhere_fast() -> None:
    # 250 points a millisecond apart, each 200 m on: what two inaccuracies would forgive, were they forgiven every time.
    crawl = [seen(count / 1_000, north=200 * count, accuracy_m=100) for count in range(1, 251)]
    sifted = sift(seen(0, accuracy_m=100), crawl, NOW, LIMITS)
    assert sifted.accepted == []
    assert sifted.refused == {F.TOO_FAST: 250}


def test_who_is_at_a_stop() -> None:
    def metres(north: float, accuracy_m: float = 0, seconds: float = 0) -> float | None:
        return at_stop(seen(seconds, north=north, accuracy_m=accuracy_m), *SQUARE, NOW, LIMITS)

    assert metres(79.9) is None
    assert round(metres(81) or 0) == 81
    assert metres(119, accuracy_m=40) is None
    # However inaccurate: beyond 150 m nobody is there.
    assert metres(149, accuracy_m=100) is None
    assert round(metres(151, accuracy_m=100) or 0) == 151
    assert metres(0, seconds=-180) is None
    assert metres(0, seconds=-181) == math.inf
    assert at_stop(None, *SQUARE, NOW, LIMITS) == math.inf
