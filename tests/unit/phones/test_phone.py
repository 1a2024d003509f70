"""A phone keeps its tokens fresh, tells a refusal from a failure, and comes back to a lost line where it stopped."""

import time
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mobile_contracts.phones.refusals import Failed, Refused, Unreachable
from tests.unit.phones.fake_gateway import FakeGateway, FakeLine, a_phone, coded

PURCHASE = {"data": {"me": {"id": "1", "name": "Aino"}}}


async def test_the_first_question_signs_in() -> None:
    fake = FakeGateway(answers={"Me": [PURCHASE]})
    async with a_phone(fake) as phone:
        assert await phone.ask("Me") == {"id": "1", "name": "Aino"}

    assert fake.heard == ["SignIn", "Me"]
    assert fake.tokens == [None, "Bearer access-1"]


async def test_a_token_is_renewed_before_its_end() -> None:
    fake = FakeGateway(answers={"Me": [PURCHASE, PURCHASE, PURCHASE]})
    async with a_phone(fake) as phone:
        await phone.ask("Me")
        fake.at += timedelta(minutes=11)
        await phone.ask("Me")
        fake.at += timedelta(minutes=1)
        await phone.ask("Me")

    assert fake.heard == ["SignIn", "Me", "Me", "RefreshSession", "Me"]
    assert fake.tokens[-1] == "Bearer access-2"


async def test_a_token_that_is_not_accepted_is_renewed_once_and_the_question_asked_again() -> None:
    fake = FakeGateway(answers={"Me": [coded("UNAUTHENTICATED"), PURCHASE]})
    async with a_phone(fake) as phone:
        assert (await phone.ask("Me"))["name"] == "Aino"

    assert fake.heard == ["SignIn", "Me", "RefreshSession", "Me"]


async def test_a_session_that_ended_is_opened_anew() -> None:
    fake = FakeGateway(answers={"Me": [coded("UNAUTHENTICATED"), PURCHASE]}, spent={"refresh-1"})
    async with a_phone(fake) as phone:
        await phone.ask("Me")

    assert fake.heard == ["SignIn", "Me", "RefreshSession", "SignIn", "Me"]
    assert fake.tokens[-1] == "Bearer access-2"


async def test_a_problem_is_refused_with_its_facts() -> None:
    problem = {"__typename": "CartFullProblem", "message": "full", "most": 100}
    fake = FakeGateway(answers={"AddCartLine": [{"data": {"addCartLine": problem}}]})
    async with a_phone(fake) as phone:
        with pytest.raises(Refused) as refused:
            await phone.ask("AddCartLine", {"input": {}})

    assert refused.value.problem == "CartFullProblem"
    assert refused.value.facts["most"] == 100


async def test_an_error_is_told_by_its_code_and_not_repeated() -> None:
    fake = FakeGateway(answers={"Me": [coded("NOT_FOUND")]})
    async with a_phone(fake) as phone:
        with pytest.raises(Failed) as failed:
            await phone.ask("Me")

    assert failed.value.code == "NOT_FOUND"
    assert fake.heard == ["SignIn", "Me"]


async def test_who_is_asked_to_wait_waits_and_asks_again() -> None:
    fake = FakeGateway(answers={"Me": [coded("RATE_LIMITED", retryAfter=0.01), 503, PURCHASE]})
    async with a_phone(fake) as phone:
        assert (await phone.ask("Me"))["name"] == "Aino"

    assert fake.heard == ["SignIn", "Me", "Me", "Me"]


async def test_what_may_have_been_heard_is_not_said_twice() -> None:
    fake = FakeGateway(answers={"Me": [httpx.ReadError("gone"), PURCHASE], "Cart": [httpx.ConnectError("gone"), PURCHASE]})
    async with a_phone(fake) as phone:
        with pytest.raises(Unreachable):
            await phone.ask("Me")
        await phone.ask("Cart")

    assert fake.heard == ["SignIn", "Me", "Cart", "Cart"]


