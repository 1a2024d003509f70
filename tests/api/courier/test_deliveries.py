"""A courier's day through the door: every shipped document, what each refusal says, and who is not let in."""

import json
from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.dispatch.operations import offer_jobs
from services.dispatch.rules import DeliveryState
from services.kernel.actors import Courier
from tests.api.apps import CONTRACTS, Doors, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.dispatch import (
    DOOR_PLACE,
    away,
    job_of,
    make_courier_on_shift,
    make_delivery,
    make_searching,
    offer_to,
    picture,
    put,
)
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.orders import DOOR
from tests.factories.stores import RAILWAY_SQUARE

D = DeliveryState
NOBODY_S = UUID(int=7)
STOP, OFFER, DELIVERY = opaque("Stop", NOBODY_S), opaque("JobOffer", NOBODY_S), opaque("Delivery", NOBODY_S)
INPUTS: dict[str, dict[str, Any]] = {
    "AcceptJob": {"offerId": OFFER},
    "ArriveAtStop": {"stopId": STOP},
    "CollectOrders": {"stopId": STOP, "codes": ["4711"]},
    "DeclineJob": {"offerId": OFFER, "reason": ""},
    "DeliverOrders": {"stopId": STOP, "pin": "0000"},
    "NoteContactAttempt": {"stopId": STOP},
    "ReportUndeliverable": {"stopId": STOP, "reason": "gone"},
    "ReturnJob": {"deliveryId": DELIVERY, "reason": "flat tyre"},
    "SendPositions": {"points": []},
    "SetOut": {"stopId": STOP},
    "StartShift": {"vehicle": "CAR"},
}
WITHOUT_INPUT = ["CourierWork", "EndShift"]


def variables_of(operation: str) -> dict[str, Any]:
    return {"input": INPUTS[operation]} if operation in INPUTS else {}


async def press(doors: Doors, courier: Courier, operation: str, **said: Any) -> Any:
    return (await doors.run("courier", operation, {"input": said}, actor=courier)).result()


def point(place: tuple[float, float], taken_at: str) -> dict[str, Any]:
    return {"latitude": place[0], "longitude": place[1], "accuracyM": 5.0, "takenAt": taken_at}


async def test_a_shift_begins_and_positions_are_believed_or_counted(doors: Doors, clock: TestClock) -> None:
    courier = await make_courier()
    started = await press(doors, courier, "StartShift", vehicle="BICYCLE")
    assert started["work"] == {"online": True, "missesInRow": 0, "offer": None, "delivery": None}
    sent = await press(
        doors,
        courier,
        "SendPositions",
        points=[
            point(away(RAILWAY_SQUARE, north=250), "2026-06-10T08:59:58Z"),
            point((42.5, 24.9), "2026-06-10T09:00:00Z"),
            point(RAILWAY_SQUARE, "2026-06-10T07:00:00Z"),
        ],
    )
    assert sent["accepted"] == 1
    assert sent["refused"] == [{"fault": "STALE", "count": 1}, {"fault": "TOO_FAST", "count": 1}]


async def test_an_offer_shows_no_door_before_a_yes(doors: Doors) -> None:
    courier = await make_courier_on_shift(away(RAILWAY_SQUARE, north=250))
    job = await make_searching()
    await offer_jobs()
    work = (await doors.run("courier", "CourierWork", actor=courier)).result()
    offer = work["offer"]
    assert (offer["expiresAt"], offer["distanceM"], work["delivery"]) == ("2026-06-10T09:00:30.000Z", 250, None)
    assert offer["stops"] == [
        {"kind": "PICKUP", "name": job.stops[0].name, "postcode": "00100"},
        {"kind": "DROPOFF", "name": None, "postcode": "00100"},
    ]
    assert DOOR.street not in json.dumps(work)
    assert DOOR.note not in json.dumps(work)


async def test_a_ride_from_the_yes_to_the_end_of_the_shift(doors: Doors) -> None:
    job = await make_delivery(D.OFFERED)
    courier, offer = job.rider, {"id": opaque("JobOffer", (await offer_to(job.rider)).id)}
    taken = (await press(doors, courier, "AcceptJob", offerId=offer["id"]))["delivery"]
    assert (taken["state"], taken["pay"]) == ("ASSIGNED", {"amount": "4.40", "currency": "EUR"})
    assert [stop["address"]["street"] for stop in taken["stops"]] == [job.stops[0].address.street, DOOR.street]
    assert [len(stop["orders"]) for stop in taken["stops"]] == [1, 1]
    pickup, door = (stop["id"] for stop in taken["stops"])
    for operation, said, state in (
        ("SetOut", {"stopId": pickup}, "TO_PICKUP"),
        ("ArriveAtStop", {"stopId": pickup, "deviceAt": "2026-06-10T09:00:00Z"}, "AT_PICKUP"),
        ("CollectOrders", {"stopId": pickup, "codes": ["4711"]}, "PICKED_UP"),
        ("SetOut", {"stopId": door}, "TO_DROPOFF"),
        ("ArriveAtStop", {"stopId": door}, "AT_DROPOFF"),
        ("DeliverOrders", {"stopId": door, "pin": job.delivery.drop_off_pin}, "DELIVERED"),
    ):
        await put(courier, RAILWAY_SQUARE if said["stopId"] == pickup else DOOR_PLACE)
        told = await press(doors, courier, operation, **said)
        assert (told["__typename"], told["delivery"]["state"]) == (f"{operation}Success", state)
    ended = (await doors.run("courier", "EndShift", actor=courier)).result()
    assert ended["work"] == {"online": False, "missesInRow": 0, "offer": None, "delivery": None}


