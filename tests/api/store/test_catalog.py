"""The menu through the tablet's door: reading, marking, replacing whole."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.catalog.models import Item
from services.catalog.queries import items_by_ids
from services.kernel.actors import StaffRole
from services.stores.queries import store as read_store
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.catalog import make_group, make_item
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.stores import make_store

CHILI = [{"name": "Chili", "price": "0.50"}, {"name": "Dill"}]
SAUCE = {"name": "Sauce", "maxChoices": 2, "freeCount": 1, "ref": "S", "options": CHILI}
LUNCH = {
    "name": "Lunch",
    "sections": [
        {
            "name": "Hot",
            "items": [
                {"name": "Soup", "price": "9.50", "groups": [SAUCE], "allergens": ["MILK"], "ref": "A1"},
                {"name": "Beer", "price": "7", "taxClass": "ALCOHOL", "stock": 12, "gtin": "6408430000135", "groups": [SAUCE]},
            ],
        }
    ],
}
SENT = {"input": {"currency": "EUR", "menus": [LUNCH]}}


async def test_what_a_tablet_sends_is_what_it_sees(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id, StaffRole.MANAGER)

    answer = (await doors.run("store", "ReplaceMenu", SENT, actor=staff)).result()
    seen = (await doors.run("store", "StoreMenu", actor=staff)).result()

    assert (answer["__typename"], answer["menu"]["version"]) == ("ReplaceMenuSuccess", seen["version"])
    soup, beer = seen["menus"][0]["sections"][0]["items"]
    assert (soup["name"], soup["price"], soup["taxClass"]) == ("Soup", {"amount": "9.50", "currency": "EUR"}, "FOOD")
    assert (beer["price"]["amount"], beer["taxClass"], beer["stock"], beer["gtin"]) == ("7.00", "ALCOHOL", 12, "06408430000135")
    (sauce,) = soup["optionGroups"]
    assert sauce["id"] == beer["optionGroups"][0]["id"]
    assert [(option["name"], option["price"]["amount"]) for option in sauce["options"]] == [("Chili", "0.50"), ("Dill", "0.00")]


@pytest.mark.parametrize(
    ("change", "problem", "row"),
    [
        ({"price": "-1"}, "MenuRowInvalidProblem", "menus[0].sections[0].items[0]"),
        ({"gtin": "123"}, "MenuRowInvalidProblem", "menus[0].sections[0].items[0]"),
        ({"name": " "}, "MenuRowInvalidProblem", "menus[0].sections[0].items[0]"),
        ({"groups": [SAUCE | {"ref": f"S{n}"} for n in range(31)]}, "MenuLimitExceededProblem", "menus[0].sections[0].items[0]"),
    ],
)
async def test_a_menu_that_cannot_stand_names_its_row_and_changes_nothing(
    doors: Doors, change: dict[str, Any], problem: str, row: str
) -> None:
    staff = await make_staff((await make_store()).id)
    item = LUNCH["sections"][0]["items"][0] | change  # type: ignore[index]
    sent = {"input": {"currency": "EUR", "menus": [{"name": "Lunch", "sections": [{"name": "Hot", "items": [item]}]}]}}

    told = (await doors.run("store", "ReplaceMenu", sent, actor=staff)).result()

    assert (told["__typename"], told["row"]) == (problem, row)
    assert await Item.filter(store_id=staff.store_id).count() == 0
    assert (await read_store(staff.store_id)).version == 1


@pytest.mark.parametrize(("price", "currency"), [("9.505", "EUR"), ("9.50", "SEK")])
async def test_prices_are_whole_cents_of_the_stores_currency(doors: Doors, price: str, currency: str) -> None:
    staff = await make_staff((await make_store()).id)
    sent = {
        "input": {
            "currency": currency,
            "menus": [{"name": "M", "sections": [{"name": "S", "items": [{"name": "I", "price": price}]}]}],
        }
    }

    assert (await doors.run("store", "ReplaceMenu", sent, actor=staff)).codes == ["BAD_REQUEST"]
    assert await Item.filter(store_id=staff.store_id).count() == 0


async def test_one_tap_marks_an_item_out_and_one_marks_it_back(doors: Doors) -> None:
    item = await make_item(name="Soup")
    clerk = await make_staff(item.store_id, StaffRole.CLERK)
    sent = {"itemId": opaque("StoreItem", item.id)}

    out = (await doors.run("store", "MarkItemOut", {"input": sent}, actor=clerk)).result()
    until = (await doors.run("store", "MarkItemOut", {"input": sent | {"until": "2026-06-10T12:00:00Z"}}, actor=clerk)).result()
    back = (await doors.run("store", "MarkItemBack", {"input": sent}, actor=clerk)).result()

    told = [(answer["item"]["isAvailable"], answer["item"]["availableFrom"]) for answer in (out, until, back)]
    assert told == [(False, None), (False, "2026-06-10T12:00:00.000Z"), (True, None)]


async def test_an_item_of_another_store_is_not_found_and_a_past_end_is_bad(doors: Doors) -> None:
    item = await make_item()
    own = await make_staff(item.store_id)
    other = await make_staff((await make_store()).id)
    sent = {"itemId": opaque("StoreItem", item.id)}

    assert (await doors.run("store", "MarkItemOut", {"input": sent}, actor=other)).codes == ["NOT_FOUND"]
    assert (await doors.run("store", "MarkItemBack", {"input": sent}, actor=other)).codes == ["NOT_FOUND"]
    past = await doors.run("store", "MarkItemOut", {"input": sent | {"until": "2026-06-10T08:59:00Z"}}, actor=own)
    assert past.codes == ["BAD_REQUEST"]
    assert (await items_by_ids([item.id]))[0].unavailable_until is None


async def test_the_groups_of_marked_items_are_read_together(doors: Doors, statements: Statements) -> None:
    item = await make_item(groups=(make_group("Sauce", "Chili"),))
    staff = await make_staff(item.store_id)
    query = """
        mutation ($input: MarkItemOutInput!) {
          markItemOut(input: $input) { ... on MarkItemOutSuccess { item { optionGroups { name } } } }
        }
    """
    statements.clear()

    told = await doors.ask("store", query, {"input": {"itemId": opaque("StoreItem", item.id)}}, actor=staff)

    assert told.result()["item"]["optionGroups"] == [{"name": "Sauce"}]
    assert await statements.count() == 10


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("StoreMenu", None),
        ("ReplaceMenu", SENT),
        ("MarkItemOut", {"input": {"itemId": "x"}}),
        ("MarkItemBack", {"input": {"itemId": "x"}}),
    ],
)
async def test_only_staff_come_in(doors: Doors, operation: str, arguments: dict[str, Any] | None) -> None:
    for actor in (None, await make_consumer(), await make_courier(), await make_agent()):
        codes = (await doors.run("store", operation, arguments, actor=actor)).codes
        assert codes in (["UNAUTHENTICATED"], ["BAD_REQUEST"]) if actor is None else codes == ["UNAUTHENTICATED"]
