"""Money: half even, and shares that add up whatever the weights."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.money import CurrenciesDiffer, Money, half_even, percent, share

WEIGHTS = st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("exact", "rounded"), [(Fraction(5, 2), 2), (Fraction(7, 2), 4), (Fraction(-5, 2), -2), (Decimal("2.51"), 3), (7, 7)]
)
def test_ties_go_to_the_even_unit(exact: Fraction | Decimal | int, rounded: int) -> None:
    assert half_even(exact) == rounded


@pytest.mark.parametrize(("amount", "points", "part"), [(1_000, 1_350, 135), (50, 100, 0), (150, 100, 2), (999, 0, 0)])
def test_a_percentage_is_rounded_half_even(amount: int, points: int, part: int) -> None:
    assert percent(amount, points) == part


@given(st.integers(min_value=-1_000_000, max_value=1_000_000), WEIGHTS)
def test_shares_add_up_and_stay_within_one_unit_of_the_exact_part(amount: int, weights: list[int]) -> None:
    parts = share(amount, weights)
    even = weights if sum(weights) else [1] * len(weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, even, strict=True):
        assert abs(part - Fraction(amount * weight, sum(even))) < 1


def test_the_larger_remainder_gets_the_odd_cent_and_the_earlier_one_a_tie() -> None:
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(10, [1, 2, 4]) == [1, 3, 6]
    assert share(5, [0, 0]) == [3, 2]


def test_shares_need_weights() -> None:
    for weights in ([], [1, -1]):
        with pytest.raises(ValueError, match="weights"):
            share(1, weights)


@pytest.mark.parametrize(
    ("money", "text"), [(Money(1205, "EUR"), "12.05"), (Money(1205, "JPY"), "1205"), (Money(-5, "EUR"), "-0.05")]
)
def test_an_amount_is_told_with_its_currency_s_digits(money: Money, text: str) -> None:
    assert str(money.decimal()) == text


def test_currencies_are_not_mixed() -> None:
    assert Money(1, "EUR") + Money(2, "EUR") - Money(4, "EUR") == Money(-1, "EUR")
    with pytest.raises(CurrenciesDiffer):
        Money(1, "EUR") + Money(1, "SEK")
