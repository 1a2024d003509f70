"""What the house's rules say no to, at the apps' doors: the typed answer with its facts, and every table as it was."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.carts.operations import quote_cart
from services.kernel.actors import Consumer, Person
from services.orders.rules import OrderStage
from services.stores.models import Store
from tests.api.apps import Doors
from tests.conftest import TestClock
from tests.factories.carts import DOOR, FAR_AWAY, make_cart, make_quote
from tests.factories.catalog import make_group, make_item, option_named
from tests.factories.dispatch import away, make_courier_on_shift, make_delivery
from tests.factories.identity import make_consumer, make_staff
from tests.factories.orders import make_order, staff_of
from tests.factories.stores import RAILWAY_SQUARE, make_store
from tests.facts import fingerprint

ABSURD_QUANTITIES = (0, -1, -99, -(2**31), 100, 2**31 - 1)


class Refusals:
    """Asks, and holds every table against what it was before."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    async def problem(self, actor: Person, operation: str, **said: Any) -> dict[str, Any]:
        """The problem that the operation is refused with."""
        before = await fingerprint()
        told = (await self.doors.run(actor.audience, operation, {"input": said} if said else {}, actor=actor)).result()
        assert told["__typename"].endswith("Problem"), told
        assert await fingerprint() == before
        return {name: value for name, value in told.items() if name != "message"}

    async def code(self, actor: Person, operation: str, **said: Any) -> list[str]:
        """The codes of the errors that the operation is refused with."""
        before = await fingerprint()
        told = await self.doors.run(actor.audience, operation, {"input": said}, actor=actor)
        assert await fingerprint() == before
        return told.codes


@pytest.fixture
async def refusals(doors: Doors) -> Refusals:
    return Refusals(doors)


@pytest.mark.parametrize("quantity", ABSURD_QUANTITIES)
async def test_negative_and_absurd_quantities(refusals: Refusals, quantity: int) -> None:
    ready = await make_cart()
    told = {"__typename": "QuantityNotAllowedProblem", "quantity": quantity, "most": 99}
    item, line = opaque("Item", ready.items[0].id), opaque("CartLine", ready.cart.baskets[0].lines[0].id)
    assert await refusals.problem(ready.consumer, "AddCartLine", itemId=item, quantity=quantity) == told
    assert await refusals.problem(ready.consumer, "ChangeCartLine", lineId=line, quantity=quantity) == told
    assert await refusals.problem(await make_consumer(), "AddCartLine", itemId=item, quantity=quantity) == told


async def test_quantities_that_are_absurd_together(refusals: Refusals) -> None:
    ready = await make_cart(await make_item(), quantity=99)
    told = await refusals.problem(ready.consumer, "AddCartLine", itemId=opaque("Item", ready.items[0].id), quantity=1)
    assert told == {"__typename": "QuantityNotAllowedProblem", "quantity": 100, "most": 99}


@pytest.mark.parametrize(("price", "stock"), [("-0.01", 1), ("999999999999999", 1), ("1.00", -1), ("1.00", 2**31 - 1)])
async def test_a_menu_of_absurd_figures(refusals: Refusals, price: str, stock: int) -> None:
    staff = await make_staff((await make_store()).id)
    item = {"name": "Soup", "price": price, "stock": stock}
    menus = [{"name": "Lunch", "sections": [{"name": "All", "items": [item]}]}]
    told = await refusals.problem(staff, "ReplaceMenu", currency="EUR", menus=menus)
    assert (told["__typename"], told["row"]) == ("MenuRowInvalidProblem", "menus[0].sections[0].items[0]")


@pytest.mark.parametrize(("tip", "codes"), [("-0.01", []), ("100.01", []), ("999999999999999", []), ("0.001", ["BAD_REQUEST"])])
async def test_absurd_tips(refusals: Refusals, tip: str, codes: list[str]) -> None:
    consumer = (await make_cart()).consumer
    said = {"amount": tip, "currency": "EUR"}
    if codes:
        assert await refusals.code(consumer, "SetCartTip", tip=said) == codes
        return
    told = await refusals.problem(consumer, "SetCartTip", tip=said)
    assert told == {"__typename": "TipNotAllowedProblem", "highest": {"amount": "100.00", "currency": "EUR"}}


async def test_an_item_of_another_store(refusals: Refusals) -> None:
    mine = await make_order()
    staff = staff_of(mine)
    theirs = await make_item(stock=3)
    item = opaque("StoreItem", theirs.id)
    assert await refusals.code(staff, "MarkItemOut", itemId=item) == ["NOT_FOUND"]
    assert await refusals.code(staff, "MarkItemBack", itemId=item) == ["NOT_FOUND"]
    order, named = opaque("StoreOrder", mine.id), [opaque("Item", theirs.id)]
    assert await refusals.code(staff, "RejectOrder", orderId=order, reason="ITEMS_UNAVAILABLE", itemIds=named) == ["BAD_REQUEST"]


