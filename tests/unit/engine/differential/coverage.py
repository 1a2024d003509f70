"""What the cases have met, so that a sceptic sees they are not trivial."""

import re
from collections import Counter

from tests.unit.engine.differential.documents import Request
from tests.unit.engine.differential.outcomes import Outcome

_SEEN_IN_TEXT = {
    "document: named fragments": r"\.\.\.Part",
    "document: inline fragments": r"\.\.\. on ",
    "document: fragments without a type": r"\.\.\.( @[^{]*)?\{",
    "document: aliases": r"\w: \w+",
    "document: conditions by literal": r"@\w+\(if: (true|false)",
    "document: conditions by variable": r"@\w+\(if: \$",
    "document: __typename": "__typename",
    "document: variables in input objects": r"\{[^{}\n]*: \$",
    "document: null literals": r": null",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _SEEN_IN_TEXT.items()}


def note(counts: Counter[str], request: Request, profile: str, expected: Outcome) -> None:
    """Count what one execution shows."""
    counts["cases"] += 1
    counts[f"operation: {request.kind}"] += 1
    counts[f"data: {profile}"] += 1
    counts.update(name for name, pattern in _PATTERNS.items() if pattern.search(request.text))
    if expected.refused:
        counts["answer: refused for its variables"] += 1
        return
    counts["answer: null as a whole" if expected.data == b"null" else "answer: with data"] += 1
    counts["answer: bytes of data"] += len(expected.data)
    if b"null" in expected.data and expected.data != b"null":
        counts["answer: with a null somewhere"] += 1
    _note_errors(counts, expected)
    for kind in expected.world.faults:
        counts[f"fault: {kind}"] += 1
    calls = expected.world.calls
    for style in ("resolver", "batch"):
        counts[f"asked: a {style}"] += any(call[0] == style for call in calls if isinstance(call, tuple))


def _note_errors(counts: Counter[str], expected: Outcome) -> None:
    if not expected.errors:
        counts["answer: without errors"] += 1
        return
    counts["answer: with errors"] += 1
    counts["answer: with several errors"] += len(expected.errors) > 1
    counts["answer: with an error in a list"] += any(isinstance(step, int) for error in expected.errors for step in error.place)
    counts["answer: with an error of several places"] += any(len(error.locations) > 1 for error in expected.errors)
    counts["errors"] += len(expected.errors)
