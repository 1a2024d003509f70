"""Laws of pricing that hold for every cart: parts add up, order does not matter, nothing is negative."""

from dataclasses import replace
from fractions import Fraction
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.pricing.delivery import delivery_fee, small_basket_fee
from services.pricing.rules import (
    BasketForPricing,
    CartForPricing,
    ChosenOption,
    LineForPricing,
    exact_price,
    price_cart,
    price_line,
    service_fee,
)
from services.settings import FeeSchedule

FEES = FeeSchedule()
ids = st.uuids()
rates = st.sampled_from([0, 1_000, 1_350, 2_550])
options = st.builds(
    ChosenOption,
    st.sampled_from([UUID(int=n) for n in range(3)]),
    st.integers(-500, 2_000),
    st.integers(0, 3),
    st.none() | rates,
)
lines = st.builds(
    LineForPricing,
    ids,
    st.integers(0, 1_000_000) | st.builds(Fraction, st.integers(0, 1_000_000), st.just(1_000)),
    st.lists(options, max_size=4).map(tuple),
    st.integers(1, 99),
    rates,
)
baskets = st.builds(
    BasketForPricing,
    ids,
    st.lists(lines, min_size=1, max_size=6).map(tuple),
    st.integers(0, 9_000),
    st.just(2_550),
    st.booleans(),
)
carts = st.builds(
    CartForPricing,
    st.lists(baskets, min_size=1, max_size=4, unique_by=lambda basket: basket.store_id).map(tuple),
    st.just("EUR"),
    st.integers(0, 10_000),
)


@given(carts)
def test_the_parts_add_up_to_the_whole(cart: CartForPricing) -> None:
    priced = price_cart(cart, FEES)
    assert priced.delivery_fee == delivery_fee([basket.distance_m for basket in cart.baskets], FEES)
    assert priced.service_fee == service_fee(priced.goods, FEES)
    assert priced.small_basket_fee == sum(small_basket_fee(basket.goods, FEES) for basket in priced.baskets)
    assert priced.tip == cart.tip
    fees = priced.delivery_fee + priced.service_fee + priced.small_basket_fee
    assert priced.total == priced.goods + fees + priced.tip == sum(basket.total for basket in priced.baskets)
    assert priced.tax == sum(part.tax for part in priced.taxes)
    assert sum(part.gross for part in priced.taxes) == priced.total - priced.tip


@given(carts, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_stores_is_irrelevant(cart: CartForPricing, chance: Random) -> None:
    shuffled = [replace(basket, lines=tuple(chance.sample(basket.lines, len(basket.lines)))) for basket in cart.baskets]
    chance.shuffle(shuffled)
    straight, mixed = price_cart(cart, FEES), price_cart(replace(cart, baskets=tuple(shuffled)), FEES)
    assert (straight.total, straight.taxes) == (mixed.total, mixed.taxes)
    by_store = {basket.store_id: basket for basket in mixed.baskets}
    for basket in straight.baskets:
        assert (basket.total, basket.fees, basket.taxes) == (
            by_store[basket.store_id].total,
            by_store[basket.store_id].fees,
            basket.taxes,
        )


@given(carts)
def test_nothing_is_ever_negative(cart: CartForPricing) -> None:
    priced = price_cart(cart, FEES)
    for basket in priced.baskets:
        figures = (basket.goods, basket.small_basket_fee, basket.delivery_fee, basket.service_fee, basket.tip, basket.tax)
        assert min(figures) >= 0
        assert all(0 <= line.tax <= line.total for line in basket.lines)


@given(lines, st.integers(1, 99))
def test_a_quantity_scales_the_line(line: LineForPricing, quantity: int) -> None:
    one, many = price_line(replace(line, quantity=1)), price_line(replace(line, quantity=quantity))
    # Rounded once for the line, so that many pieces do not pile up the rounding of one.
    assert abs(Fraction(many.total) - Fraction(exact_price(line.unit, line.options)) * quantity) <= Fraction(1, 2)
    if isinstance(line.unit, int):
        assert many.total == one.total * quantity
        assert abs(many.tax - one.tax * quantity) <= (quantity + 1) / 2 * max(len(many.parts), 1)


@given(line=lines, prices_include_tax=st.booleans())
def test_the_parts_of_a_line_by_rate_are_the_whole_line(line: LineForPricing, *, prices_include_tax: bool) -> None:
    priced = price_line(line, prices_include_tax=prices_include_tax)
    if priced.parts:
        assert (sum(part.gross for part in priced.parts), sum(part.tax for part in priced.parts)) == (priced.total, priced.tax)
        assert len({part.basis_points for part in priced.parts}) == len(priced.parts) > 1


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_more_goods_never_cost_less(goods: int, more: int) -> None:
    assert goods + small_basket_fee(goods, FEES) <= goods + more + small_basket_fee(goods + more, FEES)
    assert service_fee(goods, FEES) <= service_fee(goods + more, FEES)