async def test_an_option_of_another_store_s_item(refusals: Refusals) -> None:
    mine = await make_item(groups=(make_group("Size", "Small", "Large", least=1),))
    theirs = option_named(await make_item(groups=(make_group("Extra", "Cheese"),)), "Cheese")
    consumer = await make_consumer()
    said = {"itemId": opaque("Item", mine.id), "optionIds": [opaque("Option", theirs.id)]}
    assert (await refusals.problem(consumer, "AddCartLine", **said))["__typename"] == "ChoicesNotAllowedProblem"


async def test_an_item_of_a_store_that_is_not_open_to_anybody(refusals: Refusals) -> None:
    consumer = await make_consumer()
    for state in ("DRAFT", "CLOSED_DOWN"):
        item = await make_item(await make_store(state=state))
        assert await refusals.code(consumer, "AddCartLine", itemId=opaque("Item", item.id)) == ["NOT_FOUND"]


async def test_a_closed_store(refusals: Refusals) -> None:
    night = await make_store(name="Yö", opening_hours="Mo-Su 18:00-23:00")
    ready = await make_cart(await make_item(night, price=2_000))
    told = await refusals.problem(ready.consumer, "QuoteCart")
    assert told["__typename"] == "StoreClosedProblem"
    assert (told["store"]["name"], told["opensAt"]) == ("Yö", "2026-06-10T15:00:00.000Z")


def buying(quote_id: UUID, *, key: str = "first tap", method: str = "card_ok") -> dict[str, str]:
    return {"quoteId": opaque("Quote", quote_id), "key": key, "method": method}


async def test_a_store_that_closed_since_the_quote(refusals: Refusals) -> None:
    store = await make_store()
    consumer, quote = await make_quote(await make_item(store, price=2_000))
    await Store.filter(id=store.id).update(opening_hours="Mo-Su 18:00-23:00")
    told = await refusals.problem(consumer, "CheckOut", **buying(quote.id))
    assert (told["__typename"], told["opensAt"]) == ("StoreClosedProblem", "2026-06-10T15:00:00.000Z")


async def test_an_address_out_of_reach(refusals: Refusals) -> None:
    ready = await make_cart(await make_item(price=2_000), address=FAR_AWAY)
    told = await refusals.problem(ready.consumer, "QuoteCart")
    assert (told["__typename"], told["reachMetres"]) == ("AddressOutOfReachProblem", 5_000)
    assert 150_000 < told["distanceMetres"] < 170_000


async def test_an_address_out_of_reach_since_the_quote(refusals: Refusals) -> None:
    store = await make_store()
    consumer, quote = await make_quote(await make_item(store, price=2_000))
    await Store.filter(id=store.id).update(delivery_radius_m=100)
    assert (await refusals.problem(consumer, "CheckOut", **buying(quote.id)))["__typename"] == "AddressOutOfReachProblem"


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 24.9), (-91, 0), (60.1, 180.1), (1e300, 0), (0, -1e300)])
async def test_an_address_that_is_not_on_the_earth(refusals: Refusals, latitude: float, longitude: float) -> None:
    consumer = (await make_cart()).consumer
    position = {"latitude": latitude, "longitude": longitude}
    address = {"position": position, "street": DOOR.street, "city": DOOR.city, "postcode": DOOR.postcode}
    assert await refusals.code(consumer, "SetCartAddress", address=address) == ["BAD_REQUEST"]


async def test_a_checkout_key_with_other_input(refusals: Refusals, house: Ports) -> None:
    consumer, quote = await make_quote()
    bought = await refusals.doors.run("consumer", "CheckOut", {"input": buying(quote.id)}, actor=consumer)
    assert bought.result()["__typename"] == "CheckOutSuccess"
    other = await _another_quote(consumer)
    for said in (buying(quote.id, method="card_slow"), buying(other), buying(UUID(int=7))):
        assert await refusals.problem(consumer, "CheckOut", **said) == {"__typename": "KeyReusedProblem"}


async def _another_quote(consumer: Consumer) -> UUID:
    await make_cart(consumer=consumer)
    return (await quote_cart(consumer)).id


# What a tablet may do to an order at each stage; a step that was done already is answered with the order as it is.
STEPS = {
    "AcceptOrder": {"PLACED", "ACCEPTED"},
    "RejectOrder": {"PLACED", "REJECTED"},
    "StartPreparingOrder": {"ACCEPTED", "PREPARING"},
    "MarkOrderReady": {"ACCEPTED", "PREPARING", "READY"},
    "MoveOrderReadyTime": {"ACCEPTED", "PREPARING"},
}
SAID = {"RejectOrder": {"reason": "TOO_BUSY"}, "MoveOrderReadyTime": {"readyAt": "2026-06-10T09:40:00Z"}}


