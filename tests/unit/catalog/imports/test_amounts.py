"""Amounts as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.imports.amounts import (
    AmountAmbiguous,
    AmountTooFine,
    Decimals,
    NotAnAmount,
    OtherCurrency,
    minor_units,
    separator_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,15 €", 315),
        ("2.99 €", 299),
        ("€ 12", 1_200),
        ("EUR 7,5", 750),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("1 234,50", 123_450),
        ("1'234.50", 123_450),
        ("1.234.567", 123_456_700),
        ("0,950", 95),
        ("-0,10", -10),
        ("12345,67", 1_234_567),
    ],
)
def test_both_separators_and_signs_are_read(text: str, expected: int) -> None:
    assert minor_units(text, "EUR") == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,234", AmountAmbiguous),
        ("1.234 €", AmountAmbiguous),
        ("3,9999", AmountTooFine),
        ("12,345.6,7", NotAnAmount),
        ("1,23,456", NotAnAmount),
        ("free", NotAnAmount),
        ("", NotAnAmount),
        ("€", NotAnAmount),
        ("5 £", OtherCurrency),
        ("USD 5", OtherCurrency),
        ("$3,00", OtherCurrency),
        ("3,00 kr", OtherCurrency),
        ("1,2345", AmountTooFine),
        ("9" * 30, NotAnAmount),
    ],
)
def test_what_cannot_be_meant_or_may_mean_two_things_is_refused(text: str, why: type[Exception]) -> None:
    with pytest.raises(why):
        minor_units(text, "EUR")


@pytest.mark.parametrize(
    ("text", "among", "never"),
    [
        ("$3.50", ("USD", "CAD", "AUD"), ("EUR", "SEK", "GBP")),
        ("3,50 kr", ("SEK", "NOK", "DKK"), ("EUR", "USD", "PLN")),
        ("¥ 3.50", ("CNY",), ("EUR", "KRW")),
    ],
)
def test_a_sign_of_several_currencies_is_the_stores_own_or_a_fault(
    text: str, among: tuple[str, ...], never: tuple[str, ...]
) -> None:
    for currency in among:
        assert minor_units(text, currency) == 350
    for currency in never:
        with pytest.raises(OtherCurrency):
            minor_units(text, currency)
    assert minor_units("350 kr", "ISK") == minor_units("¥350", "JPY") == 350


def test_said_which_separator_nothing_is_ambiguous() -> None:
    assert minor_units("1,234", "EUR", Decimals.POINT) == 123_400
    assert minor_units("1.234", "EUR", Decimals.COMMA) == 123_400
    assert minor_units("1234", "EUR", in_minor=True) == 1_234
    assert minor_units("1234", "JPY") == 1_234


def test_a_file_shows_its_separator_by_the_amounts_that_are_plain() -> None:
    assert separator_of(["1,234", "2,50", "free"]) == (Decimals.COMMA, False)
    assert separator_of(["2.50", "1.234,00"]) == (Decimals.AUTO, True)
    assert separator_of(["1,234", "5"]) == (Decimals.AUTO, False)


@given(st.integers(0, 10**9), st.sampled_from([",", "."]))
def test_what_is_written_is_read_again(cents: int, separator: str) -> None:
    text = f"{Decimal(cents).scaleb(-2):.2f}".replace(".", separator)
    assert minor_units(text, "EUR") == cents


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_one_of_the_reasons(text: str) -> None:
    with suppress(NotAnAmount, AmountAmbiguous, AmountTooFine, OtherCurrency):
        assert isinstance(minor_units(text, "EUR"), int)