async def followed(fake: FakeGateway, count: int) -> list[int]:
    """Follow numbers as an app that remembers the last it saw."""
    seen: list[int] = []

    def where_i_was() -> dict[str, Any]:
        return {"afterSequence": seen[-1] if seen else 0}

    async with a_phone(fake) as phone, aclosing(phone.follow("Me", where_i_was)) as numbers:
        async for number in numbers:
            seen.append(number)
            if len(seen) == count:
                break
    return seen


@pytest.mark.parametrize("lost_by", [1012, 1011, 1001, 1000, None])
async def test_a_lost_line_is_opened_again_where_it_stopped(lost_by: int | None) -> None:
    async def first(line: FakeLine) -> None:
        await line.next(number=1)
        await line.next(number=2)
        if lost_by is None:
            line.break_off()
        else:
            await line.close(lost_by)

    async def second(line: FakeLine) -> None:
        await line.say({"type": "ping"})
        assert await line.hear() == {"type": "pong"}
        await line.next(number=3)
        await line.hear()

    fake = FakeGateway(lines=[first, second])

    assert await followed(fake, 3) == [1, 2, 3]
    assert [heard["payload"]["variables"] for heard in fake.subscribed] == [{"afterSequence": 0}, {"afterSequence": 2}]
    assert fake.opened == [{"authorization": "Bearer access-1"}] * 2


async def test_a_line_that_is_too_much_just_now_is_asked_for_again() -> None:
    async def shed(line: FakeLine) -> None:
        await line.say({"id": "1", "type": "error", "payload": coded("OVERLOADED", retryAfter=0.01)["errors"]})
        await line.hear()

    async def answer(line: FakeLine) -> None:
        await line.next(number=1)
        await line.hear()

    assert await followed(FakeGateway(lines=[shed, answer]), 1) == [1]


async def test_a_gateway_that_restarts_is_left_alone_as_long_as_it_asks() -> None:
    times: list[float] = []

    async def first(line: FakeLine) -> None:
        await line.next(number=1)
        times.append(time.monotonic())
        await line.close(1012, "Restarting; retryAfter=0.4")

    async def second(line: FakeLine) -> None:
        times.append(time.monotonic())
        await line.next(number=2)
        await line.hear()

    assert await followed(FakeGateway(lines=[first, second]), 2) == [1, 2]
    assert times[1] - times[0] >= 0.4


async def test_a_line_closed_for_its_token_comes_back_with_another() -> None:
    fake = FakeGateway()

    async def first(line: FakeLine) -> None:
        await line.next(number=1)
        fake.at += timedelta(minutes=15)
        await line.close(4403)

    async def second(line: FakeLine) -> None:
        await line.next(number=2)
        await line.hear()

    fake.lines = [first, second]

    assert await followed(fake, 2) == [1, 2]
    assert fake.opened == [{"authorization": "Bearer access-1"}, {"authorization": "Bearer access-2"}]
    assert fake.heard == ["SignIn", "RefreshSession"]


async def test_a_line_closed_again_for_a_token_that_looks_good_takes_a_new_one() -> None:
    async def refuse(line: FakeLine) -> None:
        await line.close(4403)

    async def answer(line: FakeLine) -> None:
        await line.next(number=7)
        await line.hear()

    fake = FakeGateway(lines=[refuse, refuse, answer])

    assert await followed(fake, 1) == [7]
    assert fake.opened[-1] == {"authorization": "Bearer access-2"}


async def test_what_may_not_be_followed_is_told_by_its_code() -> None:
    async def refuse(line: FakeLine) -> None:
        await line.say({"id": "1", "type": "error", "payload": coded("NOT_FOUND")["errors"]})
        await line.hear()

    with pytest.raises(Failed) as failed:
        await followed(FakeGateway(lines=[refuse]), 1)
    assert failed.value.code == "NOT_FOUND"


async def test_a_line_closed_as_wrong_is_not_opened_again() -> None:
    async def refuse(line: FakeLine) -> None:
        await line.close(4400)

    fake = FakeGateway(lines=[refuse])

    with pytest.raises(Unreachable):
        await followed(fake, 1)
    assert len(fake.opened) == 1
