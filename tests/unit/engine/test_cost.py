"""The weight of an operation: every list counted by its bound, pages by what variables say, budgets once."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from api.engine.cost import PAGE, Bounds, Budget, Scales, Sized, Weight

SCHEMA = build_schema("""
  type Query { shops(first: Int! = 20, input: Where): Shops! shop: Shop found: [Thing!]! tags: [String!]! }
  input Where { first: Int, deep: Where }
  type Mutation { open: Opened! }
  union Opened = Shop | Problem
  type Problem { shops: [Shop!]! }
  type Shops { edges: [Edge!]! }
  type Edge { node: Shop! }
  type Shop { name: String! twin: Shop shelves: [Shelf!]! staff: [Person] others(first: Int): Shops! }
  type Shelf { goods: [Good!]! }
  type Good { name: String parts: [Good!]! makers: [Person!]! }
  type Person { name: String }
  union Thing = Shop | Person
""")
MENU = Budget("menu", 500, within="Shop")
BOUNDS: Bounds = {
    "Query.shops": Sized(),
    "Shop.others": Sized(),
    "Shops.edges": PAGE,
    "Query.found": 4,
    "Shop.shelves": MENU,
    "Shelf.goods": MENU,
    "Good.parts": MENU,
    "Shop.staff": 3,
    "Good.makers": 2,
}


def weight(text: str) -> Weight:
    document = parse(text)
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return Scales(SCHEMA, BOUNDS, largest_page=100, unlisted=7).weigh(document, operation)


def nodes(text: str, variables: dict[str, Any] | None = None) -> int:
    return weight(text).nodes.value(variables or {}, 100)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ shop { name } }", 0),
        ("{ tags }", 0),
        ("{ __typename __schema { types { name } } }", 0),
        ("{ shop { staff { name } } }", 3),
        ("{ found { ... on Shop { staff { name } } ... on Person { name } } }", 4 + 4 * 3),
        ("{ shops { edges { node { name } } } }", 20),
        ("{ shops(first: 5) { edges { node { staff { name } } } } }", 5 + 5 * 3),
        ("{ shops(first: 1000) { edges { node { name } } } }", 100),
        ("{ shops(first: -3) { edges { node { name } } } }", 0),
        # A page within a page: each has its own size.
        ("{ shops(first: 5) { edges { node { others(first: 7) { edges { node { name } } } } } } }", 5 + 5 * 7),
        # What merges into one answer counts once, under another name it counts again.
        ("{ shop { staff { name } staff { name } ... on Shop { staff { name } } } }", 3),
        ("{ shop { staff { name } again: staff { name } } }", 6),
        ("{ shop { ...A ...B } } fragment A on Shop { staff { name } } fragment B on Shop { staff { name } }", 3),
        # A budget is one for all its lists below a shop, however deep they nest; what hangs below is counted for each member.
        ("{ shop { shelves { goods { parts { parts { name } } } } } }", 500),
        ("{ shop { shelves { goods { makers { name } } } } }", 500 * 3),
        ("{ shop { twin { shelves { goods { name } } } shelves { goods { name } } } }", 1000),
        ("{ shops(first: 4) { edges { node { shelves { goods { name } } } } } }", 4 + 4 * 500),
        ("mutation { open { ... on Problem { shops { name } } } }", 7),
    ],
)
def test_nodes(text: str, expected: int) -> None:
    assert nodes(text) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, 30 * 4), ({"n": 2}, 8), ({"n": 1_000}, 400), ({"n": None}, 120), ({"n": "many"}, 120), ({"n": [1]}, 120)],
)
def test_pages_are_as_large_as_variables_say(variables: dict[str, Any], expected: int) -> None:
    assert nodes("query($n: Int = 30) { shops(first: $n) { edges { node { staff { name } } } } }", variables) == expected


def test_the_largest_page_is_known_without_variables() -> None:
    assert weight("query($n: Int!) { shops(first: $n) { edges { node { staff { name } } } } }").nodes.at_most(100) == 400


def test_sizes_within_input_objects() -> None:
    bounds = {**BOUNDS, "Query.shops": Sized("input.deep.first", default=9)}
    scales = Scales(SCHEMA, bounds, largest_page=100, unlisted=7)

    def of(text: str, variables: dict[str, Any] | None = None) -> int:
        document = parse(text)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        return scales.weigh(document, operation).nodes.value(variables or {}, 100)

    page = "edges { node { name } }"
    assert of(f"{{ shops(input: {{deep: {{first: 3}}}}) {{ {page} }} }}") == 3
    assert of(f"{{ shops(input: {{first: 3}}) {{ {page} }} }}") == 9
    assert of(f"query($w: Where) {{ shops(input: $w) {{ {page} }} }}", {"w": {"deep": {"first": 6}}}) == 6
    assert of(f"query($w: Where) {{ shops(input: {{deep: $w}}) {{ {page} }} }}", {"w": {"first": 5}}) == 5
    assert of(f"query($w: Where) {{ shops(input: $w) {{ {page} }} }}", {"w": {"deep": 7}}) == 9


def test_the_root_fields_are_named() -> None:
    assert weight("{ b: shop { name } a: shop { name } tags }").roots == ("shop", "tags")
    assert weight("mutation { open { __typename } }").kind == "mutation"
