"""Purchases from stores with fees of their own, beside stores that ask what the house asks."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.orders.charges import Charges, deal_anew
from services.pricing.delivery import Stop, delivery_fee, fee_alone, fee_of_stops
from services.pricing.rules import BasketForPricing, CartForPricing, LineForPricing, price_cart
from services.settings import FeeSchedule
from services.stores.rules import DeliveryFees, FeeBand, fees_text

HOUSE = FeeSchedule()
OWN = DeliveryFees((FeeBand(1_000, 100),), 350, 2_500, 1_500, 300)
ours = some.builds(Stop, some.integers(0, 9_000), some.integers(0, 2_000))
theirs = some.builds(Stop, some.integers(0, 9_000), some.none())
stops = some.lists(ours | theirs, min_size=1, max_size=6)


def basket(number: int, goods: int, distance: int, own: DeliveryFees | None = None) -> BasketForPricing:
    line = LineForPricing(UUID(int=100 + number), goods, (), 1, 1_350)
    return BasketForPricing(UUID(int=number), (line,), distance, 2_550, own_fees=own)


def cart(*baskets: BasketForPricing) -> CartForPricing:
    return CartForPricing(baskets, "EUR")


@pytest.mark.parametrize(
    ("goods", "distance", "delivery", "small"),
    [(1_200, 800, 100, 300), (1_400, 1_001, 350, 100), (2_499, 5_000, 350, 0), (2_500, 5_000, 0, 0)],
)
def test_a_store_s_own_fees_take_the_place_of_the_house_s(goods: int, distance: int, delivery: int, small: int) -> None:
    priced = price_cart(cart(basket(1, goods, distance, OWN)), HOUSE)
    assert (priced.delivery_fee, priced.small_basket_fee) == (delivery, small)
    assert priced.total == goods + delivery + small + priced.service_fee


@pytest.mark.parametrize(
    ("several", "fee"),
    [
        ([Stop(800, 100), Stop(800)], 190 + 100),
        ([Stop(800, 300), Stop(800)], 300 + 150),
        ([Stop(800, 0), Stop(800)], 190),
        ([Stop(800, 0), Stop(2_500, 0)], 0),
        ([Stop(800, 120), Stop(800, 100)], 120 + 100),
        ([Stop(800, 500), Stop(800, 100), Stop(2_500)], 500 + 100 + 150),
    ],
)
def test_one_full_fee_and_for_each_further_store_a_stop_but_no_more_than_it_asks_itself(several: list[Stop], fee: int) -> None:
    assert fee_of_stops(several, HOUSE) == fee


@given(some.lists(some.integers(0, 9_000), min_size=1, max_size=6))
def test_without_own_fees_it_is_the_farthest_store_s_band_and_the_stops(distances: list[int]) -> None:
    farthest = next((fee for up_to, fee in HOUSE.delivery_bands if max(distances) <= up_to), HOUSE.delivery_beyond_bands)
    assert delivery_fee(distances, HOUSE) == farthest + 150 * (len(distances) - 1)


@given(stops, ours | theirs, some.randoms(use_true_random=False))
def test_one_more_store_never_costs_more_than_an_order_of_its_own_and_never_less_than_nothing(
    several: list[Stop], more: Stop, chance: Random
) -> None:
    before, after, alone = (fee_of_stops(one, HOUSE) for one in (several, [*several, more], [more]))
    assert max(before, alone) <= after <= before + alone
    assert fee_of_stops(chance.sample(several, len(several)), HOUSE) == before


@given(some.integers(0, 9_000))
def test_what_home_shows_is_what_a_store_alone_costs(distance: int) -> None:
    assert fee_alone("", distance, HOUSE) == delivery_fee([distance], HOUSE)
    assert fee_alone(fees_text(OWN), distance, HOUSE) == OWN.asked(distance, 0)


def test_a_purchase_is_priced_by_what_each_store_asked() -> None:
    priced = price_cart(cart(basket(1, 2_000, 800, OWN), basket(2, 2_000, 2_500)), HOUSE)
    assert priced.delivery_fee == 390 + 100


def test_who_set_a_fee_changes_no_price() -> None:
    same = replace(OWN, bands=(FeeBand(1_000, 190),), small_basket_below=1_000, small_basket_at_most=200)
    one, other = (price_cart(cart(basket(1, 1_400, 800, own)), HOUSE) for own in (None, same))
    assert one == other
    assert (one.baskets[0].own_delivery_fee, other.baskets[0].own_delivery_fee) == (None, 190)


def test_when_an_order_falls_away_the_rest_is_dealt_by_the_fees_of_its_own_day() -> None:
    def charges(number: int, delivery: int, own: int | None) -> Charges:
        return Charges(
            order_id=UUID(int=number),
            goods=2_000,
            goods_tax=0,
            small_basket_fee=0,
            delivery_fee=delivery,
            service_fee=100,
            tip=0,
            fee_tax_bps=2_550,
            distance_m=800,
            own_delivery_fee=own,
        )

    # 1.90 of the house and 1.00 for the stop at the other's.
    cheap, usual = charges(1, 145, 100), charges(2, 145, None)
    assert [one.delivery_fee for one in deal_anew(usual, [cheap], [], HOUSE).waiting] == [100]
    assert [one.delivery_fee for one in deal_anew(cheap, [usual], [], HOUSE).waiting] == [190]
    free = replace(cheap, own_delivery_fee=0, delivery_fee=95)
    gone = deal_anew(usual, [free], [], HOUSE)
    assert ([one.delivery_fee for one in gone.waiting], gone.given_back) == ([0], 2_000 + 145 + 95 + 100)
