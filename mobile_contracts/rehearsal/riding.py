"""Fifth act: couriers decline, return, lose and make deliveries."""

import asyncio
from datetime import timedelta

from mobile_contracts.phones.city_map import Place, metres_between
from mobile_contracts.phones.phone import moment
from mobile_contracts.rehearsal.device import ANSWERS_WITHIN, Device
from mobile_contracts.rehearsal.notes import Json

METRES_PER_SECOND = 25
LOOKS_APART = 10
ACCURACY = 8.0


async def be_at(courier: Device, latitude: float, longitude: float) -> None:
    """Ride there, as fast as positions are believed, and send where one is."""
    pace, before = courier.stage.gateway.pace, courier.knows.get("place")
    place = Place(latitude, longitude)
    metres = metres_between(before, place) if before else 0
    await pace.sleep(metres / METRES_PER_SECOND + 2)
    point = {"latitude": latitude, "longitude": longitude, "accuracyM": ACCURACY, "takenAt": pace.now().isoformat()}
    await courier.say("SendPositions", points=[point])
    courier.knows["place"] = place


async def come_on_shift(courier: Device, near: Json) -> None:
    """Begin to be offered jobs, two streets away from there."""
    await courier.say("StartShift", vehicle="BICYCLE")
    await be_at(courier, near["latitude"] - 0.003, near["longitude"])


async def offered(courier: Device) -> str:
    """The offer that comes; who does not say where they are is not asked for long."""
    pace, place = courier.stage.gateway.pace, courier.knows["place"]
    async with asyncio.timeout(ANSWERS_WITHIN):
        while (work := await courier.ask("CourierWork"))["offer"] is None:
            await pace.sleep(LOOKS_APART)
            await be_at(courier, place.latitude, place.longitude)
    offer: str = work["offer"]["id"]
    courier.knows["offer"] = offer
    return offer


async def take_job(courier: Device) -> Json:
    """Wait for an offer and take it."""
    delivery: Json = (await courier.say("AcceptJob", offerId=await offered(courier)))["delivery"]
    return delivery


async def hesitate(courier: Device) -> None:
    """Be offered a job while watching, and leave it to somebody else."""
    async with courier.following("CourierWorkChanged") as next_one:
        work = await next_one()
        while work["offer"] is None:
            work = await next_one()
        offer = work["offer"]["id"]
        await courier.say("DeclineJob", offerId=offer, reason="too far")
        await next_one()
    await courier.refused("AcceptJob", "OfferOverProblem", offerId=offer)
    await courier.say("EndShift")
    now = courier.stage.gateway.pace.now()
    point = {"latitude": 60.17, "longitude": 24.94, "accuracyM": ACCURACY, "takenAt": now.isoformat()}
    await courier.refused("SendPositions", "NotOnShiftProblem", points=[point])


async def return_it(courier: Device) -> None:
    """Take the job and give it back before anything is picked up."""
    delivery = await take_job(courier)
    await courier.refused("EndShift", "ShiftHasWorkProblem")
    await courier.say("ReturnJob", deliveryId=delivery["id"], reason="flat tyre")
    await courier.refused("DeclineJob", "OfferOverProblem", offerId=courier.knows["offer"])
    await courier.say("EndShift")


async def ride_to(courier: Device, stop: Json) -> Json:
    """Set out, be there, say so."""
    await courier.say("SetOut", stopId=stop["id"])
    position = stop["address"]["position"]
    await be_at(courier, position["latitude"], position["longitude"])
    delivery: Json = (await courier.say("ArriveAtStop", stopId=stop["id"]))["delivery"]
    return delivery


async def try_the_buttons(courier: Device, delivery: Json) -> None:
    """What is refused on the way to the first stop."""
    first, *_, door = delivery["stops"]
    await courier.refused("SetOut", "StopNotNextProblem", stopId=door["id"])
    await courier.refused("NoteContactAttempt", "StopNotNextProblem", stopId=door["id"])
    await courier.refused("CollectOrders", "DeliveryCannotMoveProblem", stopId=first["id"], codes=["0000"])
    await courier.say("SetOut", stopId=first["id"])
    await courier.refused("ArriveAtStop", "NotAtStopProblem", stopId=first["id"])


async def wait_at_the_door(courier: Device, door: Json) -> None:
    """Nobody opens: wait, call, and give up in the end."""
    too_early = await courier.refused("ReportUndeliverable", "CannotGiveUpYetProblem", stopId=door["id"], reason="nobody opened")
    for _ in range(2):
        await courier.say("NoteContactAttempt", stopId=door["id"])
    await courier.stage.gateway.pace.sleep_until(moment(too_early["waitUntil"]) + timedelta(seconds=1))
    await courier.say("ReportUndeliverable", stopId=door["id"], reason="nobody opened")
