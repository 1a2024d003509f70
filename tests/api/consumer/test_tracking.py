"""The way of a purchase as its consumer sees it: the courier only while they work for it, the PIN only while it is of use."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.dispatch.operations import note_contact_attempt, record_positions, report_undeliverable, unassign
from services.dispatch.queries import couriers_on_map
from services.dispatch.rules import DeliveryState
from services.kernel.actors import Consumer
from services.kernel.ids import new_id
from tests.api.apps import Doors, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.dispatch import DOOR_PLACE, Job, away, make_delivery, point, put
from tests.factories.identity import make_consumer
from tests.factories.orders import consumer_of

D = DeliveryState


async def tracking_of(doors: Doors, job: Job) -> Any:
    variables = {"id": opaque("Purchase", job.purchase.id)}
    (tracking,) = (await doors.run("consumer", "Purchase", variables, actor=consumer_of(job.purchase))).result()["tracking"]
    return tracking


@pytest.mark.parametrize(
    ("state", "courier_seen", "pin_told"),
    [
        (D.SEARCHING, False, True),
        (D.OFFERED, False, True),
        (D.ASSIGNED, True, True),
        (D.TO_PICKUP, True, True),
        (D.AT_PICKUP, True, True),
        (D.PICKED_UP, True, True),
        (D.TO_DROPOFF, True, True),
        (D.AT_DROPOFF, True, True),
        (D.DELIVERED, False, False),
    ],
)
async def test_the_courier_is_seen_while_they_work_for_it(
    doors: Doors, state: DeliveryState, *, courier_seen: bool, pin_told: bool
) -> None:
    job = await make_delivery(state)
    tracking = await tracking_of(doors, job)
    assert tracking["state"] == state
    assert tracking["dropOffPin"] == (job.delivery.drop_off_pin if pin_told else None)
    assert [stop["kind"] for stop in tracking["stops"]] == ["PICKUP", "DROPOFF"]
    if courier_seen:
        assert (tracking["courier"]["firstName"], tracking["courier"]["vehicle"]) == ("Mika", "BICYCLE")
        assert tracking["courier"]["lastSeen"]["takenAt"] == "2026-06-10T09:00:00.000Z"
    else:
        assert tracking["courier"] is None


async def test_after_it_was_given_back_or_given_up_the_courier_is_out_of_sight(doors: Doors, clock: TestClock) -> None:
    back, shut = await make_delivery(D.AT_PICKUP), await make_delivery(D.AT_DROPOFF)
    await unassign(back.rider, back.delivery.id, "flat tyre")
    tracking = await tracking_of(doors, back)
    assert (tracking["state"], tracking["courier"]) == ("SEARCHING", None)
    for _ in range(2):
        await note_contact_attempt(shut.rider, shut.door.id)
    clock.move(minutes=8)
    await report_undeliverable(shut.rider, shut.door.id, "nobody opens")
    tracking = await tracking_of(doors, shut)
    assert (tracking["state"], tracking["courier"], tracking["dropOffPin"]) == ("UNDELIVERABLE", None, None)


async def test_another_consumer_sees_nothing(doors: Doors) -> None:
    job = await make_delivery(D.TO_DROPOFF)
    stranger = await make_consumer("Onni Laine")
    variables = {"id": opaque("Purchase", job.purchase.id)}
    assert (await doors.run("consumer", "Purchase", variables, actor=stranger)).codes == ["NOT_FOUND"]
    assert (await doors.run("consumer", "Purchase", variables)).codes == ["UNAUTHENTICATED"]
    assert await couriers_on_map(stranger, [job.purchase.id]) == {}
    assert await couriers_on_map(Consumer(job.rider.person_id, new_id()), [job.purchase.id]) == {}


async def test_the_courier_moves_on_the_followed_map(address: str, clock: TestClock) -> None:
    job = await make_delivery(D.TO_DROPOFF)
    far = away(DOOR_PLACE, north=900)
    await put(job.rider, far)
    async with line_to(address, "consumer") as line:
        await line.open(consumer_of(job.purchase))
        variables = {"purchaseId": opaque("Purchase", job.purchase.id), "afterSequence": 0}
        await line.subscribe("s", document("consumer", "PurchaseUpdated"), variables)

        async def update() -> Any:
            return (await line.hear())["payload"]["data"]["purchaseUpdated"]

        def latitude(told: Any) -> float:
            seen: float = told["purchase"]["tracking"][0]["courier"]["lastSeen"]["position"]["latitude"]
            return seen

        first = await update()
        assert latitude(first) == pytest.approx(far[0])
        for metres in (20, 40):
            clock.move(seconds=4)
            place = away(far, north=metres)
            await record_positions(job.rider, [point(place)])
            told = await update()
            assert latitude(told) == pytest.approx(place[0])
            # A position is no event: nothing to resume from, nothing to repeat.
            assert (told["events"], told["sequence"]) == ([], first["sequence"])

        await put(job.rider, away(DOOR_PLACE, north=300))
        clock.move(seconds=4)
        await record_positions(job.rider, [point(away(DOOR_PLACE, north=290))])
        told = await update()
        assert [event["kind"] for event in told["events"]] == ["CourierNearby"]


async def test_tracking_costs_three_statements_however_many_purchases(doors: Doors, statements: Statements) -> None:
    job = await make_delivery(D.TO_DROPOFF, orders=3)
    variables = {"id": opaque("Purchase", job.purchase.id)}
    statements.clear()
    await doors.run("consumer", "Purchase", variables, actor=consumer_of(job.purchase))
    with_tracking = [query for query in statements.queries if "deliveries" in query or "stops" in query]
    assert len(with_tracking) == 3
