"""Prices to the cent: lines, fees, taxes and shares, worked out by hand."""

from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from services.pricing import taxes
from services.pricing.delivery import delivery_fee, small_basket_fee
from services.pricing.rules import (
    BasketForPricing,
    CartForPricing,
    ChosenOption,
    LineForPricing,
    TaxPart,
    options_price,
    price_basket,
    price_cart,
    price_line,
    service_fee,
    tax_within,
)
from services.settings import FeeSchedule

FEES = FeeSchedule()
SIZE, TOPPINGS = UUID(int=101), UUID(int=102)
KITCHEN, GROCER, KIOSK = UUID(int=1), UUID(int=2), UUID(int=3)


def line(unit: int, quantity: int = 1, *options: ChosenOption, tax_bps: int = 1_350) -> LineForPricing:
    return LineForPricing(UUID(int=unit * 1_000 + quantity), unit, options, quantity, tax_bps)


def basket(store: UUID, *lines: LineForPricing, distance: int = 800) -> BasketForPricing:
    return BasketForPricing(store, lines, distance, fee_tax_bps=2_550)


def test_a_line_multiplies_before_it_rounds() -> None:
    priced = price_line(line(333, 3))
    assert (priced.unit_price, priced.total, priced.tax) == (333, 999, 119)  # 999 x 13.5 / 113.5 = 118.82


def test_options_raise_the_price_of_every_piece() -> None:
    priced = price_line(line(1_250, 2, ChosenOption(SIZE, 300), ChosenOption(TOPPINGS, 150)))
    assert (priced.unit_price, priced.total) == (1_700, 3_400)


def test_the_free_choices_of_a_group_are_its_dearest() -> None:
    toppings = [ChosenOption(TOPPINGS, price, free_count=2) for price in (100, 300, 50, 200)]
    assert options_price(toppings) == 150
    assert options_price([ChosenOption(SIZE, 400), *toppings[:2]]) == 400


def test_a_choice_never_brings_a_price_below_nothing() -> None:
    assert price_line(line(100, 2, ChosenOption(SIZE, -250))).total == 0


def test_tax_inside_a_price_is_rounded_half_even() -> None:
    assert tax_within(1_135, 1_350) == 135
    assert tax_within(1_255, 2_550) == 255
    assert [tax_within(amount, 10_000) for amount in (1, 3, 5)] == [0, 2, 2]


def test_a_choice_with_a_rate_of_its_own_is_taxed_at_it() -> None:
    lunch = line(1_250, 2, ChosenOption(TOPPINGS, 100), ChosenOption(SIZE, 600, tax_bps=2_550))
    priced = price_line(lunch)
    # 27.00 at 13.5 % and 12.00 of beer at 25.5 %.
    assert (priced.unit_price, priced.total, priced.tax) == (1_950, 3_900, 321 + 244)
    assert priced.parts == (TaxPart(1_350, 2_700, 321), TaxPart(2_550, 1_200, 244))
    without = price_line(lunch, prices_include_tax=False)
    assert (without.total, without.tax) == (3_900 + 364 + 306, 364 + 306)
    assert price_basket(basket(KITCHEN, lunch), FEES).taxes[:1] == (TaxPart(1_350, 2_700, 321),)


def test_a_free_choice_bears_no_tax_of_its_own() -> None:
    priced = price_line(line(1_000, 1, ChosenOption(SIZE, 600, free_count=1, tax_bps=2_550)))
    assert (priced.total, priced.tax, priced.parts) == (1_000, tax_within(1_000, 1_350), ())


def test_goods_by_weight_are_rounded_once_for_the_line() -> None:
    # 24.95 a kilogram in steps of 50 g: one step is 1.2475.
    step = Fraction(2_495 * 50, 1_000)
    ham = LineForPricing(UUID(int=1), step, (), 7, 1_350)
    priced = price_line(ham)
    assert (priced.unit_price, priced.total) == (125, 873)  # 350 g x 24.95 = 8.7325
    assert price_line(LineForPricing(UUID(int=1), step, (), 20, 1_350)).total == 2_495


