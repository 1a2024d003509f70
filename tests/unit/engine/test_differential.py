"""The engine against graphql-core: random schemas, documents and data, thousands of them; `differential/` says how.

`make differ ARGS="--cases 1000000 --seed 1"` runs as many as one likes.
"""

import gc
from functools import partial

import pytest
from graphql import validate

from tests.unit.engine.differential.broken import BROKEN, broken
from tests.unit.engine.differential.cases import (
    HOUSE,
    Tally,
    check_all,
    executors,
    house_executors,
    house_script_of,
    script_of,
)
from tests.unit.engine.differential.documents import EXECUTIONS

PART = 100
PARTS = 6
HOUSE_PART = 60
HOUSE_PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_executor_answers_as_graphql_core_does(part: int) -> None:
    tally = Tally()
    await check_all(range(part * PART, (part + 1) * PART), tally)
    if tally.failures:
        pytest.fail(str(tally.failures[0]), pytrace=False)
    assert tally.counts["cases"] == PART * EXECUTIONS


@pytest.mark.parametrize("part", range(HOUSE_PARTS))
async def test_schemas_of_strawberry_are_answered_as_graphql_core_does(part: int) -> None:
    tally = Tally()
    await check_all(range(part * HOUSE_PART, (part + 1) * HOUSE_PART), tally, *HOUSE)
    if tally.failures:
        pytest.fail(str(tally.failures[0]), pytrace=False)
    assert tally.counts["cases"] == HOUSE_PART * EXECUTIONS


@pytest.mark.parametrize("kind", ["plain", "house"])
async def test_the_engine_leaves_nothing_unawaited(kind: str) -> None:
    for number in range(5, 1000, 50):
        script = house_script_of(number) if kind == "house" else script_of(number)
        executed = house_executors(script) if kind == "house" else executors(script)
        for execute in executed.values():
            for case in script.cases():
                await execute(case.question())
    # What was left is heard when it is thrown away, and every warning is an error.
    gc.collect()


async def test_the_cases_are_not_trivial() -> None:
    tally = Tally()
    await check_all(range(0, 600, 6), tally)
    counts = tally.counts
    assert counts["answer: with errors"] > counts["cases"] / 8
    rare = [
        *("answer: null as a whole", "answer: refused for its variables", "answer: with an error in a list"),
        *("answer: with an error of several places", "answer: with several errors", "fault: batch", "fault: raised"),
        *("operation: mutation", "operation: subscription", "document: conditions by variable", "document: named fragments"),
        *("document: inline fragments", "document: variables in input objects", "asked: a batch"),
        *("engine: compiled", "engine: left for the interpreter", "engine: interpreted alone", "engine: objects written before"),
    ]
    assert [name for name in rare if counts[name] < 3] == []


def test_the_documents_are_valid() -> None:
    for number in range(0, 3000, 40):
        script = script_of(number)
        assert validate(script.schema, script.document) == [], str(script)


def test_a_number_is_always_the_same_document_and_data() -> None:
    first, again = script_of(4321), script_of(4321)
    assert (first.request, first.worlds) == (again.request, again.worlds)


async def test_every_broken_executor_is_caught() -> None:
    uncaught = BROKEN
    numbers = iter(range(400))
    while uncaught:
        tally = Tally()
        await check_all(numbers, tally, partial(broken, uncaught))
        assert tally.failures, f"not caught in 400 cases: {sorted(uncaught)}"
        uncaught = uncaught - {failure.executor for failure in tally.failures}


async def test_a_failure_tells_how_to_see_it_again() -> None:
    tally = Tally()
    await check_all(range(100), tally, partial(broken, {"answers nothing"}))
    told = str(tally.failures[0])
    assert f"--seed {tally.failures[0].case.script.number} --cases 1" in told
    assert "expected: {" in told
