"""Fourth act: what a store answers to orders."""

from datetime import timedelta

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device
from mobile_contracts.rehearsal.notes import Json
from mobile_contracts.rehearsal.shopping import order


async def refuse_one(cast: Cast, stores: list[Json]) -> None:
    """An order comes while the tablet watches, and is refused."""
    tablet = cast.tablets[0]
    async with tablet.following("StoreOrderQueueChanged") as next_one:
        await next_one()
        await order(cast, stores[0])
        while not (queue := await next_one()):
            pass
    refused = queue[0]["id"]
    await tablet.say("RejectOrder", orderId=refused, reason="TOO_BUSY")
    await tablet.refused("AcceptOrder", "OrderNotAcceptableProblem", orderId=refused)
    await tablet.refused("StartPreparingOrder", "StoreOrderCannotMoveProblem", orderId=refused)
    await tablet.refused("MarkOrderReady", "StoreOrderCannotMoveProblem", orderId=refused)


async def accept(tablet: Device) -> Json:
    """Take the order that stands in the queue, to be ready in some minutes."""
    queue = await tablet.until("StoreOrderQueue", lambda orders: any(one["stage"] == "PLACED" for one in orders))
    placed = next(one for one in queue if one["stage"] == "PLACED")
    ready_at = tablet.stage.gateway.pace.now() + timedelta(minutes=8)
    accepted: Json = (await tablet.say("AcceptOrder", orderId=placed["id"], readyAt=ready_at.isoformat()))["order"]
    return accepted


async def cook(tablet: Device, accepted: Json) -> Json:
    """From accepted to ready on the counter."""
    await tablet.say("StartPreparingOrder", orderId=accepted["id"])
    ready: Json = (await tablet.say("MarkOrderReady", orderId=accepted["id"]))["order"]
    return ready


async def accept_slowly(tablet: Device) -> Json:
    """Take an order after promising too much, then think better of the promise."""
    now = tablet.stage.gateway.pace.now
    queue = await tablet.until("StoreOrderQueue", lambda orders: any(one["stage"] == "PLACED" for one in orders))
    placed = queue[-1]["id"]
    far = (now() + timedelta(days=2)).isoformat()
    await tablet.refused("AcceptOrder", "ReadyTimeOutOfReachProblem", orderId=placed, readyAt=far)
    accepted = await accept(tablet)
    await tablet.ask("StoreOrder", id=accepted["id"])
    await tablet.refused("MoveOrderReadyTime", "ReadyTimeOutOfReachProblem", orderId=placed, readyAt=far)
    soon = (now() + timedelta(minutes=9)).isoformat()
    await tablet.say("MoveOrderReadyTime", orderId=placed, readyAt=soon)
    await tablet.refused("HandOverOrder", "OrderNotForCollectionProblem", orderId=placed, code="0000")
    return accepted
