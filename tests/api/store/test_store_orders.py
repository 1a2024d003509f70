"""Orders through the store's door: the queue, every step, and what other stores and other apps are told."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.orders.rules import Fulfilment, OrderStage
from tests.api.apps import Doors, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.orders import make_order, picture, staff_of
from tests.factories.stores import make_store

S = OrderStage
ORDER = opaque("StoreOrder", UUID(int=7))
LATER = "2026-06-10T09:30:00.000Z"
INPUTS: dict[str, dict[str, Any]] = {
    "AcceptOrder": {"orderId": ORDER},
    "RejectOrder": {"orderId": ORDER, "reason": "TOO_BUSY"},
    "StartPreparingOrder": {"orderId": ORDER},
    "MarkOrderReady": {"orderId": ORDER},
    "MoveOrderReadyTime": {"orderId": ORDER, "readyAt": LATER},
    "HandOverOrder": {"orderId": ORDER, "code": "4711"},
}


def of(order_id: UUID, **more: Any) -> dict[str, Any]:
    return {"input": {"orderId": opaque("StoreOrder", order_id)} | more}


async def test_an_order_from_the_queue_to_ready(doors: Doors, clock: TestClock) -> None:
    order = await make_order(consumer=await make_consumer("Aino Maria Virtanen"))
    staff = staff_of(order)
    (queued,) = (await doors.run("store", "StoreOrderQueue", actor=staff)).result()
    assert (queued["number"], queued["stage"], queued["customer"]) == (order.number, "PLACED", "Aino V.")
    assert (queued["goods"], queued["acceptBy"]) == ({"amount": "15.00", "currency": "EUR"}, "2026-06-10T09:08:00.000Z")
    assert (queued["pickupCode"], [line["quantity"] for line in queued["lines"]]) == ("4711", [1])

    for operation, more, stage in (
        ("AcceptOrder", {"readyAt": LATER, "deviceAt": "2026-06-10T08:59:58Z"}, "ACCEPTED"),
        ("MoveOrderReadyTime", {"readyAt": "2026-06-10T09:40:00Z"}, "ACCEPTED"),
        ("StartPreparingOrder", {}, "PREPARING"),
        ("MarkOrderReady", {}, "READY"),
    ):
        told = (await doors.run("store", operation, of(order.id, **more), actor=staff)).result()
        assert (told["__typename"], told["order"]["stage"]) == (f"{operation}Success", stage)
    one = (await doors.run("store", "StoreOrder", {"id": opaque("StoreOrder", order.id)}, actor=staff)).result()
    assert (one["stage"], one["readyAt"]) == ("READY", "2026-06-10T09:00:00.000Z")


async def test_the_queue_holds_what_is_in_the_stores_hands_and_nothing_else(doors: Doors) -> None:
    seller = await make_store()
    for stage in S:
        await make_order(stage, store=seller)
    await make_order()
    staff = await make_staff(seller.id)
    queue = (await doors.run("store", "StoreOrderQueue", actor=staff)).result()
    assert sorted(order["stage"] for order in queue) == ["ACCEPTED", "PLACED", "PREPARING", "READY", "SCHEDULED"]


async def test_what_comes_too_late_is_a_problem_with_the_present_stage(doors: Doors, clock: TestClock) -> None:
    order, done = await make_order(), await make_order(S.HANDED_OVER)
    clock.move(minutes=9)
    before = await picture()

    told = (await doors.run("store", "AcceptOrder", of(order.id), actor=staff_of(order))).result()
    assert (told["__typename"], told["stage"], told["acceptBy"]) == (
        "OrderNotAcceptableProblem",
        "PLACED",
        "2026-06-10T09:08:00.000Z",
    )
    for operation, more in (("StartPreparingOrder", {}), ("MarkOrderReady", {}), ("RejectOrder", {"reason": "CLOSING"})):
        told = (await doors.run("store", operation, of(done.id, **more), actor=staff_of(done))).result()
        assert (told["__typename"], told["stage"]) == ("StoreOrderCannotMoveProblem", "HANDED_OVER")
    assert await picture() == before


async def test_a_ready_time_out_of_reach_is_a_problem_with_its_limits(doors: Doors) -> None:
    order = await make_order()
    before = await picture()
    told = (await doors.run("store", "AcceptOrder", of(order.id, readyAt="2026-06-11T09:00:00Z"), actor=staff_of(order))).result()
    assert (told["__typename"], told["latest"]) == ("ReadyTimeOutOfReachProblem", "2026-06-10T12:00:00.000Z")
    assert await picture() == before


async def test_a_collected_order_asks_for_its_code(doors: Doors) -> None:
    order = await make_order(S.READY, fulfilment=Fulfilment.COLLECTION)
    staff = staff_of(order)
    (queued,) = (await doors.run("store", "StoreOrderQueue", actor=staff)).result()
    assert queued["pickupCode"] is None
    wrong = (await doors.run("store", "HandOverOrder", of(order.id, code="1"), actor=staff)).result()
    assert wrong["__typename"] == "CollectionCodeWrongProblem"
    right = (await doors.run("store", "HandOverOrder", of(order.id, code="4711"), actor=staff)).result()
    assert right["order"]["stage"] == "DELIVERED"
    carried = await make_order(S.READY)
    told = (await doors.run("store", "HandOverOrder", of(carried.id, code="4711"), actor=staff_of(carried))).result()
    assert told["__typename"] == "OrderNotForCollectionProblem"


@pytest.mark.parametrize("operation", sorted(INPUTS))
async def test_the_order_of_another_store_is_not_found(doors: Doors, operation: str) -> None:
    order, other = await make_order(), await make_order()
    before = await picture()
    variables = {"input": INPUTS[operation] | {"orderId": opaque("StoreOrder", order.id)}}
    assert (await doors.run("store", operation, variables, actor=staff_of(other))).codes == ["NOT_FOUND"]
    variables = {"input": INPUTS[operation] | {"orderId": opaque("Order", order.id)}}
    assert (await doors.run("store", operation, variables, actor=staff_of(order))).codes == ["BAD_REQUEST"]
    assert await picture() == before


@pytest.mark.parametrize("operation", [*sorted(INPUTS), "StoreOrder", "StoreOrderQueue"])
async def test_only_staff_is_let_in(doors: Doors, operation: str) -> None:
    variables = {"input": INPUTS[operation]} if operation in INPUTS else {"id": ORDER} if operation == "StoreOrder" else {}
    assert (await doors.run("store", operation, variables)).codes == ["UNAUTHENTICATED"]
    for stranger in (await make_consumer(), await make_courier(), await make_agent()):
        assert (await doors.run("store", operation, variables, actor=stranger)).codes == ["UNAUTHENTICATED"]


async def test_the_queue_is_followed(doors: Doors, address: str) -> None:
    order = await make_order()
    staff = staff_of(order)
    async with line_to(address, "store") as line:
        await line.open(staff)
        await line.subscribe("q", document("store", "StoreOrderQueueChanged"))
        first = (await line.hear())["payload"]["data"]["storeOrderQueueChanged"]
        assert [one["stage"] for one in first] == ["PLACED"]
        await doors.run("store", "RejectOrder", of(order.id, reason="TOO_BUSY"), actor=staff)
        assert (await line.hear())["payload"]["data"]["storeOrderQueueChanged"] == []


async def test_the_queue_costs_three_statements_however_long_it_is(doors: Doors, statements: Statements) -> None:
    seller = await make_store()
    staff = await make_staff(seller.id)
    for length in (1, 4):
        for _ in range(length):
            await make_order(store=seller)
        statements.clear()
        assert (await doors.run("store", "StoreOrderQueue", actor=staff)).errors == []
        assert await statements.count() == 3
