"""What a tablet says about taking orders on, seen where it matters: in the next purchase."""

from typing import Any

from services.bootstrap import Ports
from services.kernel.actors import StoreStaff
from tests.api.apps import Doors
from tests.factories.carts import ReadyCart, make_cart
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import run_errands

TAKING: dict[str, Any] = {"autoAccept": False, "preparationMinutes": 10}


async def say(doors: Doors, staff: StoreStaff, **more: Any) -> None:
    told = await doors.run("store", "ChangeOrderTaking", {"input": TAKING | more}, actor=staff)
    assert told.result()["__typename"] == "ChangeOrderTakingSuccess"


async def buy(doors: Doors, ready: ReadyCart) -> Any:
    """The purchase, or the problem that the quote met."""
    told = (await doors.run("consumer", "QuoteCart", actor=ready.consumer)).result()
    if "quote" not in told:
        return told
    buying = {"quoteId": told["quote"]["id"], "method": "card_ok", "key": "k"}
    return (await doors.run("consumer", "CheckOut", {"input": buying}, actor=ready.consumer)).result()


async def test_a_store_that_accepts_by_itself_has_nothing_to_answer(doors: Doors, house: Ports) -> None:
    store = await make_store()
    staff, item = await make_staff(store.id), await make_item(store)
    by_hand, by_itself = await make_cart(item), await make_cart(item)

    await say(doors, staff)
    await buy(doors, by_hand)
    await run_errands(house)
    await say(doors, staff, autoAccept=True)
    await buy(doors, by_itself)
    await run_errands(house)

    queue = (await doors.run("store", "StoreOrderQueue", actor=staff)).result()
    assert [order["stage"] for order in queue] == ["PLACED", "ACCEPTED"]


async def test_a_quarter_of_an_hour_takes_goods_up_to_a_value_and_the_next_one_again(doors: Doors) -> None:
    store = await make_store()
    staff, item = await make_staff(store.id), await make_item(store, price=2_000)
    carts = [await make_cart(item), await make_cart(item), await make_cart(item)]
    await say(doors, staff, capacityValue={"amount": "45.00", "currency": "EUR"})

    first, second, third = [await buy(doors, ready) for ready in carts]

    assert (first["__typename"], second["__typename"]) == ("CheckOutSuccess", "CheckOutSuccess")
    assert third["__typename"] == "StoreAtCapacityProblem"
    assert (third["slot"], third["nextSlot"]) == ("2026-06-10T09:15:00.000Z", "2026-06-10T09:30:00.000Z")
    # In the rush it takes longer: the same order falls into a slot that has room.
    rush = {"days": ["WE"], "opens": "11:00", "closes": "14:00", "minutes": 40}
    await say(doors, staff, capacityValue={"amount": "45.00", "currency": "EUR"}, preparationWindows=[rush])
    assert (await buy(doors, carts[2]))["__typename"] == "CheckOutSuccess"
