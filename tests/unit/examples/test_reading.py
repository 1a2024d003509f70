"""An answer read by its document and schema: what a generated client would stumble over is told by its path."""

from typing import Any

import pytest
from graphql import build_schema

from api.examples.reading import stumbles

SCHEMA = build_schema(
    """
    scalar DateTime
    scalar Decimal
    enum Stage { PLACED }
    interface Problem { message: String! }
    type Closed implements Problem { message: String! opensAt: DateTime }
    type Order { id: ID! stage: Stage! total: Decimal! notes: [String!]! readyAt: DateTime }
    union Result = Order | Closed
    type Query { buy: Result! }
    """
)
DOCUMENT = """
query Buy { buy { __typename ...Parts ... on Closed { opensAt } ... on Problem { message } } }
fragment Parts on Order { id stage total notes readyAt }
"""
ORDER = {"__typename": "Order", "id": "1", "stage": "PLACED", "total": "12.50", "notes": ["warm"], "readyAt": None}


def read(value: object) -> list[str]:
    return stumbles(SCHEMA, DOCUMENT, {"data": {"buy": value}})


@pytest.mark.parametrize(
    "value",
    [
        ORDER,
        ORDER | {"stage": "A_LATER_STAGE", "notes": [], "readyAt": "2026-06-10T09:00:00.000Z"},
        {"__typename": "Closed", "opensAt": None, "message": "closed"},
        {"__typename": "ALaterProblem", "message": "for another day"},
    ],
)
def test_what_was_promised_is_read(value: dict[str, Any]) -> None:
    assert read(value) == []


@pytest.mark.parametrize(
    ("value", "trouble"),
    [
        (ORDER | {"id": None}, ".buy.id is null"),
        (ORDER | {"total": 12.5}, ".buy.total is no Decimal: 12.5"),
        (ORDER | {"readyAt": "today"}, ".buy.readyAt is no DateTime: 'today'"),
        (ORDER | {"notes": "warm"}, ".buy.notes is no list"),
        (ORDER | {"notes": ["warm", None]}, ".buy.notes.1 is null"),
        (ORDER | {"more": 1}, ".buy.more was not asked for"),
        ({name: value for name, value in ORDER.items() if name != "stage"}, ".buy.stage is missing"),
        (None, ".buy is null"),
    ],
)
def test_what_was_not_promised_is_told(value: object, trouble: str) -> None:
    assert read(value) == [trouble]


def test_an_answer_without_data_is_told() -> None:
    assert stumbles(SCHEMA, DOCUMENT, {"errors": ["away"]}) == ["no data: ['away']"]
