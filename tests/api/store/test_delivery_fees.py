"""A store's own delivery fees through the tablet's door, and wherever consumers are told of them."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.kernel.actors import StaffRole
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.carts import DOOR, make_cart
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint

HERE = {"latitude": DOOR.latitude, "longitude": DOOR.longitude}


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


FEES: dict[str, Any] = {
    "bands": [{"upToM": 300, "fee": euros("0.90")}, {"upToM": 3_000, "fee": euros("2.40")}],
    "beyond": euros("5.90"),
    "freeFrom": euros("30.00"),
    "smallBasketBelow": euros("15.00"),
    "smallBasketAtMost": euros("1.00"),
}


async def test_own_fees_are_told_wherever_somebody_looks(doors: Doors) -> None:
    store = await make_store()
    ready = await make_cart(await make_item(store, name="Soup", price=1_450))
    staff = await make_staff(store.id, StaffRole.MANAGER)
    before = (await doors.run("store", "StoreProfile", actor=staff)).result()
    assert (before["deliveryFees"]["isOwn"], before["deliveryFees"]["bands"][0]) == (
        False,
        {"upToM": 1_000, "fee": euros("1.90")},
    )

    said = {"fees": FEES, "tag": before["deliveryFeesTag"]}
    changed = (await doors.run("store", "ChangeDeliveryFees", {"input": said}, actor=staff)).result()["store"]

    assert changed["deliveryFees"] == {"isOwn": True, **FEES}
    shown = (await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})).result()
    page = (await doors.run("consumer", "StorePage", {"slug": store.slug})).result()["store"]
    assert shown["deliveryFees"] == page["deliveryFees"] == changed["deliveryFees"]
    (card,) = (await doors.run("consumer", "Home", {"input": {"position": HERE}})).result()["edges"]
    assert card["node"]["deliveryFee"] == euros("2.40")
    assert card["node"]["store"]["deliveryFees"] == {"freeFrom": euros("30.00")}
    question = {"words": "soup", "position": HERE}
    (ware,) = (await doors.run("consumer", "Browse", {"input": {"question": question}})).result()["edges"]
    assert [offer["deliveryFee"] for offer in ware["node"]["offers"]] == [euros("2.40")]
    quote = (await doors.run("consumer", "QuoteCart", actor=ready.consumer)).result()["quote"]
    assert (quote["deliveryFee"], quote["smallBasketFee"]) == (euros("2.40"), euros("0.50"))


@pytest.mark.parametrize(("most", "names"), [("2.40", 1), ("2.39", 0), ("0.00", 0)])
async def test_home_s_wish_for_a_fee_knows_own_fees(doors: Doors, most: str, names: int) -> None:
    store = await make_store()
    staff = await make_staff(store.id)
    await doors.run("store", "ChangeDeliveryFees", {"input": {"fees": FEES}}, actor=staff)

    wish = {"position": HERE, "deliveryFeeAtMost": euros(most)}
    assert len((await doors.run("consumer", "Home", {"input": wish})).result()["edges"]) == names


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"bands": [FEES["bands"][0]] * 2}, "BANDS_NOT_IN_ORDER"),
        ({"bands": [{"upToM": 99, "fee": euros("0.90")}]}, "BAND_OUT_OF_REACH"),
        ({"beyond": euros("2.39")}, "FARTHER_IS_CHEAPER"),
        ({"beyond": euros("20.01")}, "FEE_OUT_OF_BOUNDS"),
        ({"smallBasketAtMost": euros("10.01")}, "SMALL_BASKET_OUT_OF_BOUNDS"),
        ({"smallBasketBelow": None}, "SMALL_BASKET_OUT_OF_BOUNDS"),
        ({"freeFrom": euros("0.00")}, "FREE_FROM_NOTHING"),
    ],
)
async def test_fees_out_of_bounds_are_refused_and_change_nothing(doors: Doors, wrong: dict[str, Any], fault: str) -> None:
    staff = await make_staff((await make_store()).id)
    before = await fingerprint()

    told = (await doors.run("store", "ChangeDeliveryFees", {"input": {"fees": FEES | wrong}}, actor=staff)).result()

    assert (told["__typename"], told["fault"], told["mostBands"]) == ("DeliveryFeesNotAllowedProblem", fault, 10)
    assert (told["leastFee"], told["mostFee"], told["mostSmallBasketFee"]) == (euros("0.00"), euros("20.00"), euros("10.00"))
    assert await fingerprint() == before


async def test_another_currency_is_a_bad_request_and_a_clerk_may_not(doors: Doors) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    before = await fingerprint()
    in_crowns = {"fees": FEES | {"beyond": {"amount": "60", "currency": "SEK"}}}
    assert (await doors.run("store", "ChangeDeliveryFees", {"input": in_crowns}, actor=owner)).codes == ["BAD_REQUEST"]
    assert (await doors.run("store", "ChangeDeliveryFees", {"input": {"fees": FEES}}, actor=clerk)).codes == ["FORBIDDEN"]
    assert await fingerprint() == before


async def test_the_second_of_two_tablets_is_shown_what_the_first_said(doors: Doors) -> None:
    store = await make_store()
    one, other = await make_staff(store.id), await make_staff(store.id, StaffRole.MANAGER)
    tag = (await doors.run("store", "StoreProfile", actor=one)).result()["deliveryFeesTag"]
    first = (await doors.run("store", "ChangeDeliveryFees", {"input": {"fees": FEES, "tag": tag}}, actor=one)).result()["store"]
    before = await fingerprint()

    late = {"fees": FEES | {"freeFrom": None}, "tag": tag}
    told = (await doors.run("store", "ChangeDeliveryFees", {"input": late}, actor=other)).result()
    repeated = (await doors.run("store", "ChangeDeliveryFees", {"input": {"fees": FEES, "tag": tag}}, actor=other)).result()

    assert told["__typename"] == "DeliveryFeesChangedProblem"
    assert (told["deliveryFees"], told["deliveryFeesTag"]) == (first["deliveryFees"], first["deliveryFeesTag"])
    assert repeated["store"] == first
    assert await fingerprint() == before
    mended = late | {"tag": told["deliveryFeesTag"]}
    assert (await doors.run("store", "ChangeDeliveryFees", {"input": mended}, actor=other)).result()["store"]["deliveryFees"][
        "freeFrom"
    ] is None


async def test_a_consumer_is_told_of_room_without_a_statement_more_where_nobody_has_a_capacity(
    doors: Doors, statements: Statements
) -> None:
    await make_store(preparation_minutes=10)
    home = {"input": {"position": HERE}}
    await doors.run("consumer", "Home", home)
    statements.clear()
    (free,) = (await doors.run("consumer", "Home", home)).result()["edges"]
    assert free["node"]["store"]["room"] == {"hasRoom": True, "nextSlot": None}
    assert await asked_about_slots(statements) == 0

    full = await make_store(name="Full", preparation_minutes=10, capacity_orders=1)
    ready = await make_cart(await make_item(full))
    quote = (await doors.run("consumer", "QuoteCart", actor=ready.consumer)).result()["quote"]
    buying = {"quoteId": quote["id"], "method": "card_ok", "key": "k"}
    await doors.run("consumer", "CheckOut", {"input": buying}, actor=ready.consumer)
    await doors.run("consumer", "Home", home)
    statements.clear()
    edges = (await doors.run("consumer", "Home", home)).result()["edges"]
    assert {edge["node"]["store"]["name"]: edge["node"]["store"]["room"] for edge in edges}["Full"] == {
        "hasRoom": False,
        "nextSlot": "2026-06-10T09:30:00.000Z",
    }
    assert await asked_about_slots(statements) == 1
    page = (await doors.run("consumer", "StorePage", {"slug": full.slug})).result()["store"]
    assert page["room"]["nextSlot"] == "2026-06-10T09:30:00.000Z"


async def asked_about_slots(statements: Statements) -> int:
    await statements.count()
    return sum("store_slots" in query for query in statements.queries)


async def test_who_lies_outside_of_a_drawn_area_is_told_so(doors: Doors) -> None:
    store = await make_store()
    ready = await make_cart(await make_item(store))
    staff = await make_staff(store.id)
    corners = [(60.172, 24.93), (60.172, 24.96), (60.185, 24.96), (60.185, 24.93), (60.172, 24.93)]
    ring = [{"latitude": lat, "longitude": lon} for lat, lon in corners]
    said = {"radiusM": 1_000, "area": ring, "minimumBasket": euros("0")}
    await doors.run("store", "ChangeDelivery", {"input": said}, actor=staff)

    told = (await doors.run("consumer", "QuoteCart", actor=ready.consumer)).result()

    # Within the circle around the area, and yet not in the area.
    assert (told["__typename"], told["areaIsDrawn"]) == ("AddressOutOfReachProblem", True)
    assert told["distanceMetres"] < told["reachMetres"]
    await doors.run("store", "ChangeDelivery", {"input": said | {"area": None, "radiusM": 100}}, actor=staff)
    round_about = (await doors.run("consumer", "QuoteCart", actor=ready.consumer)).result()
    assert (round_about["areaIsDrawn"], round_about["reachMetres"]) == (False, 100)
