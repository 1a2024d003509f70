"""What was typed, and what it may mean."""

import csv

from hypothesis import given
from hypothesis import strategies as st

from services.browse.words import (
    SYNONYMS,
    How,
    Known,
    begun_alike,
    compounds_of,
    halves_of,
    plain,
    query_of,
    slips,
    spelled_alike,
    terms_of,
    why,
)

UNKNOWN = Known(is_known=False, forms=(), alike=())
KNOWN = Known(is_known=True, forms=(), alike=())


def test_slips_of_a_thumb() -> None:
    assert [slips("milk", other) for other in ("milk", "mlik", "milks", "ilk", "silk", "ikml")] == [0, 1, 1, 1, 1, 4]


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_the_same_from_either_side(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one) <= max(len(one), len(other))
    assert (slips(one, other) == 0) == (one == other)


def test_a_short_word_is_allowed_one_slip_and_only_the_fewest_count() -> None:
    assert spelled_alike("tee", ["te", "tea", "toe", "bean"]) == ["te", "tea", "toe"]
    assert spelled_alike("mlik", ["milk", "silk"]) == ["milk"]
    assert spelled_alike("ab", ["abc"]) == []
    assert spelled_alike("chokolate", ["chocolate", "chocolat", "cholate"]) == ["chocolate"]


def test_a_phrase_is_taken_as_one_and_its_synonyms_are_whole_phrases() -> None:
    cold, milk = terms_of(["cold", "oat", "milk"], {"cold": KNOWN, "oat": KNOWN, "milk": KNOWN}, typing=False)

    assert (cold.typed, milk.typed) == ("cold", "oat milk")
    assert (("leche", "de", "avena"), How.SYNONYM) in milk.alternatives
    assert query_of([cold]) == "(('cold'))"
    assert query_of([milk]).startswith("(('oat' & 'milk') | ('kauramaito') | ")


def test_spelling_is_only_guessed_at_where_nothing_else_is_known() -> None:
    alike = Known(is_known=False, forms=(), alike=("milk",))
    (term,) = terms_of(["mlik"], {"mlik": alike}, typing=False)
    assert term.alternatives == ((("mlik",), How.EXACT), (("mlik*",), How.BEGINNING), (("milk",), How.SPELLING))
    (term,) = terms_of(["salsa"], {"salsa": KNOWN}, typing=True)
    assert term.alternatives == ((("salsa",), How.EXACT), (("salsa*",), How.BEGINNING))


def test_words_side_by_side_may_be_written_in_one_which_answers_both() -> None:
    known = {"kaura": KNOWN, "maito": KNOWN, "kauramaito": KNOWN}
    first, second = terms_of(["kaura", "maito"], known, typing=False)
    assert compounds_of(["kaura", "maito", "1"]) == ["kauramaito", "maito1"]
    for term in (first, second):
        assert (("kauramaito",), How.FORM) in term.alternatives
        assert (("oat", "milk"), How.SYNONYM) in term.alternatives
        assert len({words for words, _ in term.alternatives}) == len(term.alternatives)
    assert [how for *_, how in why([first, second], {"kauramaito": "A"})] == [How.FORM, How.FORM]
    plain_tea, _ = terms_of(["mint", "xtea"], {"mint": KNOWN, "xtea": KNOWN}, typing=False)
    assert plain_tea.alternatives[0] == (("mint",), How.EXACT)
    assert not [words for words, _ in plain_tea.alternatives if "mintxtea" in words]
    *_, typed = terms_of(["mint", "xte"], {"mint": KNOWN, "xte": UNKNOWN}, typing=True)
    assert (("mintxte*",), How.BEGINNING) in typed.alternatives


def test_a_word_of_two_that_are_known_is_looked_for_as_both_side_by_side() -> None:
    (term,) = terms_of(["oatmilk"], {"oatmilk": Known(is_known=False, forms=(), alike=(), parts=("oat milk",))}, typing=False)
    assert (("oat milk",), How.FORM) in term.alternatives
    assert (("kauramaito",), How.SYNONYM) in term.alternatives
    assert "('oat' <-> 'milk')" in query_of([term])
    assert [(word, weight, how) for _, word, weight, how in why([term], {"oat": "B", "milk": "A"})] == [("milk", "A", How.FORM)]


