"""The seam: subscriptions, cancellation, what is kept, and what a request is refused for."""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from api.engine.answers import Answer
from api.engine.documents import DocumentLimits, Documents, Prepared, RequestRefused
from api.engine.execution import Execution
from api.engine.explain import explain
from api.engine.lexical import TextLimits
from tests.unit.engine.asking import planned
from tests.unit.engine.house import House


def prepared(schema: GraphQLSchema, text: str) -> Prepared:
    return Documents(
        schema, (), (), DocumentLimits(TextLimits(length=16_384, tokens=1000, nesting=60)), hide_suggestions=False
    ).prepare(text)


async def events(house: House, text: str, variables: dict[str, Any] | None = None, *, most: int = 9) -> list[Answer]:
    execution = Execution(house.schema, hide_suggestions=False)
    heard: list[Answer] = []
    stream = await execution.subscribe(prepared(house.schema, text), variables, None, None)
    async for answer in stream:
        heard.append(answer)
        if len(heard) == most:
            break
    await stream.aclose()
    return heard


async def test_each_event_is_answered_with_its_own_errors() -> None:
    house = House()
    heard = await events(house, "subscription($n: Int!) { t: ticks(until: $n) }", {"n": 3})
    assert [answer.data for answer in heard] == [{"t": 0}, None, {"t": 2}]
    assert [[error.path for error in answer.errors] for answer in heard] == [[], [["t"]], []]
    assert house.calls == ["closed"]


async def test_who_stops_listening_closes_the_source() -> None:
    house = House()
    heard = await events(house, "subscription { ticks(until: 100) }", most=1)
    assert [answer.data for answer in heard] == [{"ticks": 0}]
    assert house.calls == ["closed"]


async def test_a_subscription_that_cannot_be_opened_says_so_once() -> None:
    [answer] = await events(House(), "subscription { nothing }")
    assert answer.data is None
    assert [(error.message, error.path) for error in answer.errors] == [
        ("Subscription field must return AsyncIterable. Received: None.", ["nothing"])
    ]


async def test_unfit_variables_are_refused_before_anything_runs() -> None:
    house = House()
    execution = Execution(house.schema, hide_suggestions=False)
    document = prepared(house.schema, "mutation($by: Int!) { add(by: $by) }")
    with pytest.raises(RequestRefused, match="Variable '\\$by' has invalid value"):
        await execution.execute(document, {"by": "many"}, None, None)
    assert house.calls == []


async def test_an_operation_is_planned_once_and_compiled_when_it_comes_again() -> None:
    house = House()
    execution = Execution(house.schema, hide_suggestions=False)
    document = prepared(house.schema, "mutation($by: Int!) { add(by: $by) }")
    sources = []
    for by in (1, 2, 3):
        assert (await execution.execute(document, {"by": by}, None, None)).errors == ()
        sources.append(execution.planned(document, None).compiled.source)
    assert sources[0] == ""
    assert sources[1] == sources[2]
    assert sources[1].splitlines()[-1] == "    return out"
    assert house.total == 6


async def test_conditions_choose_between_kept_variants() -> None:
    house = House()
    made = planned(
        house.schema,
        "query($a: Boolean!, $b: Boolean!, $m: Int)"
        " { person { name @include(if: $a) } people { name @skip(if: $b) toys(most: $m) { name } } }",
    )
    shapes = {
        id(made.shape(made.variables({"a": a, "b": b, "m": m}))) for a in (True, False) for b in (True, False) for m in (1, 2)
    }
    assert len(shapes) == 4


async def test_no_more_variants_are_kept_than_one_can_count() -> None:
    house = House()
    names = [f"c{number}" for number in range(6)]
    fields = " ".join(f"a{name}: name @include(if: ${name})" for name in names)
    made = planned(house.schema, f"query({' '.join(f'${name}: Boolean!' for name in names)}) {{ person {{ {fields} }} }}")
    for choice in range(2 ** len(names)):
        made.shape(made.variables({name: bool(choice >> bit & 1) for bit, name in enumerate(names)}))
    assert len(made._shapes) == 16


@pytest.mark.parametrize("interpreted", [True, False])
async def test_when_the_client_goes_running_resolvers_are_cancelled(interpreted: bool) -> None:
    ended: list[str] = []
    running = asyncio.Barrier(3)

    async def slow(_source: Any, info: Any) -> int:
        try:
            await running.wait()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(info.field_name)
            raise
        return 1

    schema = build_schema("type Query { a: Int b: Int c: Int }")
    for field in schema.query_type.fields.values():  # type: ignore[union-attr]
        field.resolve = slow
    execution = Execution(schema, hide_suggestions=False, interpreted=9 if interpreted else 0)
    task = asyncio.create_task(execution.execute(prepared(schema, "{ a b c }"), None, None, None))
    while running.n_waiting or (not ended and not task.done()):
        await asyncio.sleep(0)
        if not running.n_waiting and not ended:
            task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == ["a", "b", "c"]


def test_a_plan_can_be_read() -> None:
    house = House()
    made = planned(house.schema, "{ person { called: name toys { owner { lucky } } } }")
    assert explain(made.shape(made.variables({}))) == (
        "Query\n"
        "  person: Person! - key or attribute person\n"
        "    Person\n"
        "      called: name: String! - key or attribute name\n"
        "      toys: [Toy!]! - batch, once for all parents\n"
        "        Toy\n"
        "          owner: Person! - key or attribute owner\n"
        "            Person\n"
        "              lucky: Int! - batch, once for all parents\n"
    )
