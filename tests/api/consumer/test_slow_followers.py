"""Who follows a purchase and reads slowly: fewer answers, each the newest of its moment, and every stage told exactly once."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson

from api.schema.shared.ids import opaque
from services.orders.operations import move_ready_time
from services.orders.queries import Order
from services.orders.rules import OrderStage
from tests.api.apps import access_token
from tests.api.protocol.raw import Raw, frame, raw_line
from tests.conftest import TestClock
from tests.factories.orders import consumer_of, make_order, staff_of

MOVES = 24
# So much at a time that a few answers fill whatever lies between us.
MUCH = " ".join(f"p{n}: purchase {{ id number createdAt promisedFrom promisedUntil payBy stage }}" for n in range(28))
FOLLOW = (
    "subscription Follow($id: ID!) { purchaseUpdated(purchaseId: $id) { sequence events { sequence kind } "
    f"now: purchase {{ orders {{ readyAt }} }} {MUCH} }} }}"
)
TEXT, PING, PONG = 1, 9, 10


async def test_no_stage_is_dropped_and_the_newest_wins(address: str, clock: TestClock) -> None:
    order = await make_order(OrderStage.ACCEPTED)
    async with raw_line(address, opened=False) as line:
        await follow(line, order)
        moments = [clock.now() + timedelta(minutes=30 + number) for number in range(MOVES)]
        for moment in moments:
            await move_ready_time(staff_of(order), order.id, ready_at=moment)
            # Time enough to be told of it; nobody reads yet.
            await asyncio.sleep(0.02)
        told = await read_up_to(line, MOVES)
    sequences = [event["sequence"] for update in told for event in update["events"]]
    assert sequences == list(range(1, MOVES + 1))
    assert len(told) < MOVES
    (last,) = told[-1]["now"]["orders"]
    assert last["readyAt"] == moments[-1].strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def follow(line: Raw, order: Order) -> None:
    """Open the line and follow the order's purchase; the first answer has been heard."""
    await line.say({"type": "connection_init", "payload": {"authorization": f"Bearer {access_token(consumer_of(order))}"}})
    assert await line.hear() == (TEXT, b'{"type":"connection_ack"}')
    asked = {"query": FOLLOW, "variables": {"id": opaque("Purchase", order.purchase_id)}}
    await line.say({"id": "s", "type": "subscribe", "payload": asked})
    opcode, first = await line.hear()
    assert (opcode, orjson.loads(first)["payload"]["data"]["purchaseUpdated"]["sequence"]) == (TEXT, 0)


async def read_up_to(line: Raw, sequence: int) -> list[dict[str, Any]]:
    """Every update until the one of this sequence."""
    told: list[dict[str, Any]] = []
    while not told or told[-1]["sequence"] != sequence:
        opcode, payload = await line.hear()
        if opcode == PING:
            await line.send(frame(payload, opcode=PONG))
            continue
        assert opcode == TEXT, payload
        told.append(orjson.loads(payload)["payload"]["data"]["purchaseUpdated"])
    return told
