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


SALMON = {
    "ref": "A1",
    "name": "Lohikeitto",
    "price": "12.50",
    "names": [{"language": "en", "text": "Salmon soup"}],
    "descriptions": [{"language": "sv", "text": "Med dill"}],
    "media": [{"kind": "VIDEO", "url": "https://pictures.example/soup.mp4", "alt": "Steam"}],
    "energyKcal": 420,
    "ageLimit": 18,
    "preparationMinutes": 30,
    "mostPerDay": 2,
    "aisle": "3",
    "shelf": "B",
    "groups": [{"name": "Juoma", "options": [{"name": "Olut", "taxClass": "ALCOHOL"}]}],
}
HAM = {"ref": "H1", "name": "Kinkku", "price": "24.90", "measure": {"soldBy": "WEIGHT", "pricedBy": "WEIGHT", "stepGrams": 50}}
WINDOWS = [{"days": ["MO", "FR"], "opens": "07:00", "closes": "10:30"}, {"days": ["SA"], "opens": "22:00", "closes": "02:00"}]


def sent(*items: Any, **menu: Any) -> dict[str, Any]:
    section = {"name": "Kaikki", "items": list(items), "names": [{"language": "sv", "text": "Allt"}]}
    return {"input": {"currency": "EUR", "menus": [{"name": "Lista", "sections": [section]} | menu]}}


async def test_a_tablet_tells_and_sees_a_menu_in_depth(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)

    await doors.run("store", "ReplaceMenu", sent(SALMON, HAM, language="fi", windows=WINDOWS), actor=staff)
    (menu,) = (await doors.run("store", "StoreMenu", actor=staff)).result()["menus"]

    assert (menu["language"], menu["sellingHours"]) == ("fi", "Mo,Fr 07:00-10:30, Sa 22:00-26:00")
    (section,) = menu["sections"]
    assert section["wordings"] == [{"language": "sv", "name": "Allt", "description": None}]
    soup, ham = section["items"]
    assert soup["wordings"] == [
        {"language": "en", "name": "Salmon soup", "description": None},
        {"language": "sv", "name": None, "description": "Med dill"},
    ]
    assert (soup["media"][0]["kind"], soup["media"][0]["alt"]) == ("VIDEO", "Steam")
    facts = ("energyKcal", "ageLimit", "preparationMinutes", "mostPerDay", "aisle", "shelf")
    assert [soup[fact] for fact in facts] == [420, 18, 30, 2, "3", "B"]
    assert soup["optionGroups"][0]["options"][0]["taxClass"] == "ALCOHOL"
    assert (ham["price"]["amount"], ham["soldBy"], ham["stepGrams"]) == ("24.90", "WEIGHT", 50)
    assert ham["unitPrice"] == {"price": {"amount": "24.90", "currency": "EUR"}, "unit": "KG"}


async def test_every_row_that_cannot_stand_is_told_with_its_key(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)
    wrong = sent(SALMON | {"allergens": ["SHELLFISH"]}, HAM | {"price": "-1"}, hours="when the sun shines")

    told = (await doors.run("store", "ReplaceMenu", wrong, actor=staff)).result()

    assert told["__typename"] == "MenuRowInvalidProblem"
    assert [(fault["row"], fault["name"], fault["ref"]) for fault in told["rows"]] == [
        ("menus[0]", "Lista", ""),
        ("menus[0].sections[0].items[0]", "Lohikeitto", "A1"),
        ("menus[0].sections[0].items[1]", "Kinkku", "H1"),
    ]
    assert await Item.filter(store_id=staff.store_id).count() == 0


async def test_prices_in_parts_of_a_cent_are_told_row_by_row(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)
    dear = {"name": "Juoma", "options": [{"name": "Vesi", "price": "1"}, {"name": "Olut", "price": "0.001", "ref": "O"}]}

    wrong = sent(SALMON | {"groups": [dear]}, HAM | {"price": "1.005"})
    told = (await doors.run("store", "ReplaceMenu", wrong, actor=staff)).result()

    assert told["__typename"] == "MenuRowInvalidProblem"
    assert [(one["row"], one["name"], one["ref"], one["fault"]) for one in told["rows"]] == [
        ("menus[0].sections[0].items[0].groups[0].options[1].price", "Olut", "O", "EUR has no smaller parts"),
        ("menus[0].sections[0].items[1].price", "Kinkku", "H1", "EUR has no smaller parts"),
    ]
    assert await Item.filter(store_id=staff.store_id).count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"windows": [WINDOWS[0] | {"opens": "7"}]}, "windows"),
        ({"windows": [WINDOWS[0] | {"days": []}]}, "windows"),
        ({"windows": WINDOWS, "hours": "24/7"}, "windows"),
        ({"names": [{"language": "sv", "text": "Meny"}] * 2}, "names"),
    ],
)
async def test_hours_and_words_are_told_in_one_way(doors: Doors, wrong: dict[str, Any], field: str) -> None:
    staff = await make_staff((await make_store()).id)

    told = await doors.run("store", "ReplaceMenu", sent(HAM, **wrong), actor=staff)

    assert (told.codes, told.errors[0]["extensions"]["field"]) == (["BAD_REQUEST"], field)


async def test_prices_are_in_the_stores_currency(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)
    sent = {
        "input": {
            "currency": "SEK",
            "menus": [{"name": "M", "sections": [{"name": "S", "items": [{"name": "I", "price": "9.50"}]}]}],
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
