"""graphql-transport-ws against a real server: its messages, its closes, and nothing that breaks the neighbour."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from services.identity import revocations
from services.kernel.actors import Consumer, Courier
from services.kernel.clock import now
from services.kernel.ids import new_id
from tests.api.apps import access_token, line_to
from tests.api.protocol.small_house import calls
from tests.conftest import TestClock

FOR_EVER = "subscription { forEver }"


async def settles(name: str) -> None:
    """Wait until the subscription's own clean-up has run."""
    async with asyncio.timeout(5):
        while (name, 1) not in calls:  # noqa: ASYNC110 - it is on the other side of a socket
            await asyncio.sleep(0.01)


async def test_a_subscription_from_start_to_end(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", "subscription($to: Int!) { count(to: $to) }", {"to": 2})
        assert [await line.hear() for _ in range(3)] == [
            {"id": "a", "type": "next", "payload": {"data": {"count": 0}}},
            {"id": "a", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "a", "type": "complete"},
        ]


async def test_batches_are_called_anew_for_each_event(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", "subscription { petsAgain { name toys(most: 1) { name } } }")
        heard = [await line.hear() for _ in range(3)]
        assert [event["payload"]["data"]["petsAgain"][0]["toys"] for event in heard[:2]] == [
            [{"name": "Tom's 0"}],
            [{"name": "Ada's 0"}],
        ]
    assert calls == [("toys", 2), ("toys", 2)]


async def test_queries_and_mutations_run_on_the_same_line(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("q", "{ hello }")
        assert await line.hear() == {"id": "q", "type": "next", "payload": {"data": {"hello": "Hello you"}}}
        assert await line.hear() == {"id": "q", "type": "complete"}
        await line.subscribe("q", 'mutation { adopt(input: {name: "busy"}) { ... on Problem { message } } }')
        assert await line.hear() == {"id": "q", "type": "next", "payload": {"data": {"adopt": {"message": "Still running."}}}}


async def test_completing_ends_the_work(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", FOR_EVER)
        await line.hear()
        await line.say({"id": "a", "type": "complete"})
        await settles("ended")
        await line.say({"id": "a", "type": "complete"})
        await line.subscribe("a", FOR_EVER)
        assert (await line.hear())["type"] == "next"


async def test_hanging_up_ends_the_work(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", FOR_EVER)
        await line.hear()
    await settles("ended")


async def test_pings_are_answered_before_and_after_the_door(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.say({"type": "ping", "payload": {"a": 1}})
        assert await line.hear() == {"type": "pong"}
        await line.open()
        await line.say({"type": "pong"})
        await line.say({"type": "ping"})
        assert await line.hear() == {"type": "pong"}


async def test_a_document_that_cannot_run_is_an_error_of_its_id_alone(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        for query, variables in (
            ("{ nothing }", None),
            ("{", None),
            ("subscription($to: Int!) { count(to: $to) }", {"to": "x"}),
            ("", None),
        ):
            await line.subscribe("a", query, variables)
            heard = await line.hear()
            assert (heard["id"], heard["type"]) == ("a", "error")
            assert {error["extensions"]["code"] for error in heard["payload"]} == {"BAD_REQUEST"}
        await line.subscribe("a", "{ hello }")
        assert (await line.hear())["type"] == "next"


async def test_a_stream_that_breaks_tells_its_code(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", "subscription { breaks }")
        assert (await line.hear())["payload"] == {"data": {"breaks": 1}}
        heard = await line.hear()
        assert (heard["id"], heard["type"], heard["payload"][0]["extensions"]["code"]) == ("a", "error", "NOT_FOUND")


async def test_a_token_by_message_or_by_header(small_address: str, person: Consumer) -> None:
    mine = {"id": "a", "type": "next", "payload": {"data": {"mine": str(person.person_id)}}}
    async with line_to(small_address, "consumer") as line:
        await line.open(person)
        await line.subscribe("a", "subscription { mine }")
        assert await line.hear() == mine
    async with line_to(small_address, "consumer", headers={"authorization": f"Bearer {access_token(person)}"}) as line:
        await line.open()
        await line.subscribe("a", "subscription { mine }")
        assert await line.hear() == mine


async def test_a_guest_may_not_follow_what_is_somebodys(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("a", "subscription { mine }")
        heard = await line.hear()
        assert (heard["id"], heard["type"]) == ("a", "error")
        assert heard["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic a", f"Bearer {'x' * 9_000}"])
async def test_a_token_that_is_none(small_address: str, authorization: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.say({"type": "connection_init", "payload": {"authorization": authorization}})
        assert await line.closed_by_server() == (4403, "Forbidden")


async def test_another_audiences_token(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        token = access_token(Courier(new_id(), new_id()))
        await line.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        assert await line.closed_by_server() == (4403, "Forbidden")


async def test_an_expiring_token_closes_an_open_line(small_address: str, person: Consumer, clock: TestClock) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open(person)
        await line.subscribe("a", FOR_EVER)
        await line.hear()
        clock.move(hours=1)
        code, reason = await line.closed_by_server()
        assert (code, reason) == (4403, "Forbidden: the token has expired; refresh it and connect again")
    await settles("ended")


async def test_an_ended_session_closes_its_open_lines_and_no_other(small_address: str, person: Consumer) -> None:
    other = Consumer(new_id(), new_id())
    async with line_to(small_address, "consumer") as line, line_to(small_address, "consumer") as neighbour:
        await line.open(person)
        await neighbour.open(other)
        revocations.remember([person.session_id], now() + timedelta(seconds=0))
        async with asyncio.timeout(5):
            assert (await line.closed_by_server())[0] == 4403
        await neighbour.subscribe("a", "{ hello }")
        assert (await neighbour.hear())["type"] == "next"


@pytest.mark.parametrize("protocol", ["graphql-ws", "chat", None])
async def test_other_protocols(small_address: str, protocol: str | None) -> None:
    async with line_to(small_address, "consumer", protocol=protocol) as line:
        assert line.connection.subprotocol is None
        assert await line.closed_by_server() == (4406, "Speak graphql-transport-ws.")


async def test_a_line_that_says_nothing(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        assert await line.closed_by_server() == (4408, "Connection initialisation timeout")


async def test_pinging_is_not_opening(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.say({"type": "ping"})
        assert (await line.closed_by_server())[0] == 4408


async def test_a_second_opening(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.say({"type": "connection_init"})
        assert await line.closed_by_server() == (4429, "Too many initialisation requests")


async def test_subscribing_before_the_door(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.subscribe("a", "{ hello }")
        assert await line.closed_by_server() == (4401, "Unauthorized")


async def test_an_id_used_twice_at_a_time(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.subscribe("ä" * 128, FOR_EVER)
        await line.hear()
        await line.subscribe("ä" * 128, FOR_EVER)
        code, reason = await line.closed_by_server()
        assert (code, reason) == (4409, "Subscriber for " + "ä" * 54)
    await settles("ended")


async def test_more_operations_than_a_line_may_carry(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        for name in "abc":
            await line.subscribe(name, FOR_EVER)
            await line.hear()
        await line.subscribe("d", FOR_EVER)
        heard = await line.hear()
        assert (heard["id"], heard["type"]) == ("d", "error")
        assert heard["payload"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 1}


WRONG_FRAMES: list[Any] = [
    b"binary",
    "",
    "hello",
    "{",
    "null",
    "7",
    "[]",
    "[" * 10_000,
    "{}",
    {"type": None},
    {"type": 7},
    {"type": []},
    {"type": "nonsense"},
    {"type": "start", "id": "a"},
    {"type": "connection_init"} | {"payload": []},
    {"type": "connection_init", "payload": {"authorization": 7}},
    {"type": "complete"},
    {"type": "complete", "id": 7},
    {"type": "complete", "id": ""},
    {"type": "complete", "id": "x" * 129},
    {"type": "subscribe", "payload": {"query": "{ hello }"}},
    {"type": "subscribe", "id": None, "payload": {"query": "{ hello }"}},
    '{"type": "ping", "payload": "\\ud800"}',
    '{"type": "ping", "payload": 1e999}',
    '{"type": "ping", "payload": "\\u0000"}',
]


@pytest.mark.parametrize("frame", WRONG_FRAMES)
async def test_a_frame_that_is_no_message(small_address: str, frame: Any) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.say(frame)
        assert (await line.closed_by_server())[0] == 4400


@pytest.mark.parametrize("payload", [None, [], "x", 7])
async def test_a_subscribe_without_a_request(small_address: str, payload: object) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.say({"id": "a", "type": "subscribe", "payload": payload})
        assert await line.closed_by_server() == (4400, "The payload of subscribe must be an object")


@pytest.mark.parametrize(
    "payload", [{}, {"query": 7}, {"query": "{ hello }", "variables": []}, {"query": "{ hello }", "operationName": 7}]
)
async def test_a_request_of_wrong_types_is_an_error_of_its_id(small_address: str, payload: object) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.open()
        await line.say({"id": "a", "type": "subscribe", "payload": payload})
        heard = await line.hear()
        assert (heard["id"], heard["type"], heard["payload"][0]["extensions"]["code"]) == ("a", "error", "BAD_REQUEST")


async def test_a_message_too_large(small_address: str) -> None:
    async with line_to(small_address, "consumer") as line:
        await line.say({"type": "ping", "payload": {"padding": "x" * 70_000}})
        assert (await line.closed_by_server())[0] == 1009


async def test_a_page_of_another_origin(small_address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with line_to(small_address, "consumer", headers={"origin": "https://evil.example"}):
            pass
    assert refused.value.response.status_code == 403
    for origin in ("https://listed.example", f"http://{small_address}"):
        async with line_to(small_address, "consumer", headers={"origin": origin}) as line:
            await line.open()
