"""One renders, the others wait: for the answer, for its failure, or for their turn, and never all at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from api.engine.fragments import Fragment, Reading
from api.protocols.public import PublicAnswers
from services.kernel.clock import now
from services.kernel.errors import Overloaded

MANY = 20
Answered = tuple[dict[str, Any], Reading]


@dataclass(frozen=True)
class Asked:
    """A question that everybody asks."""

    prepared: object
    operation: OperationDefinitionNode
    variables: dict[str, Any] | None = None
    body: bytes | None = None


@dataclass
class Kitchen:
    """Renders, and counts how many it renders at a time."""

    answers: list[Callable[[], Awaitable[Answered]]]
    begun: int = 0
    at_once: int = 0
    most: int = 0
    public: PublicAnswers[Asked] = field(default_factory=PublicAnswers)

    async def run(self) -> Answered:
        self.begun += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0.01)
            return await self.answers[min(self.begun, len(self.answers)) - 1]()
        finally:
            self.at_once -= 1

    async def ask(self, question: Asked) -> dict[str, Any] | Fragment:
        found = await self.public.find(question)
        return found if found is not None else await self.public.render(question, self.run)


@pytest.fixture
def question() -> Asked:
    operation = parse("{ store }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Asked(object(), operation)


async def good() -> Answered:
    return {"data": {"store": 1}}, Reading(until=now() + timedelta(hours=1), roots=1)


async def brief() -> Answered:
    return {"data": {"store": 0}}, Reading(until=now() - timedelta(seconds=1), roots=1)


async def refused() -> Answered:
    raise Overloaded(0.5)


async def half() -> Answered:
    return {"data": None, "errors": [{"message": "away", "extensions": {"code": "UNAVAILABLE"}}]}, Reading()


async def personal() -> Answered:
    return {"data": {"store": 2}, "errors": []}, Reading(is_public=False)


async def many(kitchen: Kitchen, question: Asked) -> list[Any]:
    """What everybody gets who asks at once for what turned out to be public before, and is kept no longer."""
    await kitchen.ask(question)
    kitchen.begun, kitchen.most = 1, 0
    told: list[Any] = await asyncio.gather(*(kitchen.ask(question) for _ in range(MANY)), return_exceptions=True)
    return told


async def test_an_answer_is_rendered_once(question: Asked) -> None:
    kitchen = Kitchen([brief, good])
    answers = await many(kitchen, question)
    assert (kitchen.begun, {one.body for one in answers}) == (2, {b'{"data":{"store":1}}'})


async def test_a_failure_is_everybodys(question: Asked) -> None:
    kitchen = Kitchen([brief, refused])
    answers = await many(kitchen, question)
    assert (kitchen.begun, [type(one) for one in answers]) == (2, [Overloaded] * MANY)


async def test_an_answer_with_errors_is_everybodys_who_waits_and_nobodys_later(question: Asked) -> None:
    kitchen = Kitchen([brief, half, good])
    answers = await many(kitchen, question)
    assert (kitchen.begun, answers) == (2, [(await half())[0]] * MANY)
    assert isinstance(await kitchen.ask(question), Fragment)


async def test_what_turns_out_to_be_personal_is_nobody_elses(question: Asked) -> None:
    kitchen = Kitchen([brief, personal])
    answers = await many(kitchen, question)
    assert kitchen.begun == 1 + MANY
    assert len({id(one) for one in answers}) == MANY


async def test_one_takes_the_place_of_a_renderer_who_went_away(question: Asked) -> None:
    kitchen = Kitchen([brief, good])
    await kitchen.ask(question)
    leaving = asyncio.create_task(kitchen.ask(question))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(kitchen.ask(question)) for _ in range(MANY)]
    await asyncio.sleep(0)
    kitchen.most = 0
    leaving.cancel()
    answers = await asyncio.gather(*waiting)
    assert (kitchen.begun, kitchen.most, {one.body for one in answers if isinstance(one, Fragment)}) == (
        3,
        1,
        {b'{"data":{"store":1}}'},
    )
