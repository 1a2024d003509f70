"""Between the acts: somebody who has no store opens one, far from where the play goes on, with a team of her own."""

from datetime import timedelta
from typing import Any

from mobile_contracts.phones.people import consumer_number
from mobile_contracts.rehearsal.accounts import Cast, sign_in
from mobile_contracts.rehearsal.device import Device, Stage
from mobile_contracts.rehearsal.notes import Json
from mobile_contracts.rehearsal.tablets import menu

NOBODY = consumer_number(899_990)
TAMPERE = {"latitude": 61.4978, "longitude": 23.7610}
BEGINNING = {
    "legalName": "Ida Oy",
    "kind": "RESTAURANT",
    "name": "Idan keittiö",
    "category": "cafe",
    "country": "FI",
    "position": TAMPERE,
}
WORDS = {
    "name": "Idan keittiö",
    "story": "Soup since this morning.",
    "category": "cafe",
    "cuisines": ["finnish"],
    "street": "Hämeenkatu",
    "housenumber": "1",
    "postcode": "33100",
    "city": "Tampere",
}
EVERY_DAY = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
NIGHTS = {"days": ["FR", "SA"], "opens": "18:00", "closes": "02:00"}
LUNCH = {"days": ["MO", "TU", "WE", "TH", "FR"], "opens": "11:00", "closes": "15:00"}
CHRISTMAS = {"firstDay": "2026-12-24", "lastDay": "2026-12-26", "windows": []}
RUSH = {"days": EVERY_DAY, "opens": "11:30", "closes": "13:00", "minutes": 35}
TAKING: Json = {
    "autoAccept": False,
    "preparationMinutes": 15,
    "preparationWindows": [RUSH],
    "lastOrderMinutes": 30,
    "capacityOrders": 8,
    "capacityValue": {"amount": "250.00", "currency": "EUR"},
}


def _euros(amount: str) -> Json:
    return {"amount": amount, "currency": "EUR"}


FEES: Json = {
    "bands": [{"upToM": 1_000, "fee": _euros("1.50")}, {"upToM": 3_000, "fee": _euros("2.50")}],
    "beyond": _euros("3.90"),
    "freeFrom": _euros("25.00"),
    "smallBasketBelow": _euros("12.00"),
    "smallBasketAtMost": _euros("1.50"),
}


async def open_a_store(cast: Cast) -> None:
    """From nobody to a live store with a team, a page and hours of its own."""
    ida = _somebody_new(cast.consumer.stage, 0, "Ida Salo")
    draft = await _begin(ida)
    await _get_ready(ida)
    page = await cast.consumer.ask("StorePage", slug=draft["slug"])
    ida.knows["page"] = page["store"]["id"]
    await _take_orders(ida)
    await _gather_a_team(ida)


def _somebody_new(stage: Stage, place: int, name: str) -> Device:
    """Who was in no play before, in this house."""
    return Device(stage, "store", consumer_number(899_900 + 2 * stage.times_before + place), name, "ANDROID")


async def _begin(ida: Device) -> Json:
    proof = await ida.stage.gateway.id_token("store", ida.number, ida.name)
    draft: Json = (await ida.say("OpenStore", key="ida's store", idToken=proof, **BEGINNING))["store"]
    await ida.refused("OpenStore", "KeyReusedProblem", key="ida's store", idToken=proof, **(BEGINNING | {"name": "Other"}))
    await ida.refused("OpenStore", "IdTokenNotAcceptedProblem", key="another", idToken="not a token", **BEGINNING)
    await sign_in(ida)
    return draft


async def _get_ready(ida: Device) -> None:
    await ida.ask("OpeningChecklist")
    await ida.refused("GoLive", "StoreNotReadyProblem")
    await ida.say("DescribeStore", **WORDS)
    await ida.ask("StorePresentation")
    await ida.say("ReplaceMenu", currency="EUR", menus=menu())
    await ida.say("ChangeStoreWeek", windows=[LUNCH, NIGHTS], specialDays=[CHRISTMAS])
    overlapping = [LUNCH, LUNCH | {"opens": "14:00", "closes": "16:00"}]
    await ida.refused("ChangeStoreWeek", "WeekNotAllowedProblem", windows=overlapping)
    await ida.say("GoLive")


async def _take_orders(ida: Device) -> None:
    now = ida.stage.gateway.pace.now
    await ida.say("PauseStore", length="HALF_AN_HOUR")
    await ida.say("ResumeStore")
    await ida.say("StartBusyTime", extraMinutes=20, until=(now() + timedelta(hours=2)).isoformat())
    await ida.refused("StartBusyTime", "BusyNotAllowedProblem", extraMinutes=20, until=(now() + timedelta(days=2)).isoformat())
    await ida.say("EndBusyTime")
    await ida.say("ChangeOrderTaking", **TAKING)
    clash = TAKING | {"preparationWindows": [RUSH, RUSH]}
    await ida.refused("ChangeOrderTaking", "PreparationTableNotAllowedProblem", **clash)
    await ida.say("ChangeDelivery", **_delivery(_ring()))
    await ida.refused("ChangeDelivery", "DeliveryAreaNotAllowedProblem", **_delivery(_ring()[:-1]))
    fees = await ida.say("ChangeDeliveryFees", fees=FEES)
    dearer_near = FEES | {"beyond": _euros("1.00")}
    await ida.refused("ChangeDeliveryFees", "DeliveryFeesNotAllowedProblem", fees=dearer_near)
    await ida.say("ChangeDeliveryFees", fees=None, tag=fees["store"]["deliveryFeesTag"])
    seen = {"fees": FEES, "tag": fees["store"]["deliveryFeesTag"]}
    await ida.refused("ChangeDeliveryFees", "DeliveryFeesChangedProblem", **seen)


def _ring() -> list[dict[str, float]]:
    steps = ((-0.02, -0.03), (-0.02, 0.03), (0.02, 0.03), (0.02, -0.03), (-0.02, -0.03))
    return [
        {"latitude": round(TAMPERE["latitude"] + north, 4), "longitude": round(TAMPERE["longitude"] + east, 4)}
        for north, east in steps
    ]


def _delivery(ring: list[dict[str, float]]) -> dict[str, Any]:
    return {"radiusM": 3_000, "area": ring, "minimumBasket": {"amount": "10.00", "currency": "EUR"}}


async def _gather_a_team(ida: Device) -> None:
    """Onni is asked and comes; somebody else is asked in vain; Onni becomes a clerk and leaves."""
    onni = _somebody_new(ida.stage, 1, "Onni Laine")
    await ida.say("InviteStaff", phone=onni.number, role="MANAGER", locale="fi")
    vain = (await ida.say("InviteStaff", phone=NOBODY, role="CLERK", locale="en"))["invitation"]
    await sign_in(onni)
    await ida.refused("InviteStaff", "AlreadyStaffProblem", phone=onni.number, role="CLERK", locale="fi")
    team = await ida.ask("StoreTeam")
    await ida.say("WithdrawStaffInvitation", invitationId=vain["id"])
    by_role = {member["role"]: member["id"] for member in team["members"]}
    await ida.refused("ChangeStaffRole", "LastOwnerProblem", personId=by_role["OWNER"], role="CLERK")
    await ida.refused("RemoveStaff", "LastOwnerProblem", personId=by_role["OWNER"])
    await ida.say("ChangeStaffRole", personId=by_role["MANAGER"], role="CLERK")
    await ida.say("RemoveStaff", personId=by_role["MANAGER"])
