"""What a document weighs by its text alone: counted in one pass before anything is parsed, for parsing is dear."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Every alternative that begins also ends, at the text's end at the latest: no text makes it look at a character twice.
_TOKEN: Final = re.compile(
    r"#[^\n\r]*+"
    r'|"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\\?\Z)'
    r'|"(?:[^"\\\n\r]|\\[^\n\r])*+(?:"|(?=[\n\r])|\\?(?=[\n\r]|\Z))'
    r"|\.\.\.|[!$&():=@\[\]{|}]|[_0-9A-Za-z.+-]++",
    re.DOTALL,
)
_OPENING, _CLOSING = frozenset("({["), frozenset(")}]")


@dataclass(frozen=True, slots=True)
class TextLimits:
    """How long a text, how many tokens, how deep its brackets, and how often certain marks may stand in it."""

    length: int
    tokens: int
    nesting: int
    marks: Mapping[str, int] = field(default_factory=dict)


def too_heavy(text: str, limits: TextLimits) -> str | None:
    """Why the text weighs too much, or None."""
    if len(text) > limits.length:
        return f"A document may have at most {limits.length} characters."
    marks: Counter[str] = Counter()
    tokens = depth = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token[0] == "#":
            continue
        tokens += 1
        if tokens > limits.tokens:
            return f"A document may have at most {limits.tokens} tokens."
        if token in limits.marks:
            marks[token] += 1
            if marks[token] > limits.marks[token]:
                return f"A document may have at most {limits.marks[token]} times `{token}`."
        if token in _OPENING:
            depth += 1
            if depth > limits.nesting:
                return f"A document may nest at most {limits.nesting} deep."
        elif token in _CLOSING:
            depth -= 1
    return None