def test_where_prices_exclude_tax_it_is_added_to_the_line() -> None:
    priced = price_line(line(1_000, 2, tax_bps=725), prices_include_tax=False)
    assert (priced.unit_price, priced.total, priced.tax) == (1_000, 2_145, 145)


@pytest.mark.parametrize(("distance", "fee"), [(0, 190), (1_000, 190), (1_001, 290), (2_900, 390), (5_000, 490), (5_001, 690)])
def test_delivery_is_priced_by_the_band(distance: int, fee: int) -> None:
    assert delivery_fee([distance], FEES) == fee


def test_a_further_store_costs_a_stop_and_never_a_second_full_fee() -> None:
    assert delivery_fee([700, 2_500, 100], FEES) == 390 + 150 + 150
    assert delivery_fee([], FEES) == 0


@pytest.mark.parametrize(
    ("goods", "fee"), [(0, 50), (1_000, 50), (1_010, 50), (1_030, 52), (4_000, 200), (6_000, 300), (99_999, 300)]
)
def test_the_service_fee_has_a_floor_and_a_cap(goods: int, fee: int) -> None:
    assert service_fee(goods, FEES) == fee


@pytest.mark.parametrize(("goods", "fee"), [(0, 200), (700, 200), (850, 150), (999, 1), (1_000, 0), (5_000, 0)])
def test_a_small_basket_pays_what_it_lacks_up_to_a_most(goods: int, fee: int) -> None:
    assert small_basket_fee(goods, FEES) == fee


def test_a_store_is_priced_on_its_own() -> None:
    priced = price_basket(basket(KIOSK, line(450), line(250)), FEES)
    assert (priced.goods, priced.small_basket_fee, priced.delivery_fee, priced.total) == (700, 200, 0, 900)


def test_a_purchase_over_two_stores_adds_up() -> None:
    cart = CartForPricing(
        (basket(KITCHEN, line(1_490, 2), distance=1_200), basket(GROCER, line(299), line(1_195, tax_bps=2_550))), "EUR", tip=200
    )
    priced = price_cart(cart, FEES)
    assert (priced.goods, priced.delivery_fee, priced.service_fee, priced.small_basket_fee, priced.tip) == (
        4_474,
        440,
        224,
        0,
        200,
    )
    assert priced.total == 5_338
    kitchen, grocer = priced.baskets
    assert (kitchen.goods, kitchen.delivery_fee, kitchen.service_fee, kitchen.tip, kitchen.total) == (2_980, 293, 149, 133, 3_555)
    assert (grocer.goods, grocer.delivery_fee, grocer.service_fee, grocer.tip, grocer.total) == (1_494, 147, 75, 67, 1_783)
    assert kitchen.taxes == (TaxPart(1_350, 2_980, 354), TaxPart(2_550, 442, 60 + 30))
    assert grocer.taxes == (TaxPart(1_350, 299, 36), TaxPart(2_550, 1_195 + 222, 243 + 30 + 15))
    assert priced.tax == 354 + 90 + 36 + 288


def test_the_rates_of_finland_change_with_the_year() -> None:
    assert taxes.rate("FI", "FOOD", date(2025, 12, 31)) == 1_400
    assert taxes.rate("FI", "FOOD", date(2026, 1, 1)) == 1_350
    assert taxes.rate("FI", "ALCOHOL", date(2026, 6, 1)) == taxes.rate("FI", "GENERAL", date(2026, 6, 1)) == 2_550


def test_a_rate_nobody_told_is_not_guessed() -> None:
    with pytest.raises(taxes.TaxRateUnknown):
        taxes.rate("SE", "FOOD", date(2026, 1, 1))
    with pytest.raises(taxes.TaxRateUnknown):
        taxes.rate("FI", "GENERAL", date(2024, 8, 31))
