"""A store's own delivery fees: read back as they were written, between their bounds, asked by distance and by basket."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.settings import FeeSchedule
from services.stores.rules import (
    DeliveryFees,
    FeeBand,
    FeeBounds,
    FeesFault,
    fees_fault,
    fees_tag,
    fees_text,
    house_fees,
    own_fees,
)

BOUNDS = FeeBounds(0, 2_000, 1_000)
MOST = 100_000_000
FEES = DeliveryFees((FeeBand(1_000, 150), FeeBand(3_000, 250)), 390, 2_500, 1_200, 150)

reaches = some.lists(some.integers(100, 30_000), max_size=10, unique=True).map(sorted)
amounts = some.lists(some.integers(0, 2_000), min_size=11, max_size=11).map(sorted)


@some.composite
def sound_fees(draw: some.DrawFn) -> DeliveryFees:
    """Any fees that may be asked."""
    up_to, asked = draw(reaches), draw(amounts)
    below = draw(some.integers(0, 5_000))
    return DeliveryFees(
        tuple(FeeBand(reach, fee) for reach, fee in zip(up_to, asked, strict=False)),
        asked[len(up_to)],
        draw(some.none() | some.integers(1, MOST)),
        below,
        draw(some.integers(1, 1_000)) if below else 0,
    )


def test_they_are_kept_as_a_text() -> None:
    assert fees_text(FEES) == "1000:150,3000:250,*:390 free:2500 small:1200:150"
    assert fees_text(DeliveryFees((), 0)) == "*:0"
    assert (fees_text(None), own_fees("")) == ("", None)
    assert fees_tag("") != fees_tag(fees_text(FEES))


@given(sound_fees())
def test_what_was_kept_is_read_back(fees: DeliveryFees) -> None:
    assert fees_fault(fees, BOUNDS, MOST) is None
    assert own_fees(fees_text(fees)) == fees
    assert len(fees_text(fees)) <= 400


@given(sound_fees(), some.integers(0, 40_000), some.integers(0, 40_000), some.integers(0, 10_000))
def test_farther_never_costs_less(fees: DeliveryFees, one: int, other: int, goods: int) -> None:
    near, far = sorted((one, other))
    assert 0 <= fees.asked(near, goods) <= fees.asked(far, goods) <= 2_000


@pytest.mark.parametrize(
    ("distance", "goods", "fee"),
    [(0, 0, 150), (1_000, 0, 150), (1_001, 0, 250), (3_000, 2_499, 250), (3_001, 0, 390), (9_000, 2_500, 0), (0, 2_500, 0)],
)
def test_a_basket_is_asked_by_its_distance_until_it_is_worth_enough(distance: int, goods: int, fee: int) -> None:
    assert FEES.asked(distance, goods) == fee


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"bands": tuple(FeeBand(100 + step, 0) for step in range(11))}, FeesFault.TOO_MANY_BANDS),
        ({"bands": (FeeBand(3_000, 150), FeeBand(1_000, 250))}, FeesFault.BANDS_NOT_IN_ORDER),
        ({"bands": (FeeBand(30_001, 150),)}, FeesFault.BAND_OUT_OF_REACH),
        ({"bands": (FeeBand(1_000, 391),)}, FeesFault.FARTHER_IS_CHEAPER),
        ({"beyond": 2_001}, FeesFault.FEE_OUT_OF_BOUNDS),
        ({"bands": (FeeBand(1_000, -1),)}, FeesFault.FEE_OUT_OF_BOUNDS),
        ({"small_basket_at_most": 1_001}, FeesFault.SMALL_BASKET_OUT_OF_BOUNDS),
        ({"small_basket_below": MOST + 1}, FeesFault.SMALL_BASKET_OUT_OF_BOUNDS),
        ({"small_basket_at_most": 0}, FeesFault.SMALL_BASKET_OUT_OF_BOUNDS),
        ({"small_basket_below": 0}, FeesFault.SMALL_BASKET_OUT_OF_BOUNDS),
        ({"free_from": 0}, FeesFault.FREE_FROM_NOTHING),
        ({"free_from": MOST + 1}, FeesFault.FREE_FROM_NOTHING),
    ],
)
def test_what_cannot_be_asked_is_told(wrong: dict[str, object], fault: FeesFault) -> None:
    assert fees_fault(replace(FEES, **wrong), BOUNDS, MOST) is fault  # type: ignore[arg-type]


def test_a_platform_may_ask_for_a_least_fee() -> None:
    assert fees_fault(FEES, FeeBounds(200, 2_000, 1_000), MOST) is FeesFault.FEE_OUT_OF_BOUNDS


def test_the_house_s_fees_are_told_in_the_same_words() -> None:
    house = house_fees(FeeSchedule())
    assert (house.bands[0], house.beyond, house.free_from) == (FeeBand(1_000, 190), 690, None)
    assert (house.small_basket_below, house.small_basket_at_most) == (1_000, 200)
