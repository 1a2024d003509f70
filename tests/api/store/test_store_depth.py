"""Windows, busy times, order taking and areas through the tablet's door; and what consumers are told of them."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.kernel.actors import StaffRole
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.carts import make_cart
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint

NIGHTS = {"days": ["FR", "SA"], "opens": "18:00", "closes": "02:00"}
WEEK: dict[str, Any] = {
    "windows": [{"days": ["MO", "TU", "WE", "TH"], "opens": "10:00", "closes": "21:00"}, NIGHTS],
    "specialDays": [{"firstDay": "2026-12-24", "lastDay": "2026-12-26", "windows": []}],
}
TAKING: dict[str, Any] = {
    "autoAccept": True,
    "preparationMinutes": 15,
    "preparationWindows": [{"days": ["WE"], "opens": "11:00", "closes": "14:00", "minutes": 35}],
    "capacityOrders": 1,
    "capacityValue": {"amount": "100", "currency": "EUR"},
}
CORNERS = [(60.16, 24.92), (60.16, 24.96), (60.18, 24.96), (60.18, 24.92), (60.16, 24.92)]
RING = [{"latitude": lat, "longitude": lon} for lat, lon in CORNERS]
DELIVERY: dict[str, Any] = {"radiusM": 1_000, "area": RING, "minimumBasket": {"amount": "12.00", "currency": "EUR"}}


async def test_a_week_goes_in_and_comes_back_as_it_was(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)

    changed = (await doors.run("store", "ChangeStoreWeek", {"input": WEEK}, actor=staff)).result()["store"]

    # The night of that Saturday would reach into the 27th, if nothing were said of it.
    assert changed["openingHours"] == "Mo-Th 10:00-21:00, Fr-Sa 18:00-02:00; 2026 Dec 24-2026 Dec 27 off"
    assert changed["week"] == {**WEEK, "closedOnPublicHolidays": False}
    told = (await doors.run("store", "StoreProfile", actor=staff)).result()
    assert told["week"] == changed["week"]
    free = {"input": {"openingHours": "Mo-Fr sunrise-sunset"}}
    assert (await doors.run("store", "ChangeStoreHours", free, actor=staff)).result()["store"]["week"] is None


async def test_pauses_of_one_tap_and_busy_times(doors: Doors) -> None:
    staff = await make_staff((await make_store(preparation_minutes=10)).id, StaffRole.CLERK)

    for length, end in (("HALF_AN_HOUR", "09:30"), ("AN_HOUR", "10:00")):
        paused = (await doors.run("store", "PauseStore", {"input": {"length": length}}, actor=staff)).result()["store"]
        assert paused["pausedUntil"] == f"2026-06-10T{end}:00.000Z"
    day = (await doors.run("store", "PauseStore", {"input": {"length": "A_DAY"}}, actor=staff)).result()["store"]
    assert day["pausedUntil"] == "2026-06-11T09:00:00.000Z"
    assert (await doors.run("store", "PauseStore", {"input": {}}, actor=staff)).codes == ["BAD_REQUEST"]
    busy = {"input": {"extraMinutes": 20, "until": "2026-06-10T11:00:00Z"}}
    told = (await doors.run("store", "StartBusyTime", busy, actor=staff)).result()["store"]
    assert (told["busyMinutes"], told["busyUntil"], told["preparationMinutesNow"]) == (20, "2026-06-10T11:00:00.000Z", 30)
    over = (await doors.run("store", "EndBusyTime", actor=staff)).result()["store"]
    assert (over["busyMinutes"], over["busyUntil"], over["preparationMinutesNow"]) == (0, None, 10)


async def test_order_taking_and_delivery_are_told_back(doors: Doors) -> None:
    store = await make_store()
    staff = await make_staff(store.id, StaffRole.MANAGER)

    taking = (await doors.run("store", "ChangeOrderTaking", {"input": TAKING}, actor=staff)).result()["store"]
    delivery = (await doors.run("store", "ChangeDelivery", {"input": DELIVERY}, actor=staff)).result()["store"]

    assert taking["preparationWindows"] == TAKING["preparationWindows"]
    assert (taking["autoAccept"], taking["preparationMinutesNow"], taking["capacityOrders"]) == (True, 35, 1)
    assert (taking["capacityValue"], taking["lastOrderMinutes"]) == ({"amount": "100.00", "currency": "EUR"}, None)
    assert (delivery["deliveryArea"], delivery["minimumBasket"]["amount"]) == (RING, "12.00")
    assert delivery["deliveryRadiusM"] == 1_863
    shown = (await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})).result()
    assert (shown["preparationMinutes"], shown["minimumBasket"]["amount"]) == (35, "12.00")


@pytest.mark.parametrize(
    ("operation", "said", "problem", "fact"),
    [
        ("ChangeStoreWeek", WEEK | {"closedOnPublicHolidays": True}, "WeekNotAllowedProblem", {"fault": "HOLIDAYS_AND_MIDNIGHT"}),
        (
            "StartBusyTime",
            {"extraMinutes": 121, "until": "2026-06-10T11:00:00Z"},
            "BusyNotAllowedProblem",
            {"mostMinutes": 120, "latest": "2026-06-11T09:00:00.000Z"},
        ),
        (
            "ChangeOrderTaking",
            TAKING | {"preparationWindows": TAKING["preparationWindows"] * 2},
            "PreparationTableNotAllowedProblem",
            {"mostWindows": 50},
        ),
        ("ChangeDelivery", DELIVERY | {"area": RING[:-1]}, "DeliveryAreaNotAllowedProblem", {"fault": "NOT_CLOSED"}),
    ],
)
async def test_what_cannot_be_is_told_as_a_problem_and_changes_nothing(
    doors: Doors, operation: str, said: dict[str, Any], problem: str, fact: dict[str, Any]
) -> None:
    staff = await make_staff((await make_store()).id)
    before = await fingerprint()

    told = (await doors.run("store", operation, {"input": said}, actor=staff)).result()

    assert told["__typename"] == problem
    assert fact.items() <= told.items()
    assert await fingerprint() == before


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("ChangeStoreWeek", {"windows": [NIGHTS | {"opens": "25:00"}]}),
        ("ChangeStoreWeek", {"windows": [NIGHTS | {"days": []}]}),
        ("ChangeStoreWeek", {"windows": [], "specialDays": [WEEK["specialDays"][0] | {"firstDay": "Christmas"}]}),
        ("ChangeOrderTaking", TAKING | {"capacityValue": {"amount": "100", "currency": "SEK"}}),
        ("ChangeDelivery", DELIVERY | {"area": None, "radiusM": 31_000}),
    ],
)
async def test_what_nobody_can_mean_is_a_bad_request(doors: Doors, operation: str, said: dict[str, Any]) -> None:
    staff = await make_staff((await make_store()).id)
    before = await fingerprint()
    assert (await doors.run("store", operation, {"input": said}, actor=staff)).codes == ["BAD_REQUEST"]
    assert await fingerprint() == before


async def test_a_consumer_is_told_of_a_full_slot_and_the_next(doors: Doors) -> None:
    store = await make_store(preparation_minutes=10, capacity_orders=1)
    item = await make_item(store)
    first, second = await make_cart(item), await make_cart(item)
    quote = (await doors.run("consumer", "QuoteCart", actor=first.consumer)).result()["quote"]
    late = (await doors.run("consumer", "QuoteCart", actor=second.consumer)).result()["quote"]
    buying = {"quoteId": quote["id"], "method": "card_ok", "key": "k"}
    await doors.run("consumer", "CheckOut", {"input": buying}, actor=first.consumer)

    told = (await doors.run("consumer", "CheckOut", {"input": buying | {"quoteId": late["id"]}}, actor=second.consumer)).result()
    asked = (await doors.run("consumer", "QuoteCart", actor=second.consumer)).result()

    full = {"slot": "2026-06-10T09:15:00.000Z", "nextSlot": "2026-06-10T09:30:00.000Z"}
    assert (told["__typename"], told["store"]["name"]) == ("StoreAtCapacityProblem", store.name)
    assert full.items() <= told.items()
    assert full.items() <= asked.items()


async def test_statements(doors: Doors, statements: Statements) -> None:
    staff = await make_staff((await make_store()).id)
    counts = {}
    for operation, said in {
        "ChangeStoreWeek": WEEK,
        "StartBusyTime": {"extraMinutes": 20, "until": "2026-06-10T11:00:00Z"},
        "EndBusyTime": None,
        "ChangeOrderTaking": TAKING,
        "ChangeDelivery": DELIVERY,
        "DescribeStore": {"name": "Kitchen", "street": "Kaivokatu", "postcode": "00100", "city": "Helsinki"},
        "GoLive": None,
        "OpeningChecklist": None,
        "StorePresentation": None,
        "StoreTeam": None,
        "InviteStaff": {"phone": "+358401239107", "role": "CLERK"},
    }.items():
        statements.clear()
        told = await doors.run("store", operation, {"input": said} if said else None, actor=staff)
        assert told.errors == []
        counts[operation] = await statements.count()
    assert counts == {
        "ChangeStoreWeek": 4,
        "StartBusyTime": 4,
        "EndBusyTime": 4,
        "ChangeOrderTaking": 5,
        "ChangeDelivery": 5,
        "DescribeStore": 7,
        "GoLive": 2,
        "OpeningChecklist": 1,
        "StorePresentation": 2,
        "StoreTeam": 2,
        "InviteStaff": 6,
    }
