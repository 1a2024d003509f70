"""Variables are read as graphql-core reads them: what is read here is the same, and what is in order is read here."""

from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, build_schema, get_variable_values, parse
from graphql.execution.values import VariableValues
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

_bad = some.none() | some.booleans() | some.floats() | some.sampled_from([2**40, "BLUE", "", [], {}, [[None]]])


def mostly(*good: Any) -> some.SearchStrategy[Any]:
    """One of these, and now and then something that may not fit."""
    return some.integers(0, 40).flatmap(lambda one: _bad if one == 40 else some.sampled_from(good))


_lines = some.fixed_dictionaries({"colour": mostly("RED", "GREEN")}, optional={"counts": some.just([1, None]) | mostly(7)})
_orders = some.fixed_dictionaries(
    {"id": mostly("a", 7), "is_gift": mostly(True), "lines": some.lists(_lines, max_size=2) | _lines},
    optional={"count": mostly(1), "note": mostly("x", None), "price": mostly(1, 2.5), "tags": mostly(["b", None], "c")},
)
_given = some.fixed_dictionaries(
    {"order": _orders, "id": mostly("a", 1), "count": mostly(3)},
    optional={"colours": mostly([["RED"], None], [[]], ["RED"]), "note": mostly("x", None), "more": _bad},
)


def definitions(operation: Any = OPERATION) -> Any:
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions


def plain(values: VariableValues | list[GraphQLError]) -> str:
    """What was read and from what, as text, for NaN is not itself."""
    assert isinstance(values, VariableValues)
    return repr((values.coerced, [(name, source.signature.name, source.value) for name, source in values.sources.items()]))


read_here: list[bool] = []


@settings(max_examples=200, deadline=None)
@given(_given)
def test_what_is_read_is_what_graphql_core_reads(values: dict[str, Any]) -> None:
    read = Variables(SCHEMA, definitions()).read(values)
    read_here.append(read is not None)
    if read is not None:
        assert plain(read) == plain(get_variable_values(SCHEMA, definitions(), values))


def test_the_comparison_compared_something() -> None:
    assert not read_here or sum(read_here) > len(read_here) / 10


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
    assert plain(read) == plain(get_variable_values(SCHEMA, definitions(), {"order": ORDER, "id": "a"} | more))


@pytest.mark.parametrize(
    "document", ["query ($tree: Tree) { ask(tree: $tree) }", "query ($either: Either) { ask(either: $either) }"]
)
def test_what_may_nest_without_end_or_be_one_of_several_is_left_to_graphql_core(document: str) -> None:
    assert Variables(SCHEMA, definitions(parse(document).definitions[0])).read({}) is None


def test_a_variable_of_no_type_is_left_to_graphql_core() -> None:
    assert Variables(SCHEMA, definitions(parse("query ($a: Nothing) { ask }").definitions[0])).read({"a": 1}) is None
