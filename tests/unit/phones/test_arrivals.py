"""Consumers arrive in the shape of a real day."""

from hypothesis import given
from hypothesis import strategies as st

from mobile_contracts.phones.arrivals import FIVE_MINUTES, DayProfile, arrival_offsets, load_profile


def test_the_busiest_day_is_whole() -> None:
    profile = load_profile()

    assert sum(profile.orders) == 2724
    assert profile.seconds == 166 * FIVE_MINUTES
    assert max(profile.orders) == 47
    assert abs(sum(profile.shares) - 1) < 1e-9


def test_the_other_days_are_kept_too() -> None:
    assert sum(load_profile("0o100t100s1p100").orders) == 505
    assert sum(load_profile("3o100t100s1p100").orders) == 967


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert list(arrival_offsets(7, 300)) == list(arrival_offsets(7, 300))
    assert list(arrival_offsets(7, 300)) != list(arrival_offsets(8, 300))


def test_orders_come_only_in_their_five_minutes() -> None:
    profile = DayProfile("three slots", (1, 0, 3))

    offsets = list(arrival_offsets(1, 4, profile))

    assert [int(offset // FIVE_MINUTES) for offset in offsets] == [0, 2, 2, 2]


@given(seed=st.integers(0, 10_000), orders=st.integers(0, 5_000))
def test_the_day_has_its_orders_in_order_and_in_shape(seed: int, orders: int) -> None:
    profile = load_profile()

    offsets = list(arrival_offsets(seed, orders))

    assert len(offsets) == orders
    assert offsets == sorted(offsets)
    counted = [0] * len(profile.orders)
    for offset in offsets:
        counted[int(offset // FIVE_MINUTES)] += 1
    for count, share in zip(counted, profile.shares, strict=True):
        assert abs(count - orders * share) < 1 + 1e-6
