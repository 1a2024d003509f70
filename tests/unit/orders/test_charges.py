"""When an order falls away: exact sums, and laws that hold for every purchase."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.orders.charges import Charges, deal_anew
from services.settings import FeeSchedule

FEES = FeeSchedule()


def charges(
    number: int, goods: int, delivery: int, service: int, tip: int = 0, *, small: int = 0, distance: int = 800
) -> Charges:
    return Charges(
        order_id=UUID(int=number),
        goods=goods,
        goods_tax=0,
        small_basket_fee=small,
        delivery_fee=delivery,
        service_fee=service,
        tip=tip,
        fee_tax_bps=2_550,
        distance_m=distance,
    )


def test_the_lost_stop_and_the_service_on_lost_goods_go_back_and_the_tip_stays() -> None:
    # Two stores: delivery 1.90 + 1.50 for the further stop, service 5 % of 40.00, tip 2.00.
    lost, kept = charges(1, 1_000, 85, 50, 50), charges(2, 3_000, 255, 150, 150)

    dealt = deal_anew(lost, [kept], [], FEES)

    assert dealt.waiting == [replace(kept, delivery_fee=190, service_fee=150, tip=200)]
    assert dealt.given_back == 1_000 + 150 + 50
    assert dealt.given_back + dealt.waiting[0].total == lost.total + kept.total


def test_the_farther_store_takes_its_band_with_it() -> None:
    lost, kept = charges(1, 2_000, 320, 100, distance=4_000), charges(2, 2_000, 320, 100, distance=500)

    dealt = deal_anew(lost, [kept], [], FEES)

    assert dealt.waiting[0].delivery_fee == 190
    assert dealt.given_back == lost.total + kept.total - (2_000 + 190 + 100)


def test_what_left_its_store_keeps_its_charges() -> None:
    lost, kept, gone = charges(1, 1_000, 163, 50, 50), charges(2, 1_000, 163, 50, 50), charges(3, 1_000, 164, 50, 50)

    dealt = deal_anew(lost, [kept], [gone], FEES)

    # Two stops cost 3.40, of which 1.64 are taken already; service 5 % of 20.00, of which 0.50; the tip of the lost one moves.
    assert dealt.waiting == [replace(kept, delivery_fee=340 - 164, service_fee=50, tip=100)]
    assert dealt.given_back == lost.total + kept.total - (1_000 + 176 + 50 + 100)


def test_the_last_order_waiting_gives_all_of_it_back() -> None:
    lost, gone = charges(1, 1_000, 163, 50, 50, small=100), charges(3, 1_000, 164, 50, 50)
    assert deal_anew(lost, [], [gone], FEES).given_back == lost.total == 1_363
    assert deal_anew(lost, [], [], FEES).given_back == lost.total


def test_tax_follows_the_fees() -> None:
    one = replace(charges(1, 1_135, 255, 0), goods_tax=135)
    assert one.tax == 135 + 52  # 25.5 % within 2.55
    assert replace(one, delivery_fee=0).tax == 135


amounts = st.integers(0, 20_000)
one_order = st.builds(
    charges,
    number=st.integers(1, 10_000),
    goods=st.integers(1, 50_000),
    delivery=st.integers(0, 900),
    service=st.integers(0, 400),
    tip=st.integers(0, 2_000),
    small=st.integers(0, 200),
    distance=st.integers(0, 6_000),
)


@given(one_order, st.lists(one_order, max_size=3), st.lists(one_order, max_size=2))
def test_no_cent_is_lost_and_nobody_pays_more(lost: Charges, waiting: list[Charges], fixed: list[Charges]) -> None:
    dealt = deal_anew(lost, waiting, fixed, FEES)

    before = lost.total + sum(one.total for one in waiting)
    assert dealt.given_back + sum(one.total for one in dealt.waiting) == before
    assert dealt.given_back >= lost.goods
    assert [one.goods for one in dealt.waiting] == [one.goods for one in waiting]
    assert [one.small_basket_fee for one in dealt.waiting] == [one.small_basket_fee for one in waiting]
    for one in dealt.waiting:
        assert min(one.delivery_fee, one.service_fee, one.tip) >= 0
    if waiting:
        assert sum(one.tip for one in dealt.waiting) == lost.tip + sum(one.tip for one in waiting)
