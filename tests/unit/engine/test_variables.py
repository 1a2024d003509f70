"""Variables are read as graphql-core reads them: what is read here is the same, and what is in order is read here."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse
from hypothesis import given, settings
from hypothesis import strategies as some

from api.engine.variables import Variables

SCHEMA = build_schema("""
    type Query { ask(order: Order, tree: Tree, either: Either, colours: [[Colour!]]): Int }
    enum Colour { RED GREEN }
    input Order {
        id: ID!, count: Int! = 1, note: String = "none", price: Float, is_gift: Boolean!, lines: [Line!]!, tags: [String] = ["a"]
    }
    input Line { colour: Colour!, counts: [Int] }
    input Tree { name: String, children: [Tree!] }
    input Either @oneOf { one: Int, other: String }
""")
OPERATION = parse("""
    query ($order: Order!, $colours: [[Colour!]], $count: Int = 3, $note: String, $id: ID!) { ask(order: $order) }
""").definitions[0]
LINE = {"colour": "RED", "counts": [1, None]}
ORDER = {"id": 7, "is_gift": False, "lines": [LINE], "price": 2}

_leaves = some.none() | some.booleans() | some.integers(-5, 2**40) | some.floats() | some.sampled_from(["RED", "BLUE", "", "1"])
_lines = some.fixed_dictionaries(
    {"colour": some.sampled_from(["RED", "GREEN"]) | _leaves}, optional={"counts": some.lists(_leaves)}
)
_orders = some.fixed_dictionaries(
    {"id": _leaves, "is_gift": some.booleans() | _leaves, "lines": some.lists(_lines, max_size=2) | _lines | _leaves},
    optional={"count": _leaves, "note": _leaves, "price": _leaves, "tags": some.lists(_leaves) | _leaves, "unknown": _leaves},
)
_given = some.fixed_dictionaries(
    {"order": _orders | _leaves, "id": _leaves},
    optional={"colours": some.lists(some.lists(_leaves) | _leaves) | _leaves, "count": _leaves, "note": _leaves, "more": _leaves},
)


def definitions(operation: Any = OPERATION) -> Any:
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions


@settings(max_examples=400, deadline=None)
@given(_given)
def test_what_is_read_is_what_graphql_core_reads(values: dict[str, Any]) -> None:
    read = Variables(SCHEMA, definitions()).read(values)
    meant = get_variable_values(SCHEMA, definitions(), values)
    if read is not None:
        assert repr(read) == repr(meant)  # by their text: NaN is not itself


@pytest.mark.parametrize(
    "more",
    [
        {"count": 4},
        {"count": 4, "note": "x", "colours": [["RED"], None]},
        {"count": None, "note": None},
        {"count": 1, "more": "?"},
    ],
)
def test_what_is_in_order_is_read(more: dict[str, Any]) -> None:
    read = Variables(SCHEMA, definitions()).read({"order": ORDER, "id": "a"} | more)
    assert read is not None
    assert repr(read) == repr(get_variable_values(SCHEMA, definitions(), {"order": ORDER, "id": "a"} | more))


@pytest.mark.parametrize(
    "document", ["query ($tree: Tree) { ask(tree: $tree) }", "query ($either: Either) { ask(either: $either) }"]
)
def test_what_may_nest_without_end_or_be_one_of_several_is_left_to_graphql_core(document: str) -> None:
    assert Variables(SCHEMA, definitions(parse(document).definitions[0])).read({}) is None


def test_a_variable_of_no_type_is_left_to_graphql_core() -> None:
    assert Variables(SCHEMA, definitions(parse("query ($a: Nothing) { ask }").definitions[0])).read({"a": 1}) is None