@pytest.mark.parametrize("stage", OrderStage)
async def test_a_stage_that_cannot_follow_for_a_store(refusals: Refusals, stage: OrderStage) -> None:
    order = await make_order(stage)
    for operation, allowed in STEPS.items():
        if stage in allowed:
            continue
        said = {"orderId": opaque("StoreOrder", order.id)} | SAID.get(operation, {})
        told = await refusals.problem(staff_of(order), operation, **said)
        assert (told["__typename"], told["stage"]) in {
            ("StoreOrderCannotMoveProblem", stage),
            ("OrderNotAcceptableProblem", stage),
        }


async def test_an_order_that_was_not_answered_in_time(refusals: Refusals, clock: TestClock) -> None:
    order = await make_order()
    clock.move(minutes=8, seconds=1)
    told = await refusals.problem(staff_of(order), "AcceptOrder", orderId=opaque("StoreOrder", order.id))
    assert told == {"__typename": "OrderNotAcceptableProblem", "stage": "PLACED", "acceptBy": "2026-06-10T09:08:00.000Z"}


async def test_a_courier_s_step_that_cannot_follow(refusals: Refusals) -> None:
    job = await make_delivery(orders=2)
    first, second, door = (opaque("Stop", stop.id) for stop in job.stops)
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("SetOut", {"stopId": second}, "StopNotNextProblem"),
        ("SetOut", {"stopId": door}, "StopNotNextProblem"),
        ("ArriveAtStop", {"stopId": first}, "DeliveryCannotMoveProblem"),
        ("CollectOrders", {"stopId": first, "codes": ["4711"]}, "DeliveryCannotMoveProblem"),
        ("DeliverOrders", {"stopId": door, "pin": job.delivery.drop_off_pin}, "StopNotNextProblem"),
        ("NoteContactAttempt", {"stopId": door}, "StopNotNextProblem"),
        ("ReportUndeliverable", {"stopId": door, "reason": "nobody there"}, "StopNotNextProblem"),
    ]
    for operation, said, problem in steps:
        assert (await refusals.problem(job.rider, operation, **said))["__typename"] == problem, operation
    assert (await refusals.problem(job.rider, "EndShift"))["__typename"] == "ShiftHasWorkProblem"


SOFIA = (42.6977, 23.3219)
POINTS: dict[str, tuple[tuple[float, float], float, str, str]] = {
    "from the past": (RAILWAY_SQUARE, 5.0, "2026-06-10T07:00:00Z", "STALE"),
    "from before the last one": (RAILWAY_SQUARE, 5.0, "2026-06-10T08:59:59Z", "STALE"),
    "from long ago": (RAILWAY_SQUARE, 5.0, "0001-01-01T00:00:00Z", "STALE"),
    "from the future": (RAILWAY_SQUARE, 5.0, "2026-06-10T09:05:00Z", "FROM_THE_FUTURE"),
    "from the end of time": (RAILWAY_SQUARE, 5.0, "9999-12-31T23:59:59Z", "FROM_THE_FUTURE"),
    "2,000 km away": (SOFIA, 5.0, "2026-06-10T09:00:10Z", "TOO_FAST"),
    "3 km away": (away(RAILWAY_SQUARE, north=3_000), 5.0, "2026-06-10T09:00:10Z", "TOO_FAST"),
    "not on the earth": ((90.1, 24.9), 5.0, "2026-06-10T09:00:10Z", "NOT_ON_EARTH"),
    "beyond all numbers": ((1e308, -1e308), 5.0, "2026-06-10T09:00:10Z", "NOT_ON_EARTH"),
    "inaccurate": (RAILWAY_SQUARE, 1e308, "2026-06-10T09:00:10Z", "INACCURATE"),
    "negatively accurate": (RAILWAY_SQUARE, -1.0, "2026-06-10T09:00:10Z", "INACCURATE"),
}


@pytest.mark.parametrize("name", POINTS)
async def test_a_courier_s_point_that_nobody_believes(doors: Doors, name: str) -> None:
    (latitude, longitude), accuracy_m, taken_at, fault = POINTS[name]
    courier = (await make_delivery()).rider
    point = {"latitude": latitude, "longitude": longitude, "accuracyM": accuracy_m, "takenAt": taken_at}
    before = await fingerprint()
    told = (await doors.run("courier", "SendPositions", {"input": {"points": [point] * 3}}, actor=courier)).result()
    assert told == {"__typename": "SendPositionsSuccess", "accepted": 0, "refused": [{"fault": fault, "count": 3}]}
    assert await fingerprint() == before


async def test_a_courier_s_first_point_next_to_nothing_breaks_no_geometry(doors: Doors, house: Ports) -> None:
    courier = await make_courier_on_shift(None)
    point = {"latitude": 5e-324, "longitude": -1e-200, "accuracyM": 5.0, "takenAt": "2026-06-10T09:00:00Z"}
    told = (await doors.run("courier", "SendPositions", {"input": {"points": [point]}}, actor=courier)).result()
    assert (told["accepted"], told["refused"]) == (1, [])
    await make_delivery()
