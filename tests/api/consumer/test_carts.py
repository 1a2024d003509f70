"""The cart's documents through the consumer's door: what the app is told, and as whom."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.carts.queries import cart_of
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.carts import DOOR, make_cart, picture
from tests.factories.catalog import make_group, make_item, make_option, option_named
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.stores import make_store

ADDRESS = {
    "position": {"latitude": DOOR.latitude, "longitude": DOOR.longitude},
    "street": DOOR.street,
    "city": DOOR.city,
    "postcode": DOOR.postcode,
    "note": DOOR.note,
}
NOBODY_S = UUID(int=7)
SOMETHING = {"lineId": opaque("CartLine", NOBODY_S)}
INPUTS: dict[str, dict[str, Any]] = {
    "AddCartLine": {"input": {"itemId": opaque("Item", NOBODY_S), "quantity": 1}},
    "ChangeCartLine": {"input": SOMETHING | {"quantity": 2}},
    "RemoveCartLine": {"input": SOMETHING},
    "SetCartAddress": {"input": {"address": ADDRESS}},
    "SetCartTip": {"input": {"tip": {"amount": "1.50", "currency": "EUR"}}},
    "QuoteCart": {},
    "Cart": {},
}


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def test_a_basket_from_two_stores_from_first_tap_to_quote(doors: Doors) -> None:
    consumer = await make_consumer()
    kitchen = await make_store(name="Keittiö", preparation_minutes=30)
    shop = await make_store(name="Kauppa", preparation_minutes=5)
    extra = make_group("Extra", make_option("Cheese", 150), most=1)
    burger = await make_item(kitchen, name="Burger", price=1_290, groups=(extra,))
    milk = await make_item(shop, name="Milk", price=129)
    chosen: dict[str, Any] = {
        "itemId": opaque("Item", burger.id),
        "quantity": 2,
        "optionIds": [opaque("Option", option_named(burger, "Cheese").id)],
    }
    await doors.run("consumer", "AddCartLine", {"input": chosen}, actor=consumer)
    added = {"itemId": opaque("Item", milk.id), "quantity": 8, "note": "cold"}
    told = (await doors.run("consumer", "AddCartLine", {"input": added}, actor=consumer)).result()
    assert told["__typename"] == "AddCartLineSuccess"

    first, second = told["cart"]["baskets"]
    assert first["store"] == {"id": opaque("Store", kitchen.id), "name": "Keittiö"}
    assert (first["goods"], second["goods"], told["cart"]["goods"]) == (euros("28.80"), euros("10.32"), euros("39.12"))
    assert first["lines"][0]["unitPrice"] == euros("14.40")
    assert first["lines"][0]["options"] == [{"id": chosen["optionIds"][0], "name": "Cheese", "price": euros("1.50")}]
    assert (second["lines"][0]["note"], second["lines"][0]["available"]) == ("cold", True)

    changed = {"lineId": second["lines"][0]["id"], "quantity": 10}
    await doors.run("consumer", "ChangeCartLine", {"input": changed}, actor=consumer)
    await doors.run("consumer", "SetCartTip", INPUTS["SetCartTip"], actor=consumer)
    told = (await doors.run("consumer", "SetCartAddress", INPUTS["SetCartAddress"], actor=consumer)).result()
    assert (told["cart"]["address"], told["cart"]["tip"]) == (ADDRESS, euros("1.50"))
    assert (await doors.run("consumer", "Cart", actor=consumer)).result() == told["cart"]

    quote = (await doors.run("consumer", "QuoteCart", actor=consumer)).result()["quote"]
    fees = (quote["deliveryFee"], quote["serviceFee"], quote["smallBasketFee"])
    assert fees == (euros("3.40"), euros("2.08"), euros("0.00"))
    assert (quote["goods"], quote["tip"], quote["total"]) == (euros("41.70"), euros("1.50"), euros("48.68"))
    assert [part["percent"] for part in quote["taxes"]] == ["13.5", "25.5"]
    assert [basket["store"]["name"] for basket in quote["baskets"]] == ["Keittiö", "Kauppa"]
    assert (quote["promisedFrom"], quote["expiresAt"]) == ("2026-06-10T09:45:00.000Z", "2026-06-10T09:10:00.000Z")


async def test_a_removed_line_is_gone(doors: Doors) -> None:
    ready = await make_cart()
    line = opaque("CartLine", ready.cart.baskets[0].lines[0].id)
    told = (await doors.run("consumer", "RemoveCartLine", {"input": {"lineId": line}}, actor=ready.consumer)).result()
    assert (told["__typename"], len(told["cart"]["baskets"])) == ("RemoveCartLineSuccess", 1)
    again = await doors.run("consumer", "RemoveCartLine", {"input": {"lineId": line}}, actor=ready.consumer)
    assert again.codes == ["NOT_FOUND"]


async def test_an_empty_hand_has_no_cart(doors: Doors) -> None:
    told = await doors.run("consumer", "Cart", actor=await make_consumer())
    assert (told.data, told.errors) == ({"cart": None}, [])


@pytest.mark.parametrize("quantity", [-1, 0, 100])
async def test_a_wrong_quantity_is_a_problem_with_its_bound(doors: Doors, quantity: int) -> None:
    consumer, item = await make_consumer(), await make_item()
    wrong = {"input": {"itemId": opaque("Item", item.id), "quantity": quantity}}
    told = (await doors.run("consumer", "AddCartLine", wrong, actor=consumer)).result()
    assert told["__typename"] == "QuantityNotAllowedProblem"
    assert (told["quantity"], told["most"]) == (quantity, 99)
    assert await cart_of(consumer) is None


async def test_what_stands_in_the_way_of_a_quote_is_told_as_a_problem(doors: Doors) -> None:
    consumer = await make_consumer()
    assert (await doors.run("consumer", "QuoteCart", actor=consumer)).result()["__typename"] == "CartEmptyProblem"
    night = await make_store(name="Yö", opening_hours="Mo-Su 18:00-23:00")
    item = await make_item(night)
    await doors.run("consumer", "AddCartLine", {"input": {"itemId": opaque("Item", item.id)}}, actor=consumer)
    assert (await doors.run("consumer", "QuoteCart", actor=consumer)).result()["__typename"] == "AddressMissingProblem"
    await doors.run("consumer", "SetCartAddress", INPUTS["SetCartAddress"], actor=consumer)
    told = (await doors.run("consumer", "QuoteCart", actor=consumer)).result()
    assert (told["__typename"], told["store"]["name"]) == ("StoreClosedProblem", "Yö")
    assert told["opensAt"] == "2026-06-10T15:00:00.000Z"


async def test_a_tip_in_another_currency_is_bad_input_and_one_too_great_a_problem(doors: Doors) -> None:
    ready = await make_cart()
    before = await picture()
    for tip, code in (
        ({"amount": "1.00", "currency": "SEK"}, "BAD_REQUEST"),
        ({"amount": "0.001", "currency": "EUR"}, "BAD_REQUEST"),
    ):
        assert (await doors.run("consumer", "SetCartTip", {"input": {"tip": tip}}, actor=ready.consumer)).codes == [code]
    told = (await doors.run("consumer", "SetCartTip", {"input": {"tip": euros("100.01")}}, actor=ready.consumer)).result()
    assert (told["__typename"], told["highest"]) == ("TipNotAllowedProblem", euros("100.00"))
    assert await picture() == before


@pytest.mark.parametrize("wrong", [opaque("Store", NOBODY_S), "nonsense", "", "\0"])
async def test_an_id_of_something_else_is_bad_input(doors: Doors, wrong: str) -> None:
    told = await doors.run("consumer", "AddCartLine", {"input": {"itemId": wrong, "quantity": 1}}, actor=await make_consumer())
    assert told.codes == ["BAD_REQUEST"]


async def test_the_line_of_somebody_else_is_not_found(doors: Doors) -> None:
    ready = await make_cart()
    line = {"lineId": opaque("CartLine", ready.cart.baskets[0].lines[0].id), "quantity": 3}
    before = await picture()
    assert (await doors.run("consumer", "ChangeCartLine", {"input": line}, actor=await make_consumer())).codes == ["NOT_FOUND"]
    assert await picture() == before


@pytest.mark.parametrize("operation", sorted(INPUTS))
async def test_only_a_signed_in_consumer_is_let_in(doors: Doors, operation: str) -> None:
    guest = await doors.run("consumer", operation, INPUTS[operation])
    assert guest.codes == ["UNAUTHENTICATED"]
    for stranger in (await make_staff(), await make_courier(), await make_agent()):
        told = await doors.run("consumer", operation, INPUTS[operation], actor=stranger)
        assert told.codes == ["UNAUTHENTICATED"]
    assert await picture() == []


async def test_the_cart_is_one_statement_behind_its_door(doors: Doors, statements: Statements) -> None:
    ready = await make_cart(*[await make_item() for _ in range(5)])
    await doors.run("consumer", "Cart", actor=ready.consumer)
    statements.clear()
    await doors.run("consumer", "Cart", actor=ready.consumer)
    assert await statements.count() == 1
