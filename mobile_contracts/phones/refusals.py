"""How an answer can disappoint: a problem of the business, an error with a code, or no answer at all."""

from typing import Any


class Disappointed(Exception):
    """Something did not work; a person shrugs, and the city counts it."""

    @property
    def word(self) -> str:
        """One word to count it by."""
        return type(self).__name__


class Refused(Disappointed):
    """The rule said no: a `…Problem` of the result's union, with its fields."""

    def __init__(self, operation: str, problem: dict[str, Any]) -> None:
        self.problem: str = problem["__typename"]
        self.facts = problem
        super().__init__(f"{operation}: {self.problem} ({problem.get('message', '')})")

    @property
    def word(self) -> str:
        return self.problem


class Failed(Disappointed):
    """An error with a code instead of data."""

    def __init__(self, operation: str, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{operation}: {code} ({message})")
        self.code = code
        self.retry_after = retry_after

    @property
    def word(self) -> str:
        return self.code


class Unreachable(Disappointed):
    """The gateway could not be reached, even after waiting."""


class GaveUp(Disappointed):
    """What a person waited for did not come."""


def failure_in(operation: str, errors: list[dict[str, Any]]) -> Failed:
    """The first of an answer's errors."""
    first = errors[0]
    extensions = first.get("extensions") or {}
    return Failed(operation, extensions.get("code", "UNKNOWN"), first.get("message", ""), extensions.get("retryAfter"))


def read_answer(operation: str, answer: dict[str, Any]) -> Any:
    """The one root field of an answer. Raises Refused for a problem, Failed for errors."""
    if answer.get("errors"):
        raise failure_in(operation, answer["errors"])
    (value,) = answer["data"].values()
    if isinstance(value, dict) and str(value.get("__typename", "")).endswith("Problem"):
        raise Refused(operation, value)
    return value
