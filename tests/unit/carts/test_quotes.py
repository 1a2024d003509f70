"""A quote is, to the last field, what was signed, and knows what it costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.carts import quotes, rules
from services.carts.errors import ChangeKind, LineChange
from services.carts.quotes import Prices, Quote, QuotedBasket, QuotedLine, QuotedOption
from services.kernel.places import Address
from services.pricing.rules import TaxPart

AT = datetime(2026, 6, 10, 9, 0, 0, 123_456, tzinfo=UTC)
KEY = "a key of at least thirty-two bytes"
LARGE = QuotedOption(UUID(int=21), "Large", 200)
SOUP = QuotedLine(UUID(int=11), UUID(int=12), None, "Salmon soup", "", "FOOD", (LARGE,), 1_400, 2, 2_800, 333, 1_350)
BREAD = QuotedLine(UUID(int=13), UUID(int=14), "06411402968807", "Rye bread", "", "FOOD", (), 300, 1, 300, 36, 1_350)
KITCHEN = QuotedBasket(UUID(int=1), "Kitchen", 900, 20, 280, 2_550, (SOUP, BREAD), 0, 190, 155, 100)
QUOTE = Quote(
    id=UUID(int=31),
    cart_id=UUID(int=32),
    consumer_id=UUID(int=33),
    cart_version=4,
    address=Address(60.1699, 24.9384, "Aleksanterinkatu 52", "Helsinki", "00100", "ring twice"),
    prices=Prices("EUR", (KITCHEN,)),
    promised_from=AT + timedelta(minutes=40),
    promised_until=AT + timedelta(minutes=55),
    created_at=AT,
    expires_at=AT + timedelta(minutes=10),
)


def test_a_quote_comes_back_from_json_as_it_was() -> None:
    assert quotes.read(quotes.plain(QUOTE)) == QUOTE


def test_a_basket_adds_up() -> None:
    assert (KITCHEN.goods, KITCHEN.fees, KITCHEN.total, KITCHEN.tax) == (3_100, 345, 3_545, 333 + 36 + 39 + 31)
    assert KITCHEN.taxes == (TaxPart(1_350, 3_100, 369), TaxPart(2_550, 345, 70))
    assert QUOTE.priced.total == 3_545


@pytest.mark.parametrize(
    "changed",
    [
        {"id": UUID(int=99)},
        {"consumer_id": UUID(int=99)},
        {"cart_version": 5},
        {"address": replace(QUOTE.address, street="Elsewhere 1")},
        {"prices": Prices("SEK", (KITCHEN,))},
        {"prices": Prices("EUR", (replace(KITCHEN, tip=0),))},
        {"prices": Prices("EUR", (replace(KITCHEN, own_delivery_fee=0),))},
        {"prices": Prices("EUR", (replace(KITCHEN, lines=(replace(SOUP, total=1), BREAD)),))},
        {"prices": Prices("EUR", (replace(KITCHEN, lines=(BREAD, SOUP)),))},
        {"promised_until": AT + timedelta(minutes=56)},
        {"expires_at": AT + timedelta(minutes=10, microseconds=1)},
    ],
)
def test_any_other_field_breaks_the_signature(changed: dict[str, object]) -> None:
    signature = quotes.sign(QUOTE, KEY)
    assert quotes.is_genuine(QUOTE, signature, KEY)
    assert not quotes.is_genuine(replace(QUOTE, **changed), signature, KEY)  # type: ignore[arg-type]


def test_a_quote_of_the_house_s_fees_is_signed_as_before_stores_had_their_own() -> None:
    assert "own_delivery_fee" not in quotes.plain(QUOTE)["prices"]["baskets"][0]
    free = replace(QUOTE, prices=Prices("EUR", (replace(KITCHEN, own_delivery_fee=0),)))
    assert quotes.read(quotes.plain(free)).baskets[0].own_delivery_fee == 0


def test_another_key_does_not_sign_alike() -> None:
    assert not quotes.is_genuine(QUOTE, quotes.sign(QUOTE, KEY), KEY + "x")


def test_changes_are_told_line_by_line() -> None:
    dearer = replace(SOUP, unit_price=1_500, total=3_000)
    cake = replace(BREAD, line_id=UUID(int=15), name="Cake")
    present = Prices("EUR", (replace(KITCHEN, lines=(dearer, cake)),))
    assert rules.changes(QUOTE, present) == [
        LineChange(SOUP.line_id, SOUP.item_id, "Salmon soup", ChangeKind.PRICE, 2_800, 3_000),
        LineChange(BREAD.line_id, BREAD.item_id, "Rye bread", ChangeKind.REMOVED, 300, None),
        LineChange(cake.line_id, cake.item_id, "Cake", ChangeKind.ADDED, None, 300),
    ]
    assert not rules.same_money(QUOTE, present)


def test_nothing_changed_is_told_as_nothing() -> None:
    assert rules.changes(QUOTE, QUOTE.prices) == []
    assert rules.same_money(QUOTE, QUOTE.prices)
    fewer = Prices("EUR", (replace(KITCHEN, lines=(replace(SOUP, quantity=1, total=1_400), BREAD)),))
    assert [change.kind for change in rules.changes(QUOTE, fewer)] == [ChangeKind.QUANTITY]
