"""Leaky buckets of one process: what fits, when it fits again, and that nobody is refused for ever."""

import pytest

from api.rate import Buckets
from services.kernel.errors import RateLimited
from services.settings import RateLimit


class Wall:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def buckets(wall: Wall) -> Buckets:
    return Buckets("person", RateLimit(burst=100, per_second=10), wall)


def test_a_burst_fits_and_one_more_does_not(buckets: Buckets) -> None:
    assert [buckets.pour("a", 25) for _ in range(4)] == [75, 50, 25, 0]
    with pytest.raises(RateLimited) as refused:
        buckets.pour("a", 25)
    assert refused.value.retry_after == 2.5


def test_a_refusal_costs_nothing_and_waiting_helps(buckets: Buckets, wall: Wall) -> None:
    buckets.pour("a", 100)
    for _ in range(5):
        with pytest.raises(RateLimited):
            buckets.pour("a", 25)
    wall.seconds = 2.4
    with pytest.raises(RateLimited):
        buckets.pour("a", 25)
    wall.seconds = 2.5
    assert buckets.pour("a", 25) == 0


def test_askers_are_told_apart(buckets: Buckets) -> None:
    buckets.pour("a", 100)
    assert buckets.pour("b", 100) == 0


def test_what_costs_more_than_a_bucket_holds_waits_for_an_empty_one(buckets: Buckets, wall: Wall) -> None:
    buckets.pour("a", 300)
    with pytest.raises(RateLimited):
        buckets.pour("a", 1)
    wall.seconds = 30
    assert buckets.pour("a", 300) == -200
