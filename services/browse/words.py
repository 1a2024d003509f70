"""What somebody typed, as words that can be looked for: plain, with their synonyms, and as a query of PostgreSQL's full text."""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain, pairwise, product
from pathlib import Path
from typing import TypeAlias

from services.kernel.errors import BadInput

LONGEST_QUESTION = 100
MOST_WORDS = 8
SHORTEST_BEGINNING = 2
SYNONYMS = Path(__file__).parent / "data" / "synonyms.csv"
_TOO_SHORT_FOR_SLIPS, _SHORT = 3, 5
_SHORTEST_STEM = 4
_PAIR = 2
_SHORTEST_HALF = 3
_WORD = re.compile(r"[^\W_]+")
# What decomposition does not take apart; PostgreSQL's unaccent knows the same.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d"})  # noqa: RUF001 - as meant
_NO_SIGNS = str.maketrans("", "", "'’`´")  # noqa: RUF001 - as meant


class How(StrEnum):
    """How a word that was found comes from the word that was typed."""

    EXACT = "EXACT"
    FORM = "FORM"
    SYNONYM = "SYNONYM"
    BEGINNING = "BEGINNING"
    SPELLING = "SPELLING"


Alternative: TypeAlias = tuple[tuple[str, ...], How]


@dataclass(frozen=True, slots=True)
class Known:
    """What the house's vocabulary says of a word: whether it stands there, its other forms, and what is spelled much like it.

    `parts` are two known words each that it may be made of; `begun` are words that may begin as it was meant to.
    """

    is_known: bool
    forms: tuple[str, ...]
    alike: tuple[str, ...]
    parts: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that mean one thing together, with all that may stand for it: an alternative is words, all of them there.

    The last word of who is still typing may be the beginning of one; its alternative ends with an asterisk. Words with a blank
    between them stand side by side.
    """

    typed: str
    alternatives: tuple[Alternative, ...]

    @property
    def query(self) -> str:
        """The term as a query: any of its alternatives."""
        return _any(_all(words) for words, _ in self.alternatives)


def plain(text: str) -> str:
    """A text in plain words: small letters without marks, one blank between words; the database's plain_words does the same."""
    bare = unicodedata.normalize("NFKD", text.translate(_NO_SIGNS)).casefold().translate(_LETTERS)
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(_WORD.findall(letters))


def words_of(question: str) -> list[str]:
    """The plain words of a question, each once. Raises BadInput for none, and for more than anybody types."""
    if len(question) > LONGEST_QUESTION:
        raise BadInput(f"Search for at most {LONGEST_QUESTION} characters.", field="words")
    found = list(dict.fromkeys(word for word in plain(question).split() if "\0" not in word))
    if not any(len(word) >= SHORTEST_BEGINNING for word in found):
        raise BadInput(f"Search for a word of at least {SHORTEST_BEGINNING} letters.", field="words")
    if len(found) > MOST_WORDS:
        raise BadInput(f"Search for at most {MOST_WORDS} words.", field="words")
    return found


def terms_of(words: Sequence[str], known: Mapping[str, Known], *, typing: bool) -> list[Term]:
    """What to look for: each word, or phrase of the synonyms, with whatever may stand for it."""
    terms = [_term(part, known, typing=typing and part[-1] == words[-1]) for part in _parts(words)]
    for left, right in pairwise(range(len(terms))):
        written = _in_one(terms[left].typed, terms[right].typed, known, typing=typing and right == len(terms) - 1)
        terms[left], terms[right] = _or(terms[left], written), _or(terms[right], written)
    return terms


def compounds_of(words: Sequence[str]) -> list[str]:
    """The words side by side, written in one."""
    return [left + right for left, right in pairwise(words)]


def halves_of(words: Iterable[str]) -> set[str]:
    """Whatever makes the words compounds if somebody writes it, since the synonyms know the other half."""
    splits = chain.from_iterable(_splits(word) for word in words if (word,) not in _synonyms())
    return {half for halves in splits if any((one,) in _synonyms() for one in halves) for half in halves}


def _splits(word: str) -> Iterator[tuple[str, str]]:
    return ((word[:place], word[place:]) for place in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1))


def _apart(word: str, known: Mapping[str, Known]) -> list[tuple[str, str]]:
    """The two words each that a word may be made of: both are written by somebody or stand among the synonyms."""
    written = [(left, right) for left, _, right in (one.partition(" ") for one in known[word].parts)]
    if (word,) in _synonyms():
        return written
    stand = [halves for halves in _splits(word) if all((one,) in _synonyms() or one in known for one in halves)]
    return list(dict.fromkeys((*written, *(halves for halves in stand if any((one,) in _synonyms() for one in halves)))))


