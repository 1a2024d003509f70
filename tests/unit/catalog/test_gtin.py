"""Barcodes as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.catalog.rules import normalised_gtin


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("6408430000135", "06408430000135"),
        ("06408430000135", "06408430000135"),
        (" 640-8430 000135 ", "06408430000135"),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("6408430000136", None),
        ("640843000013", None),
        ("", None),
        ("00000000000000", None),
        ("٦٤٠٨٤٣٠٠٠٠١٣٥", None),
        ("64084300001E5", None),
    ],
)
def test_a_gtin_is_fourteen_checked_digits(typed: str, read: str | None) -> None:
    assert normalised_gtin(typed) == read


@given(some.integers(0, 12), some.integers(1, 9))
def test_every_single_wrong_digit_is_seen(place: int, by: int) -> None:
    right = "6408430000135"
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]

    assert normalised_gtin(wrong) is None
