"""What documents mean: the interpreter and compiled code answer as graphql-core does."""

from typing import Any

import pytest
from graphql import build_schema

from api.engine.compile import INTERPRETED
from tests.unit.engine.asking import same

SCHEMA = build_schema(
    """
    enum Colour { RED GREEN }
    interface Pet { name: String! owner: Person }
    type Cat implements Pet { name: String! owner: Person lives: Int! colour: Colour }
    type Dog implements Pet { name: String! owner: Person barks: Boolean! tricks: [String!] }
    union Friend = Cat | Person
    type Person { id: ID! name: String! nick: String height: Float pets: [Pet!]! friends: [Friend] best: Friend }
    type Query {
      me: Person
      must: Person!
      people(most: Int = 2, named: [String!]): [Person]
      grid: [[Int!]!]
      loose: [[Int]]
      pets: [Pet!]!
      said(text: String = "x", colour: Colour, deep: Deep): String
    }
    input Deep { number: Int! = 3, more: [Deep!] }
    """
)
TOM = {"__typename": "Cat", "name": "Tom", "lives": 9, "colour": "RED"}
REX = {"__typename": "Dog", "name": "Rex", "barks": True, "tricks": ["sit", "roll"], "owner": {"name": "Ada", "pets": [TOM]}}
ADA = {"__typename": "Person", "id": 1, "name": "Ada", "height": 1.7, "pets": [TOM, REX], "friends": [TOM, None], "best": TOM}


def said(_info: Any, **given: Any) -> str:
    return repr(given)


ROOT: dict[str, Any] = {
    "me": ADA,
    "must": ADA,
    "people": lambda _info, most, named=None: [ADA, None, {"id": "2", "name": str(named), "pets": ()}][:most],
    "grid": [[1, 2], []],
    "loose": [[1, None], None, ({3: 4}.values())],
    "pets": [REX, TOM],
    "said": said,
}
PERSON = "fragment P on Person { id name nick }"
DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "aliases": ("{ a: me { n: name m: name } b: me { name } name: __typename }", {}),
    "merged fields": ("{ me { name } ... on Query { me { id name } } me { pets { name } } me { pets { __typename } } }", {}),
    "fragments": (f"{{ me {{ ...P pets {{ ...N }} }} }} {PERSON} fragment N on Pet {{ owner {{ name }} name }}", {}),
    "interface": (
        "{ pets { __typename name ... on Cat { lives colour } ... on Dog { barks tricks owner { pets { name } } } } }",
        {},
    ),
    "union": ("{ me { friends { ... on Cat { name } ... on Person { id } } best { __typename ... on Pet { name } } } }", {}),
    "include": (
        "query($a: Boolean!) { me { id @include(if: $a) name @skip(if: $a) ...P @include(if: $a) } } " + PERSON,
        {"a": True},
    ),
    "skip": ("query($a: Boolean! = false) { me { id @include(if: $a) name @skip(if: $a) } me @skip(if: $a) { nick } }", {}),
    "no field left": ("query($a: Boolean!) { me @include(if: $a) { id } }", {"a": False}),
    "defaults": ('{ people { id name } b: people(most: 3, named: ["x", "y"]) { id pets { name } } }', {}),
    "a single value for a list": ('{ people(most: 3, named: "z") { name } }', {}),
    "variables": ("query($m: Int, $n: [String!]) { people(most: $m, named: $n) { name } }", {"m": 3, "n": ["a", "b"]}),
    "absent variables": ("query($m: Int, $t: String, $c: Colour) { people(most: $m) { name } said(text: $t, colour: $c) }", {}),
    "null for a variable": ("query($t: String) { said(text: $t) }", {"t": None}),
    "variables within values": ("query($n: Int!) { said(deep: {number: $n, more: [{}, {number: 1}]}) }", {"n": 7}),
    "enums": ("query($c: Colour) { a: said(colour: GREEN) b: said(colour: $c) }", {"c": "RED"}),
    "lists of lists": ("{ grid loose }", {}),
    "other lists than lists": ("{ people(most: 3) { pets { name } } }", {}),
    "introspection": (
        '{ __schema { queryType { name } } __type(name: "Cat") { fields { name type { name ofType { name } } } } }',
        {},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_means_what_it_means_to_graphql_core(name: str) -> None:
    text, variables = DOCUMENTS[name]
    answer, code = await same(SCHEMA, text, ROOT, variables)
    assert answer.errors == ()
    assert answer.data is not None
    assert (code.source == INTERPRETED) is (name == "introspection")


WRONG: dict[str, dict[str, Any]] = {
    "null where none may be": {"me": ADA | {"name": None}},
    "null far below": {"me": ADA | {"pets": [TOM, TOM | {"name": None}]}},
    "null for a list": {"me": ADA | {"pets": None}},
    "null in a list": {"me": ADA | {"pets": [None]}},
    "the whole answer lost": {"must": None},
    "the whole answer lost by a list": {"pets": [TOM, None]},
    "nulls in lists of lists": {"grid": [[1], [None], None]},
    "numbers out of range": {"grid": [[2**31]], "me": ADA | {"height": float("inf")}},
    "values of other kinds": {"me": ADA | {"name": 5, "id": 1.5, "height": "high"}, "grid": [[True]]},
    "no list": {"grid": 5, "loose": "text", "me": ADA | {"pets": {"a": 1}}},
    "exceptions as values": {"me": ValueError("me"), "grid": [[1], ValueError("row")], "loose": [[ValueError("cell")]]},
    "exceptions as objects": {"me": ADA | {"pets": [ValueError("pet")], "best": ValueError("best")}},
    "no such enum value": {"pets": [TOM | {"colour": "BLUE"}]},
    "no such type": {"pets": [TOM | {"__typename": "Bird"}], "me": ADA | {"best": {"__typename": "Query"}, "friends": [REX]}},
    "no type at all": {"pets": [{"name": "?"}], "me": ADA | {"best": {"__typename": "Colour"}}},
    "several errors under several parents": {"me": ADA | {"best": TOM | {"name": None}, "friends": [TOM | {"name": None}, TOM]}},
}
EVERYTHING = """{
  grid loose
  me { id nick height pets { name ... on Cat { lives colour } }
    friends { ... on Cat { name } } best { ... on Cat { name } } name }
  pets { name ... on Cat { colour } }
  must { name }
}"""


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_told_as_graphql_core_tells_it(name: str) -> None:
    answer, code = await same(SCHEMA, EVERYTHING, ROOT | WRONG[name])
    assert answer.errors != () or name == "values of other kinds"
    assert code.source.startswith("def ")


async def test_a_condition_without_a_value_is_told_where_it_stands() -> None:
    answer, _ = await same(SCHEMA, "query($a: Boolean = true) { me { id @include(if: $a) } grid }", ROOT, {"a": None})
    assert answer.data == {"me": None, "grid": [[1, 2], []]}


async def test_errors_may_be_kept_from_spreading() -> None:
    text = "query @experimental_disableErrorPropagation { must { name } }"
    schema = build_schema(
        "directive @experimental_disableErrorPropagation on QUERY type Person { name: String! } type Query { must: Person! }"
    )
    answer, _ = await same(schema, text, {"must": {}})
    assert answer.data == {"must": {"name": None}}
