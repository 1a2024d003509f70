"""Parts of the house are told to stop: what is in hand comes to its end, whoever listens is told, and nothing is left behind."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from mobile_contracts.phones.documents import document
from services.worker.ending import FINISHED_WITHIN
from tests.drills.crowd import crowd
from tests.drills.facts import AT_ANY_TIME, wrongs_at_rest
from tests.drills.houses import ROOT, DrillHouse, drill_house, until
from tests.drills.shopper import Shopper, shop

pytestmark = [pytest.mark.xdist_group("drill_stopping"), pytest.mark.timeout(240)]
SOCKETS = 5
AT_ONCE, STOPS, SPEED = 3, 12, 90.0
IN_HAND = "SELECT count(*) FROM outbox WHERE leased_until IS NOT NULL"
GOING_AWAY = (1012, "Restarting; retryAfter=")


async def test_a_gateway_told_to_stop_answers_what_it_was_asked_and_says_good_bye_to_sockets(tmp_path: Path) -> None:
    with drill_house(tmp_path) as drill:
        async with shop(drill.url) as phones:
            shopper = phones.shopper(0)
            await shopper.sign_in()
            quote = await shopper.quote()
            number = (await shopper.check_out(quote, "first"))["purchase"]
            lines = [await _follow(drill, shopper, number["id"]) for _ in range(SOCKETS)]
            await shopper.quote()
            answer = await _stop_while_asked(drill, shopper)

            assert [line["quantity"] for basket in answer["baskets"] for line in basket["lines"]] == [1, 1]
            assert answer["tip"] == {"amount": "2.50", "currency": "EUR"}
            assert {await _closed_with(line) for line in lines} == {GOING_AWAY}
            assert phones.heard.statuses == {200}


async def _follow(drill: DrillHouse, shopper: Shopper, purchase_id: str) -> ClientConnection:
    """A socket that follows the purchase and has heard of it."""
    line = await connect(
        f"{drill.url.replace('http', 'ws')}/graphql/consumer", subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None
    )
    await line.send(orjson.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {shopper.token}"}}).decode())
    said = {"query": document("consumer", "PurchaseUpdated"), "variables": {"purchaseId": purchase_id, "afterSequence": 0}}
    assert orjson.loads(await line.recv())["type"] == "connection_ack"
    await line.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": said}).decode())
    assert orjson.loads(await line.recv())["type"] == "next"
    return line


async def _closed_with(line: ClientConnection) -> tuple[int, str] | None:
    """The code with which the other side closed, and its reason without the figure at its end."""
    try:
        while True:
            await asyncio.wait_for(line.recv(), 10)
    except websockets.ConnectionClosed as closed:
        return (closed.rcvd.code, closed.rcvd.reason.rstrip("0123456789.")) if closed.rcvd else None


async def _stop_while_asked(drill: DrillHouse, shopper: Shopper) -> dict[str, Any]:
    """Tell the gateway to stop while a mutation waits for a lock; answers what the mutation heard."""
    holder = await drill.connect()
    holding = holder.transaction()
    await holding.start()
    await holder.execute("SELECT FROM carts WHERE state = 'OPEN' FOR UPDATE")
    asked = asyncio.create_task(shopper.say("SetCartTip", input={"tip": {"amount": "2.50", "currency": "EUR"}}))
    await asyncio.sleep(0.5)
    stopping = asyncio.create_task(asyncio.to_thread(drill.end, "gateway", signal.SIGTERM, within=10.0))
    await asyncio.sleep(1.0)
    assert not asked.done()
    await holding.rollback()
    await holder.close()
    answer: dict[str, Any] = (await asked)["data"]["setCartTip"]["cart"]
    await stopping
    return answer


async def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(tmp_path: Path) -> None:
    with drill_house(tmp_path) as drill:
        holder = await drill.connect()
        async with shop(drill.url) as phones:
            shopper = phones.shopper(0)
            await shopper.sign_in()
            quote = await shopper.quote()
            # Whoever places the orders takes them for update first, and finds that somebody has them.
            drill.end("worker")
            await shopper.check_out(quote, "first")
            holding = holder.transaction()
            await holding.start()
            await holder.execute("SELECT FROM orders FOR UPDATE")
            drill.start("worker")
            await until(lambda: holder.fetchval(IN_HAND))
            stopping = asyncio.create_task(asyncio.to_thread(drill.end, "worker", signal.SIGTERM, within=10.0))
            await asyncio.sleep(1.0)
            assert not stopping.done()
            await holding.rollback()
            assert await stopping == 0

            assert await holder.fetchval("SELECT count(*) FROM orders WHERE stage = 'PLACED'") == 2
            assert await holder.fetchval(IN_HAND) == 0
            drill.start("worker")
            assert await wrongs_at_rest(holder, only=AT_ANY_TIME) == {}
        await holder.close()


async def test_a_worker_told_to_stop_again_and_again_while_people_order_ends_by_itself_each_time(tmp_path: Path) -> None:
    with drill_house(tmp_path, run=("gateway",)) as drill:
        connection = await drill.connect()
        async with crowd(drill.url, await drill.clock(SPEED)) as people:
            enough = asyncio.Event()
            ordering = asyncio.gather(*(people.order_on(enough) for _ in range(AT_ONCE)))
            took, said = await _stop_again_and_again(drill)
            drill.start("worker")
            enough.set()
            await asyncio.wait_for(ordering, 120)

        assert len(took) == STOPS
        assert max(took) < FINISHED_WITHIN
        assert [line for line in said.splitlines() if '"level":"error"' in line.replace(" ", "")] == []
        assert await wrongs_at_rest(connection) == {}
        await connection.close()


async def _stop_again_and_again(drill: DrillHouse) -> tuple[list[float], str]:
    """How long each stop took, and all that the workers said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.drills.stopping",
        str(STOPS),
        env=drill.house.environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await child.communicate()
    # Logs and figures share the line of output: the figures come last.
    assert child.returncode == 0, said.decode()[-3_000:]
    logs, _, figures = out.decode().rpartition("[")
    took: list[float] = orjson.loads(f"[{figures}")
    return took, logs + said.decode()
