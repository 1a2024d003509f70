"""What was said at the doors and what came back, in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One operation and its answer; a subscription has several, in the order in which they were heard."""

    audience: str
    operation: str
    variables: Json
    answers: list[Json]

    @property
    def problem(self) -> str | None:
        """The type of the problem that was answered; None for a success."""
        for value in (self.answers[0].get("data") or {}).values():
            kind = value.get("__typename", "") if isinstance(value, dict) else ""
            if kind.endswith("Problem"):
                return str(kind)
        return None

    @property
    def weight(self) -> int:
        """How much the answer tells."""
        return sum(1 for answer in self.answers for _ in leaves(answer))


def leaves(value: Any) -> Iterator[Any]:
    """Everything in an answer that is neither null nor made of further things."""
    if isinstance(value, dict):
        for child in value.values():
            yield from leaves(child)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child)
    elif value is not None:
        yield value


@dataclass(slots=True)
class Notes:
    """All exchanges of a day."""

    exchanges: list[Exchange] = field(default_factory=list)

    def take(self, audience: str, operation: str, variables: Json, answers: list[Json]) -> None:
        self.exchanges.append(Exchange(audience, operation, variables, answers))

    def said(self) -> set[tuple[str, str]]:
        """Audience and operation of all that was answered without errors or problems."""
        return {(one.audience, one.operation) for one in self.exchanges if is_success(one)}


def is_success(exchange: Exchange) -> bool:
    return exchange.problem is None and not any(answer.get("errors") for answer in exchange.answers)
