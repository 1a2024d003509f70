"""When an executor's outcome is the same as graphql-core's.

The data is the same to the byte of its JSON, the order of keys included. A request is refused by both or by neither, with the
same errors in the same order. The errors are the same - message, path, locations, extensions - but for what the specification
leaves open, and no more than that:

1. The order of errors. An executor may meet them in any.
2. Where an error was lost upwards (a null that may not be, in a place that may not be null either, makes its parent null), the
   fields beside it "may be cancelled": which errors are told from under such a null depends on what was met first. To check what
   is told there, the question is asked once more of graphql-core with propagation switched off, which meets *every* error
   of every field. Then, with an error's *home* being the null in the data that swallowed it:
   - every error told is one of those, told once (none is made up, none has a wrong message, path or location);
   - every home has an error told that reaches it: one whose place, and every place between it and its home, may not be null
     (no null is left without its reason);
   - so an error that is its own home is always told, and where only one error lies under a home nothing is left open.

Between breadth-first and compiled nothing is left open at all: the same errors in the same order, so that an answer does not
depend on how often a document was sent.

What was done is the same too: the root fields of a mutation were each begun exactly as often as under graphql-core, in its
order, none before everything below the one before was done; and no resolver is called twice for one place, no batch twice for
one level.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from tests.unit.engine.differential.outcomes import Outcome, Place, Question, Told, everything_wrong


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same, in words."""

    what: str
    expected: object
    got: object

    def __str__(self) -> str:
        return f"{self.what}\n  expected: {self.expected}\n  got:      {self.got}"


async def difference(expected: Outcome, got: Outcome, again: Question) -> Difference | None:
    """The first difference, or None. `again` is the same question with a fresh world."""
    if expected.refused or got.refused:
        if (expected.refused, expected.errors) != (got.refused, got.errors):
            return Difference("refusal", expected.errors, got.errors)
        return None
    if expected.data != got.data:
        return Difference("data", expected.data.decode(), got.data.decode())
    return _deeds(expected, got) or await _errors(expected, got, again)


def same_errors(interpreted: Outcome, got: Outcome) -> Difference | None:
    """Whether compiled code tells what the interpreter tells, to the order of errors."""
    if interpreted.errors == got.errors:
        return None
    return Difference("errors from those of the interpreter", interpreted.errors, got.errors)


def _deeds(expected: Outcome, got: Outcome) -> Difference | None:
    if expected.world.acts != got.world.acts:
        return Difference("root fields of a mutation", expected.world.acts, got.world.acts)
    if got.world.touched != sorted(got.world.touched):
        return Difference("a later root field began before an earlier one was done", [], got.world.touched)
    twice = [call for call, times in got.world.calls.items() if times > 1]
    return Difference("called twice", [], twice) if twice else None


async def _errors(expected: Outcome, got: Outcome, again: Question) -> Difference | None:
    if sorted(expected.errors) == sorted(got.errors):
        return None
    if not all(error.path for error in (*expected.errors, *got.errors)):
        return Difference("errors without a field", expected.errors, got.errors)
    every, nullable = await everything_wrong(again)
    return _lawful(got.errors, every, nullable, orjson.loads(expected.data)) or _lawful_core(expected, every, nullable)


def _lawful_core(expected: Outcome, every: Sequence[Told], nullable: dict[Place, bool]) -> Difference | None:
    """graphql-core itself obeys; if not, it is this check that is wrong."""
    found = _lawful(expected.errors, every, nullable, orjson.loads(expected.data))
    return Difference(f"the check itself: {found.what}", found.expected, found.got) if found else None


def _lawful(errors: Sequence[Told], every: Sequence[Told], nullable: dict[Place, bool], data: object) -> Difference | None:
    if more := Counter(errors) - Counter(every):
        return Difference("errors that no field met", sorted(every), sorted(more))
    reasons = {_home(error.place, data) for error in errors if _reaches(error.place, _home(error.place, data), nullable)}
    if missing := {_home(error.place, data) for error in every} - reasons:
        return Difference("nulls without a reason", sorted(map(str, missing)), sorted(errors))
    return None


def _home(place: Place, data: object) -> Place:
    """The null that swallowed what happened here."""
    for length, step in enumerate(place):
        if data is None:
            return place[:length]
        data = data[step]  # type: ignore[index]  # the data has the form of the path
    return place


def _reaches(place: Place, home: Place, nullable: dict[Place, bool]) -> bool:
    return not any(nullable[place[:length]] for length in range(len(home) + 1, len(place) + 1))