def test_a_word_of_two_that_the_synonyms_know_is_looked_for_as_what_they_mean() -> None:
    assert {"lohi", "keitto"} <= halves_of(["lohikeitto"])
    assert halves_of(["kauramaito"]) == halves_of(["zzzzqqqq"]) == set()
    (term,) = terms_of(["lohikeitto"], {"lohikeitto": Known(is_known=False, forms=(), alike=("lohikeito",))}, typing=False)
    assert (("lohi keitto",), How.FORM) in term.alternatives
    assert (("salmon", "soup"), How.SYNONYM) in term.alternatives
    assert (("lohi", "soup"), How.SYNONYM) in term.alternatives
    assert How.SPELLING not in {how for _, how in term.alternatives}
    assert [word for _, word, *_ in why([term], {"salmon": "A", "soup": "A"})] == ["salmon", "soup"]
    assert list(why([term], {"salmon": "A", "keit": "A"})) == []


def test_a_beginning_that_no_word_has_is_taken_for_the_nearest() -> None:
    assert begun_alike("chokol", ["chocolate", "cholesterol", "chokeberry"]) == ["chocol"]
    assert begun_alike("margeri", ["margherita", "marmalade"]) == ["margheri"]
    assert begun_alike("cho", ["chocolate"]) == []
    lost = Known(is_known=False, forms=(), alike=(), begun=("chocolate",))
    (term,) = terms_of(["chokol"], {"chokol": lost}, typing=True)
    assert term.alternatives[-1] == (("chocol*",), How.SPELLING)
    (term,) = terms_of(["chokol"], {"chokol": lost}, typing=False)
    assert How.SPELLING not in {how for _, how in term.alternatives}


def test_a_form_is_the_word_with_another_ending_and_its_beginning_comes_first_while_one_types() -> None:
    sold = Known(is_known=False, forms=("lake", "laksin"), alike=("lake",))
    (term,) = terms_of(["laks"], {"laks": sold}, typing=False)
    assert (("lake",), How.FORM) not in term.alternatives
    assert (("laksin",), How.FORM) in term.alternatives
    assert (("lohi",), How.SYNONYM) in term.alternatives
    pizza = Known(is_known=False, forms=("pizza",), alike=())
    (term,) = terms_of(["piz"], {"piz": pizza}, typing=True)
    assert [how for _, _, _, how in why([term], {"pizza": "A"})] == [How.BEGINNING]
    berry = Known(is_known=False, forms=("berry",), alike=())
    (term,) = terms_of(["berries"], {"berries": berry}, typing=False)
    assert term.alternatives[1] == (("berry",), How.FORM)


def test_another_form_has_the_synonyms_of_the_word() -> None:
    forms = Known(is_known=True, forms=("makkara",), alike=())
    (term,) = terms_of(["makkarat"], {"makkarat": forms}, typing=False)

    assert (("korv",), How.SYNONYM) in term.alternatives
    assert len(set(term.alternatives)) == len(term.alternatives)


def test_why_names_the_first_alternative_that_is_there() -> None:
    terms = terms_of(["oat", "milk", "bar"], {"oat": KNOWN, "milk": KNOWN, "bar": UNKNOWN}, typing=False)
    found = {"kauramaito": "A", "barista": "D", "barilla": "C"}

    assert [(term.typed, word, field, how) for term, word, field, how in why(terms, found)] == [
        ("oat milk", "kauramaito", "A", How.SYNONYM),
        ("bar", "barilla", "C", How.BEGINNING),
    ]


@given(st.text(max_size=40))
def test_plain_words_are_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert all(word.isalnum() for word in plain(text).split())


def test_every_synonym_has_its_source_and_each_meaning_all_five_languages() -> None:
    with SYNONYMS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    languages: dict[str, set[str]] = {}
    for row in rows:
        languages.setdefault(row["meaning"], set()).add(row["language"])

    assert all(row["source"] and plain(row["phrase"]) for row in rows)
    assert [meaning for meaning, several in languages.items() if not several >= {"fi", "sv", "en", "de", "es"}] == []
