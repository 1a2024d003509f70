"""Spoken numbers: distinct, checked, and read as people type them."""

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.ids import CROCKFORD, read_spoken_number, spoken_number

COUNTS = st.integers(min_value=1, max_value=40_000_000)


def test_the_first_numbers_do_not_tell_how_many_came_before() -> None:
    assert [spoken_number("P", count) for count in (1, 2, 3)] == ["P-V4JQCH", "P-EQFW1H", "P-2AD0PB"]


@given(COUNTS, COUNTS)
def test_distinct_counts_have_distinct_numbers(one: int, other: int) -> None:
    assert (spoken_number("P", one) == spoken_number("P", other)) == (one == other)


@given(COUNTS)
def test_a_number_is_read_as_it_was_spoken_or_typed(count: int) -> None:
    number = spoken_number("P", count)
    typed = number.lower().replace("0", "o").replace("1", "l")
    assert read_spoken_number("P", number) == number
    assert read_spoken_number("P", f" {typed} ") == number
    assert read_spoken_number("P", number.replace("-", "")) == number


@given(COUNTS, st.integers(min_value=2, max_value=6), st.sampled_from(CROCKFORD))
def test_one_wrong_symbol_is_caught(count: int, place: int, symbol: str) -> None:
    number = spoken_number("P", count)
    wrong = number[:place] + symbol + number[place + 1 :]
    assert read_spoken_number("P", wrong) == (number if wrong == number else None)


def test_what_is_no_number_is_none() -> None:
    for text in ("", "P", "P-", "P-12", "O-V4JQCH", "P-V4JQC!", "P-V4JQCJ", "+358401234567", "P-ÄÖ2NT2"):
        assert read_spoken_number("P", text) is None
