"""What a document may ask for; each of these costs attackers more than it costs us."""

import time

import pytest

from api import limits
from tests.api.apps import Doors

SECOND_FRAGMENTS = " ".join(f"fragment F{n} on Pet {{ ...F{n + 1} ...F{n + 1} ...F{n + 1} }}" for n in range(40))
DOUBLING = " ".join(f"fragment D{n} on Pet {{ selfAgain {{ ...D{n + 1} }} b: selfAgain {{ ...D{n + 1} }} }}" for n in range(12))
LADDER = " ".join(f"fragment L{n} on Pet {{ selfAgain {{ selfAgain {{ ...L{n + 1} }} }} }}" for n in range(limits.DEPTH // 2))

TOO_MUCH = {
    "tokens": "{ " + "hello " * limits.TEXT.tokens + "}",
    "depth": "{ pets { " + "selfAgain { " * limits.DEPTH + "name" + " }" * limits.DEPTH + " } }",
    "aliases": "{ " + " ".join(f"a{n}: hello" for n in range(limits.ALIASES + 1)) + " }",
    "repeats": "{ " + "hello " * (limits.REPEATS + 1) + "}",
    "directives": "{ hello " + "@skip(if: false) " * (limits.DIRECTIVES + 1) + "}",
    "fragments": "{ pets { ...F0 } } " + SECOND_FRAGMENTS + " fragment F40 on Pet { name }",
    "depth by fragments": "{ pets { ...L0 } } " + LADDER + f" fragment L{limits.DEPTH // 2} on Pet {{ name }}",
    "width by fragments": "{ pets { ...D0 } } " + DOUBLING + " fragment D12 on Pet { name }",
    "fragment cycle": "{ pets { ...A } } fragment A on Pet { ...B } fragment B on Pet { ...A }",
    "growing cycle": "{ pets { ...A } } fragment A on Pet { selfAgain { ...A } }",
    "inline nesting": "{ " + "... { " * 600 + "hello" + " }" * 600 + " }",
    "inline nesting through fragments": "{ ...N0 } "
    + " ".join(f"fragment N{n} on Query {{ {'... { ' * 60} ...N{n + 1} {'} ' * 60} }}" for n in range(9))
    + " fragment N9 on Query { ...M }",
    "selection nesting": "{" + "a{" * 900 + "b" + "}" * 901,
    "list nesting": "{ hello(name: " + "[" * 900 + "]" * 900 + ") }",
    "object nesting": "{ hello(name: " + "{a:" * 600 + "1" + "}" * 600 + ") }",
    "variable type nesting": "query($a: " + "[" * 900 + "Int" + "]" * 900 + ") { hello }",
    "null character by escape": '{ hello(name: "\\u0000") }',
    "lone surrogate by escape": '{ hello(name: "\\uD800") }',
    "characters": "{ hello } #" + "x" * limits.TEXT.length,
    "operations": " ".join(f"query Q{n} {{ hello }}" for n in range(limits.OPERATIONS + 1)),
    "variables": "query(" + " ".join(f"$v{n}: Int" for n in range(limits.VARIABLES + 1)) + ") { hello }",
    "values": "{ hello(name: [" + "1 " * (limits.VALUES + 1) + "]) }",
    "a number beyond all": "{ hello(name: 1e999999999) }",
    "unknown operation kind": "fragment A on Query { hello }",
    "definition of types": "type A { b: Int }",
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_a_document_that_asks_too_much(closed_inside: Doors, name: str) -> None:
    answer = await closed_inside.ask("consumer", TOO_MUCH[name])
    assert (answer.status, answer.data) == (400, None)
    assert set(answer.codes) == {"BAD_REQUEST"}


async def test_as_much_as_is_allowed(small: Doors) -> None:
    deepest = limits.DEPTH - 2
    assert (await small.ask("consumer", "{ pets { " + "selfAgain { " * deepest + "name" + " }" * deepest + " } }")).status == 200
    assert (await small.ask("consumer", "{ " + " ".join(f"a{n}: hello" for n in range(limits.ALIASES)) + " }")).status == 200
    assert (await small.ask("consumer", "{ " + "hello " * limits.REPEATS + "}")).status == 200


async def test_the_developers_introspection_passes(small: Doors) -> None:
    nested = "name kind ofType { " * 7 + "name" + " }" * 7
    answer = await small.ask(
        "consumer",
        "{ __schema { types { name fields { name args { name type { " + nested + " } } type { " + nested + " } } } } }",
    )
    assert (answer.status, answer.errors) == (200, [])


async def test_a_refused_document_is_remembered(closed_inside: Doors) -> None:
    query = TOO_MUCH["fragment cycle"]
    await closed_inside.ask("consumer", query)
    began = time.perf_counter()
    for _ in range(20):
        assert (await closed_inside.ask("consumer", query)).status == 400
    assert time.perf_counter() - began < 20
