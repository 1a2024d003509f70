"""A document weighed by its text: counted as GraphQL counts, and in one pass whatever the text."""

import pytest
from graphql import GraphQLError, Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from api.engine.lexical import TextLimits, too_heavy

WORDS = ["{", "}", "(", ")", "[", "]", "...", "@", "$", ":", "=", "!", "|", "&", "name", "_x1", "12", "-1.5e3"]
TEXTS = ['"text"', '""', '"a \\" b"', '"""block "quoted" text"""', '"""a \\""" b"""', '"# no comment"', '"{ [ ("']
GAPS = [" ", ",", "\n", "\t", "# a comment { \" ' \n"]
GENEROUS = TextLimits(length=10**6, tokens=10**6, nesting=10**6)


def counted(text: str) -> int:
    """How many tokens GraphQL sees."""
    lexer, number = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        number += 1
    return number


@given(parts=st.lists(st.tuples(st.sampled_from([*WORDS, *TEXTS]), st.sampled_from(GAPS)), max_size=30))
def test_tokens_are_counted_as_graphql_counts_them(parts: list[tuple[str, str]]) -> None:
    text = "".join(word + gap for word, gap in parts)
    try:
        tokens = counted(text)
    except GraphQLError:
        return
    assert too_heavy(text, TextLimits(10**6, tokens, 10**6)) is None
    assert tokens == 0 or too_heavy(text, TextLimits(10**6, tokens - 1, 10**6)) is not None


@pytest.mark.parametrize(
    ("text", "limits", "why"),
    [
        ("{ a }", TextLimits(5, 9, 9), None),
        ("{ a  }", TextLimits(5, 9, 9), "5 characters"),
        ("{ a b }", TextLimits(99, 3, 9), "3 tokens"),
        ("{ a { b [ c ] } }", TextLimits(99, 99, 3), None),
        ("{ a { b [ ( c ) ] } }", TextLimits(99, 99, 3), "3 deep"),
        ("{ a @x @y }", TextLimits(99, 99, 9, {"@": 1}), "`@`"),
        ("{ { } }", TextLimits(99, 99, 1, {"{": 5}), "1 deep"),
        ('{ a(b: "@@@ {{{ [[[") }', TextLimits(99, 99, 2, {"@": 0}), None),
        ('"""@ " "" @""" # @ @', TextLimits(99, 1, 2, {"@": 0}), None),
    ],
)
def test_limits(text: str, limits: TextLimits, why: str | None) -> None:
    told = too_heavy(text, limits)
    assert told is None if why is None else why in (told or "")


@given(text=st.text(st.sampled_from('"\\# \n.@{aé0'), max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    assert too_heavy(text, GENEROUS) is None