def _in_two(word: str, halves: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """What compounds mean in other words: each half or a synonym of it, both there. The synonyms of the whole mean it better."""
    if (word,) in _synonyms():
        return []
    meant = (product(*(((half,), *_synonyms().get((half,), ())) for half in both)) for both in halves)
    pairs = dict.fromkeys(left + right for left, right in chain.from_iterable(meant))
    return [pair for pair in pairs if pair not in halves]


def _in_one(left: str, right: str, known: Mapping[str, Known], *, typing: bool) -> list[Alternative]:
    """What two words side by side may stand for, written in one: it answers both."""
    joined = left + right
    meant = _synonyms().get((joined,), ())
    several = [((joined,), How.FORM)] if joined in known and known[joined].is_known else []
    if typing:
        several.append(((f"{joined}*",), How.BEGINNING))
    return several + [(phrase, How.SYNONYM) for phrase in meant]


def _known_in_one(part: tuple[str, ...], known: Mapping[str, Known]) -> list[str]:
    return [one for one in compounds_of(part) if len(part) == _PAIR and one in known]


def _or(term: Term, several: Iterable[Alternative]) -> Term:
    told = {words for words, _ in term.alternatives}
    return Term(term.typed, (*term.alternatives, *(one for one in several if one[0] not in told)))


def query_of(terms: Iterable[Term]) -> str:
    """The terms as one query: each of them."""
    return " & ".join(f"({term.query})" for term in terms)


def exactly(words: Sequence[str], *, typing: bool) -> str:
    """A query for just these words, the last of which may be a beginning while one types."""
    return _all((*words[:-1], f"{words[-1]}*") if typing and len(words[-1]) >= SHORTEST_BEGINNING else words)


def why(terms: Iterable[Term], found: Mapping[str, str]) -> Iterator[tuple[Term, str, str, How]]:
    """Of each term: the first alternative that is there, its word, the field of the word, and how it comes from what was typed.

    `found` has the words of a document with the fields they stand in.
    """
    for term in terms:
        for words, how in term.alternatives:
            held = [_there(word, found) for word in words]
            if all(held):
                yield from ((term, word, found[word], how) for word in held if word)
                break


def _there(word: str, found: Mapping[str, str]) -> str | None:
    if " " in word:
        # The heaviest of words that stand side by side.
        several = word.split()
        return min(several, key=lambda one: found[one]) if all(one in found for one in several) else None
    if not word.endswith("*"):
        return word if word in found else None
    return min((one for one in found if one.startswith(word[:-1])), key=lambda one: (len(one), one), default=None)


def _term(part: tuple[str, ...], known: Mapping[str, Known], *, typing: bool) -> Term:
    several: list[Alternative] = [(part, How.EXACT)]
    last = part[-1]
    forms = [form for form in known[last].forms if _is_form(form, last)] if len(part) == 1 else []
    apart = _apart(last, known) if len(part) == 1 else []
    in_two = _in_two(last, apart)
    said = (part, *((form,) for form in forms), *apart)
    meant = dict.fromkeys(phrase for one in said for phrase in _synonyms().get(one, ()))
    unknown = len(part) == 1 and not forms and not meant and not known[last].is_known
    if (typing or unknown) and len(last) >= SHORTEST_BEGINNING:
        several.append(((*part[:-1], f"{last}*"), How.BEGINNING))
    several += [((form,), How.FORM) for form in forms]
    several += [(phrase, How.SYNONYM) for phrase in meant if phrase != part and phrase not in {(form,) for form in forms}]
    several += [((one,), How.FORM) for one in (*(" ".join(both) for both in apart), *_known_in_one(part, known))]
    several += [(both, How.SYNONYM) for both in in_two if both not in meant]
    if unknown and not in_two:
        several += [((word,), How.SPELLING) for word in spelled_alike(last, known[last].alike)]
    if typing and len(part) == 1 and not in_two:
        several += [((f"{word}*",), How.SPELLING) for word in begun_alike(last, known[last].begun)]
    return Term(" ".join(part), tuple(several))


def _is_form(form: str, word: str) -> bool:
    """Whether words of one stem are forms of one word: what some language takes off short words makes strangers alike."""
    return form.startswith(word) or word.startswith(form) or form[:_SHORTEST_STEM] == word[:_SHORTEST_STEM]


def spelled_alike(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that are the fewest slips away: one in a short word, two in a longer one, none below three letters."""
    most = 0 if len(word) < _TOO_SHORT_FOR_SLIPS else 1 if len(word) <= _SHORT else 2
    away = {one: slips(word, one) for one in candidates if abs(len(one) - len(word)) <= most}
    least = min(away.values(), default=most + 1)
    return sorted(one for one, count in away.items() if count == least <= most)[:5]


def begun_alike(begun: str, candidates: Iterable[str]) -> list[str]:
    """The beginnings of the candidates that are the fewest slips away from what was typed so far; none for a few letters."""
    if len(begun) < _SHORTEST_STEM:
        return []
    sizes = range(len(begun) - 1, len(begun) + 2)
    return spelled_alike(begun, {word[:size] for word in candidates for size in sizes if len(word) >= size})


def slips(typed: str, meant: str) -> int:
    """How many slips of a thumb lie between two words: a letter wrong, missing, too many, or two in the wrong order."""
    before: list[int] = []
    line = list(range(len(meant) + 1))
    for row, letter in enumerate(typed, 1):
        above, line = line, [row]
        for column, other in enumerate(meant, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == meant[column - 2] and typed[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before = above
    return line[-1]


def _parts(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words in groups: the longest phrases that the synonyms know, from the left, and single words."""
    place = 0
    while place < len(words):
        longest = next(
            (size for size in range(min(4, len(words) - place), 1, -1) if tuple(words[place : place + size]) in _synonyms()), 1
        )
        yield tuple(words[place : place + longest])
        place += longest


@cache
def _synonyms() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Of each phrase, the others of its meanings."""
    meanings: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    with SYNONYMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            meanings[row["meaning"]].append(tuple(plain(row["phrase"]).split()))
    others: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for phrases in meanings.values():
        for phrase in phrases:
            others[phrase] += [other for other in phrases if other != phrase and other not in others[phrase]]
    return {phrase: tuple(several) for phrase, several in others.items()}


def _any(queries: Iterable[str]) -> str:
    return " | ".join(queries)


def _all(words: Sequence[str]) -> str:
    # Words are letters and digits alone, so nothing in them can end the quotes.
    return "(" + " & ".join(_lexeme(word) for word in words) + ")"


def _lexeme(word: str) -> str:
    if word.endswith("*"):
        return f"'{word[:-1]}':*"
    return "(" + " <-> ".join(f"'{one}'" for one in word.split()) + ")" if " " in word else f"'{word}'"