async def test_every_refusal_is_a_problem_that_says_how_it_stands(doors: Doors, clock: TestClock) -> None:
    job = await make_delivery(D.TO_PICKUP, orders=2)
    first, second, door = (opaque("Stop", stop.id) for stop in job.stops)
    await put(job.rider, away(RAILWAY_SQUARE, north=300))
    before = await picture()
    for operation, said, problem in (
        ("ArriveAtStop", {"stopId": first}, {"__typename": "NotAtStopProblem", "metres": 300}),
        ("SetOut", {"stopId": second}, {"__typename": "StopNotNextProblem", "state": "WAITING", "nextStopId": first}),
        ("DeliverOrders", {"stopId": door, "pin": "0000"}, {"__typename": "StopNotNextProblem", "state": "WAITING"}),
        ("NoteContactAttempt", {"stopId": door}, {"__typename": "StopNotNextProblem", "nextStopId": first}),
        (
            "CollectOrders",
            {"stopId": first, "codes": ["4711"]},
            {"__typename": "DeliveryCannotMoveProblem", "deliveryState": "TO_PICKUP", "to": "PICKED_UP"},
        ),
    ):
        told = await press(doors, job.rider, operation, **said)
        assert problem.items() <= told.items(), told
        assert told["message"]
    assert (await doors.run("courier", "EndShift", actor=job.rider)).result()["__typename"] == "ShiftHasWorkProblem"
    assert await picture() == before


async def test_refusals_at_the_counter_and_at_the_door(doors: Doors, clock: TestClock) -> None:
    counter, door = await make_delivery(D.AT_PICKUP), await make_delivery(D.AT_DROPOFF)
    told = await press(doors, counter.rider, "CollectOrders", stopId=opaque("Stop", counter.stops[0].id), codes=["0"])
    assert (told["__typename"], told["triesLeft"], told["lockedUntil"]) == ("PickupCodeWrongProblem", 4, None)
    stop = opaque("Stop", door.door.id)
    pin = f"{(int(door.delivery.drop_off_pin) + 1) % 10_000:04}"
    told = await press(doors, door.rider, "DeliverOrders", stopId=stop, pin=pin)
    assert (told["__typename"], told["triesLeft"]) == ("DropOffPinWrongProblem", 4)
    told = await press(doors, door.rider, "ReportUndeliverable", stopId=stop, reason="nobody opens")
    assert (told["waitUntil"], told["contactAttemptsLeft"]) == ("2026-06-10T09:08:00.000Z", 2)
    for count in (1, 2):
        told = await press(doors, door.rider, "NoteContactAttempt", stopId=stop)
        assert told["stop"] == {"id": stop, "contactAttempts": count}
    clock.move(minutes=8)
    told = await press(doors, door.rider, "ReportUndeliverable", stopId=stop, reason="nobody opens")
    assert told["delivery"]["state"] == "UNDELIVERABLE"


async def test_offers_are_declined_given_back_and_over(doors: Doors, clock: TestClock) -> None:
    job = await make_delivery(D.OFFERED)
    offer = opaque("JobOffer", (await offer_to(job.rider)).id)
    told = await press(doors, job.rider, "DeclineJob", offerId=offer, reason="too far")
    assert told == {"__typename": "DeclineJobSuccess", "declinedAt": "2026-06-10T09:00:00.000Z"}
    told = await press(doors, job.rider, "AcceptJob", offerId=offer)
    assert (told["__typename"], told["state"]) == ("OfferOverProblem", "DECLINED")

    other = await make_delivery(D.ASSIGNED, purchase=job.purchase)
    delivery = opaque("Delivery", other.delivery.id)
    told = await press(doors, other.rider, "ReturnJob", deliveryId=delivery, reason="flat tyre")
    assert told["__typename"] == "ReturnJobSuccess"
    assert (
        await doors.run("courier", "ReturnJob", {"input": INPUTS["ReturnJob"] | {"deliveryId": delivery}}, actor=other.rider)
    ).codes == ["NOT_FOUND"]
    late = await make_courier()
    told = await press(doors, late, "SendPositions", points=[])
    assert told["__typename"] == "NotOnShiftProblem"


