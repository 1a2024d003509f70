"""How values are had: batches once a level, resolvers once a parent, mutations once and in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import build_schema

from tests.unit.engine.asking import same
from tests.unit.engine.house import House


@pytest.fixture
def house() -> House:
    return House()


ADA, BOB = {"name": "Ada"}, {"name": "Bob"}


@pytest.mark.parametrize("interpreted", [True, False])
async def test_a_batch_is_called_once_a_level(house: House, interpreted: bool) -> None:
    text = "{ people { name toys(most: 1) { name owner { next { toys { name } } } } } }"
    people = [ADA | {"next": BOB}, {"name": "Cid", "next": ADA}]
    answer = await house.ask(text, {"people": people}, interpreted=interpreted)
    assert answer.errors == ()
    assert answer.data == {
        "people": [
            {"name": "Ada", "toys": [{"name": "Ada's ball", "owner": {"next": {"toys": [{"name": "Bob's ball"}]}}}]},
            {"name": "Cid", "toys": [{"name": "Cid's ball", "owner": {"next": {"toys": [{"name": "Ada's ball"}]}}}]},
        ]
    }
    below = ["people", "toys", "owner", "next", "toys"]
    assert house.calls == [("toys", ["Ada", "Cid"], below[:2], {"most": 1}), ("toys", ["Bob", "Ada"], below, {"most": 9})]


async def test_a_failure_in_a_batch_belongs_to_its_parent(house: House) -> None:
    answer, _ = await same(house.schema, "{ people { name } person { next { lucky } } }", {"people": [], "person": {"next": BOB}})
    assert answer.data == {"people": [], "person": {"next": None}}
    house.calls.clear()
    answer = await house.ask("{ people { next { name lucky } } }", {"people": [{"next": ADA}, {"next": BOB}]})
    assert answer.data == {"people": [{"next": {"name": "Ada", "lucky": 3}}, {"next": None}]}
    assert [(error.message, error.path) for error in answer.errors] == [("Bob has none", ["people", 1, "next", "lucky"])]
    assert house.calls == [("lucky", ["Ada", "Bob"])]


async def test_what_a_batch_raises_is_everyones(house: House) -> None:
    answer, _ = await same(house.schema, "{ people { next { lucky } } }", {"people": [{"next": {"name": "Eve"}}]})
    assert [error.message for error in answer.errors] == ["Eve spoils it"]


async def test_a_batch_that_answers_too_little_fails_everyone(house: House) -> None:
    async def short(_people: list[Any], _info: Any, _given: Any) -> list[Any]:
        return [[]]

    house.batch(house.type("Person").fields["toys"], short)
    for interpreted in (True, False):
        answer = await house.ask("{ people { toys { name } } }", {"people": [ADA, BOB]}, interpreted=interpreted)
        assert answer.data is None
        assert answer.errors[0].message == "a batch answered 1 for 2 parents"


async def test_a_batch_is_asked_once_when_compiled_code_is_left(house: House) -> None:
    answer = await house.ask("{ people { toys { name } next { name } } }", {"people": [ADA | {"next": {"name": None}}]})
    assert answer.data == {"people": [{"toys": [{"name": "Ada's ball"}], "next": None}]}
    assert [call[0] for call in house.calls] == ["toys"]
    house.calls.clear()
    answer = await house.ask("{ people { next { lucky toys { name } } } }", {"people": [{"next": BOB}]})
    assert answer.data == {"people": [{"next": None}]}
    assert sorted(call[0] for call in house.calls) == ["lucky", "toys"]


@pytest.mark.parametrize("interpreted", [True, False])
async def test_root_fields_of_a_mutation_run_one_after_another(house: House, interpreted: bool) -> None:
    answer = await house.ask("mutation { a: add(by: 1) fail b: add(by: 2) }", interpreted=interpreted)
    assert answer.data == {"a": 1, "fail": None, "b": 3}
    assert [(error.message, error.path) for error in answer.errors] == [("failed", ["fail"])]
    assert house.calls == [("add", 1), "fail", ("add", 2)]


@pytest.mark.parametrize("interpreted", [True, False])
async def test_after_the_whole_answer_is_lost_nothing_more_is_changed(house: House, interpreted: bool) -> None:
    answer = await house.ask("mutation { a: add(by: 1) lose b: add(by: 2) }", interpreted=interpreted)
    assert answer.data is None
    assert [error.path for error in answer.errors] == [["lose"]]
    assert (house.calls, house.total) == ([("add", 1), "lose"], 1)


async def test_a_mutation_is_made_once_when_compiled_code_is_left(house: House) -> None:
    text = 'mutation { a: add(by: 1) person(name: "Ada") { name next { name } toys { name } } b: add(by: 1) }'
    answer = await house.ask(text)
    assert answer.data == {"a": 1, "person": {"name": "Ada", "next": None, "toys": [{"name": "Ada's ball"}]}, "b": 2}
    assert [call[0] for call in house.calls] == ["add", "person", "toys", "add"]


async def test_resolvers_below_lists_are_told_their_place() -> None:
    schema = build_schema("type A { where(x: Int): String } type Query { many: [A!] one: A }")
    for kind in ("A", "Query"):
        fields = schema.type_map[kind].fields  # type: ignore[attr-defined]
        if kind == "A":
            fields["where"].resolve = lambda _source, info, **given: f"{info.path.as_list()} {given}"
    answer, _ = await same(schema, "{ many { where(x: 1) } one { w: where } }", {"many": [1, 2], "one": 3})
    assert answer.data == {
        "many": [{"where": "['many', 0, 'where'] {'x': 1}"}, {"where": "['many', 1, 'where'] {'x': 1}"}],
        "one": {"w": "['one', 'w'] {}"},
    }


async def test_what_is_awaited_may_stand_anywhere() -> None:
    async def soon(value: Any) -> Any:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    async def drip() -> AsyncIterator[Any]:
        yield 1
        yield soon(2)

    async def spill() -> AsyncIterator[Any]:
        yield 1
        raise ValueError("spilt")

    schema = build_schema(
        "interface I { x: Int } type A implements I { x: Int }"
        " type Query { list: [Int] rows: [[Int]!] drip: [Int] spill: [Int] i: [I] }"
    )
    kind = schema.type_map["I"]
    kind.resolve_type = lambda value, _info, _kind: soon(value["t"])  # type: ignore[attr-defined]
    schema.type_map["A"].is_type_of = lambda value, _info: soon(value.get("x") != 3)  # type: ignore[attr-defined]
    root = {
        "list": lambda _info: [soon(1), 2, soon(ValueError("late")), soon(None)],
        "rows": lambda _info: soon([soon([1]), [soon(2)]]),
        "drip": lambda _info: drip(),
        "spill": lambda _info: spill(),
        "i": lambda _info: [
            soon({"t": "A", "x": 1}),
            {"t": "A", "x": 3},
            {"t": ValueError("who")},
            {"t": None},
            soon({"t": "A", "x": soon(4)}),
        ],
    }
    for text in ("{ list rows drip spill }", "{ i { x } }"):
        answer, _ = await same(schema, text, root)
        assert answer.errors != ()
    assert answer.data == {"i": [{"x": 1}, None, None, None, {"x": 4}]}
