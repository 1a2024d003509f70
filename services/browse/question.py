"""What is looked for: the words with all that may stand for them, where, when, and which of it may be shown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.browse import words as language
from services.kernel.database import rows
from services.stores.models import StoreKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for: words at a point and a time; `typing` while the last word may be the beginning of one."""

    words: str
    latitude: float
    longitude: float
    at: datetime
    typing: bool = False
    kinds: Collection[StoreKind] = ()
    diets: Collection[str] = ()
    price_at_most: int | None = None
    open_only: bool = False


async def terms_of(question: Question) -> list[language.Term]:
    """What its words mean, by the house's vocabulary. Raises BadInput for none, and for more than anybody types."""
    asked = language.words_of(question.words)
    found = await rows(_VOCABULARY, asked, _others(asked), asked[-1] if question.typing else None)
    known = {
        record["word"]: language.Known(
            is_known=record["known"],
            forms=tuple(record["forms"]),
            alike=tuple(record["alike"] or ()),
            parts=tuple(record["parts"]),
            begun=tuple(record["begun"] or ()),
        )
        for record in found
    }
    return language.terms_of(asked, known, typing=question.typing)


def _others(asked: list[str]) -> list[str]:
    return sorted({*language.compounds_of(asked), *language.halves_of(asked)} - {*asked})


# Other forms share a stem in some language. What is spelled alike is only looked for where the word itself is unknown: much the
# same trigrams, or the same letters in another order; and for a beginning, as for what begins much like it, only where no word
# begins so. Of compounds and halves it is only asked whether somebody writes them. (`EXISTS` would be answered by a table read
# from end to end, hashed.)
_VOCABULARY = """
SELECT a.word, k.known,
    ARRAY(SELECT v.word FROM search_words v WHERE v.stems && search_stems(a.word) AND v.word <> a.word
          ORDER BY length(v.word), v.word LIMIT 20) AS forms,
    CASE WHEN NOT k.known AND (a.word IS DISTINCT FROM $3 OR (
        SELECT v.word FROM search_words v WHERE v.word >= a.word AND v.word < a.word || chr(1114111) ORDER BY v.word LIMIT 1
    ) IS NULL) THEN
        ARRAY(SELECT v.word FROM search_words v WHERE v.word % a.word ORDER BY similarity(v.word, a.word) DESC, v.word LIMIT 20)
        || ARRAY(SELECT v.word FROM search_words v WHERE v.letters = search_letters(a.word) ORDER BY v.word LIMIT 5)
    END AS alike,
    ARRAY(SELECT left(a.word, place) || ' ' || substr(a.word, place + 1) FROM generate_series(3, length(a.word) - 3) AS place
          WHERE (SELECT true FROM search_words v WHERE v.word = left(a.word, place))
            AND (SELECT true FROM search_words v WHERE v.word = substr(a.word, place + 1))) AS parts,
    CASE WHEN a.word = $3 AND NOT k.known THEN search_begun(a.word) END AS begun
FROM unnest($1::text[]) AS a (word), LATERAL (SELECT EXISTS (SELECT FROM search_words v WHERE v.word = a.word) AS known) AS k
UNION ALL
SELECT v.word, true, '{}', NULL, '{}', NULL FROM search_words v WHERE v.word = ANY ($2)
"""


def filters_of(question: Question, *, stores: bool) -> list[str]:
    """Which kinds of store and diets, and whether stores themselves, as conditions of a query."""
    tags = [] if stores else ["!'=store'"]
    if question.kinds:
        tags.append("(" + " | ".join(f"'={kind.value}'" for kind in sorted(question.kinds)) + ")")
    tags += ["'#" + diet.replace("'", "''") + "'" for diet in sorted(question.diets)]
    return tags