@pytest.mark.parametrize("operation", sorted(INPUTS.keys() - {"StartShift", "SendPositions"}))
async def test_what_is_another_couriers_is_not_found(doors: Doors, operation: str) -> None:
    job = await make_delivery(D.OFFERED if "offerId" in INPUTS[operation] else D.AT_DROPOFF)
    stranger = await make_courier_on_shift()
    own = {"deliveryId": opaque("Delivery", job.delivery.id), "stopId": opaque("Stop", job.door.id)}
    if "offerId" in INPUTS[operation]:
        own["offerId"] = opaque("JobOffer", (await offer_to(job.rider)).id)
    said = INPUTS[operation] | {name: value for name, value in own.items() if name in INPUTS[operation]}
    before = await picture()
    assert (await doors.run("courier", operation, {"input": said}, actor=stranger)).codes == ["NOT_FOUND"]
    # The same thing under another noun's name is no id at all.
    said |= {name: opaque("Order", job.door.id) for name in own if name in said}
    assert (await doors.run("courier", operation, {"input": said}, actor=job.rider)).codes == ["BAD_REQUEST"]
    assert await picture() == before


@pytest.mark.parametrize("operation", [*sorted(INPUTS), *WITHOUT_INPUT])
async def test_only_a_signed_in_courier_is_let_in(doors: Doors, operation: str) -> None:
    before = await picture()
    assert (await doors.run("courier", operation, variables_of(operation))).codes == ["UNAUTHENTICATED"]
    for stranger in (await make_consumer(), await make_staff(), await make_agent()):
        told = await doors.run("courier", operation, variables_of(operation), actor=stranger)
        assert told.codes == ["UNAUTHENTICATED"]
    assert await picture() == before


def test_every_shipped_document_is_tried_here_or_with_the_account() -> None:
    shipped = {path.stem for path in (CONTRACTS / "courier" / "operations").glob("*.graphql")}
    account = {name for name in shipped if "Session" in name or "Sign" in name or "Push" in name or name == "CourierViewer"}
    assert shipped - account == {*INPUTS, *WITHOUT_INPUT, "CourierWorkChanged"}


async def test_absurd_positions_are_counted_or_refused(doors: Doors) -> None:
    courier = await make_courier_on_shift(None)
    before = await picture()
    too_many = [point(RAILWAY_SQUARE, "2026-06-10T09:00:00Z")] * 251
    assert (await doors.run("courier", "SendPositions", {"input": {"points": too_many}}, actor=courier)).codes == ["BAD_REQUEST"]
    for latitude in ("NaN", True, None, "60"):
        said = {"points": [point(RAILWAY_SQUARE, "2026-06-10T09:00:00Z") | {"latitude": latitude}]}
        assert (await doors.run("courier", "SendPositions", {"input": said}, actor=courier)).errors != []
    said = {"points": [point((1e308, -1e308), "2026-06-10T09:00:00Z"), point(RAILWAY_SQUARE, "2036-06-10T09:00:00Z")]}
    told = (await doors.run("courier", "SendPositions", {"input": said}, actor=courier)).result()
    assert told["accepted"] == 0
    assert await picture() == before


async def test_work_is_followed_from_offer_to_nothing(doors: Doors, address: str) -> None:
    courier = await make_courier_on_shift()
    async with line_to(address, "courier") as line:
        await line.open(courier)
        await line.subscribe("w", document("courier", "CourierWorkChanged"))

        async def work() -> Any:
            return (await line.hear())["payload"]["data"]["courierWorkChanged"]

        assert (await work())["offer"] is None
        job = await make_searching()
        await offer_jobs()
        offer = (await work())["offer"]
        assert offer["distanceM"] == 0
        await press(doors, courier, "AcceptJob", offerId=offer["id"])
        told = await work()
        assert (told["offer"], told["delivery"]["state"]) == (None, "ASSIGNED")
        given = opaque("Delivery", job.delivery.id)
        await press(doors, courier, "ReturnJob", deliveryId=given, reason="flat tyre")
        assert (await work())["delivery"] is None


async def test_work_costs_as_much_for_many_stops_as_for_few(doors: Doors, statements: Statements) -> None:
    counts = []
    for orders in (1, 3):
        job = await make_delivery(D.ASSIGNED, orders=orders)
        statements.clear()
        assert (await doors.run("courier", "CourierWork", actor=job.rider)).errors == []
        counts.append(await statements.count())
        assert len((await job_of(job.delivery.id)).stops) == orders + 1
    # The courier, their offer, the delivery, its stops, the orders at them.
    assert counts == [5, 5]
