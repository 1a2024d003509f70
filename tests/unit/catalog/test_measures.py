"""By piece and by weight: the price by the law's unit, exact and rounded once."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.rules import ContentUnit
from services.catalog.rules.measures import Content, PriceUnit, UnitPrice, content_of, price_of_one, unit_price


@pytest.mark.parametrize(
    ("size", "amount", "unit"),
    [
        ("500 g", "500", ContentUnit.G),
        ("1,5 l", "1500", ContentUnit.ML),
        ("0.75L", "750", ContentUnit.ML),
        ("33 cl", "330", ContentUnit.ML),
        ("6 x 330 ml", "1980", ContentUnit.ML),
        ("20 x 1,5g", "30", ContentUnit.G),
        ("1 kg", "1000", ContentUnit.G),
        ("1.250 kg", "1250", ContentUnit.G),
        ("10 kpl", "10", ContentUnit.PIECE),
        ("24 count", "24", ContentUnit.PIECE),
        ("16 oz (453g)", "453", ContentUnit.G),
        ("15oz 425g", "425", ContentUnit.G),
    ],
)
def test_a_size_is_read_as_it_is_written(size: str, amount: str, unit: ContentUnit) -> None:
    found = content_of(size)

    assert found is not None
    assert (found.amount, found.unit) == (Decimal(amount), unit)


@pytest.mark.parametrize("size", ["", "12 oz", "1.000 g", "60 caps, 500 mg", "0 g", "large", "500", "g", "1/2 l", "3pk"])
def test_what_cannot_be_told_for_sure_is_not_guessed(size: str) -> None:
    assert content_of(size) is None


@pytest.mark.parametrize(
    ("price", "content", "shown"),
    [
        (129, Content(Decimal(330), ContentUnit.ML), UnitPrice(391, PriceUnit.L)),
        (250, Content(Decimal(500), ContentUnit.G), UnitPrice(500, PriceUnit.KG)),
        (999, Content(Decimal("2.5"), ContentUnit.G), UnitPrice(399_600, PriceUnit.KG)),
        # Exactly half a cent: to the even one, down and up.
        (125, Content(Decimal(10), ContentUnit.PIECE), UnitPrice(12, PriceUnit.PIECE)),
        (135, Content(Decimal(10), ContentUnit.PIECE), UnitPrice(14, PriceUnit.PIECE)),
    ],
)
def test_the_price_by_the_laws_unit(price: int, content: Content, shown: UnitPrice) -> None:
    assert unit_price(price, None, content) == shown


def test_what_is_priced_by_weight_shows_its_price_per_kilogram() -> None:
    assert unit_price(2_490, 50, None) == UnitPrice(2_490, PriceUnit.KG)
    assert price_of_one(2_490, 50) == Fraction(249, 2)
    assert price_of_one(2_490, None) == 2_490
    assert unit_price(2_490, None, None) is None


@given(st.integers(0, 10**7), st.decimals("0.001", "100000", places=3), st.sampled_from([ContentUnit.G, ContentUnit.ML]))
def test_the_shown_price_is_within_half_a_cent_of_the_exact_one(price: int, amount: Decimal, unit: ContentUnit) -> None:
    shown = unit_price(price, None, Content(amount, unit))

    assert shown is not None
    assert abs(shown.amount - Fraction(price * 1_000) / Fraction(amount)) <= Fraction(1, 2)
