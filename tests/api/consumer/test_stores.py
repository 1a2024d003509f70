"""Stores and menus through the consumer's door, which guests may look through."""

from datetime import timedelta
from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.catalog.marking import mark_item_out
from services.catalog.rules import GroupDraft
from services.kernel.ids import new_id
from services.stores.models import StoreKind
from tests.api.apps import Doors
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_item, make_menu, make_option
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.stores import RAILWAY_SQUARE, make_partner, make_store

HERE = {"latitude": RAILWAY_SQUARE[0], "longitude": RAILWAY_SQUARE[1]}


def deep(levels: int) -> GroupDraft:
    below = (deep(levels - 1),) if levels > 1 else ()
    return make_group(f"Level {levels}", make_option(f"Choice {levels}", 10 * levels, groups=below))


async def near(doors: Doors, **more: Any) -> Any:
    return (await doors.run("consumer", "StoresNear", {"input": {"position": HERE} | more})).result()


async def test_a_guest_sees_whose_goods_are_near_and_when_they_can_be_had(doors: Doors) -> None:
    partner = await make_partner("Suolainen Oy")
    store = await make_store(
        name="Ekberg",
        source_ref="osm:7",
        partner_id=partner,
        opening_hours="Mo-Su 17:00-22:00",
        cuisines=("finnish",),
        minimum_basket=1_250,
    )

    told = await near(doors)

    assert told["pageInfo"]["hasNextPage"] is False
    (edge,) = told["edges"]
    assert edge["node"] == {
        "id": opaque("Store", store.id),
        "slug": store.slug,
        "name": "Ekberg",
        "kind": "RESTAURANT",
        "category": "restaurant",
        "cuisines": ["finnish"],
        "partnerName": "Suolainen Oy",
        "position": HERE,
        "distanceM": 0,
        "isOpen": False,
        "takesOrders": False,
        "busyUntil": None,
        "opensAt": "2026-06-10T14:00:00.000Z",
        "preparationMinutes": 20,
        "minimumBasket": {"amount": "12.50", "currency": "EUR"},
        "dataCredit": "© OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright",
    }


async def test_pages_follow_each_other_and_kinds_are_chosen(doors: Doors) -> None:
    for number, kind in enumerate([StoreKind.SHOP, StoreKind.GROCER, StoreKind.SHOP]):
        await make_store(name=f"Store {number}", kind=kind, position=(HERE["latitude"] + number / 1000, HERE["longitude"]))

    first = await near(doors, first=2)
    second = await near(doors, first=2, after=first["pageInfo"]["endCursor"])
    shops = await near(doors, kinds=["SHOP"])

    names = [[edge["node"]["name"] for edge in page["edges"]] for page in (first, second, shops)]
    assert names == [["Store 0", "Store 1"], ["Store 2"], ["Store 0", "Store 2"]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"first": -1}, "first"),
        ({"after": "nonsense"}, "after"),
        ({"position": {"latitude": 91.0, "longitude": 0.0}}, "position"),
    ],
)
async def test_what_cannot_be_meant_is_told_by_its_field(doors: Doors, wrong: dict[str, Any], field: str) -> None:
    told = await doors.run("consumer", "StoresNear", {"input": {"position": HERE} | wrong})

    assert told.codes == ["BAD_REQUEST"]
    assert told.errors[0]["extensions"]["field"] == field


async def test_a_store_shows_its_menu_with_all_that_may_be_chosen(doors: Doors, clock: TestClock) -> None:
    store = await make_store()
    soup = draft_item("Soup", 1_090, groups=(deep(6),), allergens=("MILK",), description="Hot")
    first, _ = (await make_menu(store.id, soup, draft_item("Cake", 500))).menus[0].sections[0].items
    await mark_item_out(await make_staff(store.id), first.id, clock.now() + timedelta(hours=1))

    told = (await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})).result()

    (menu,) = told["menus"]
    (section,) = menu["sections"]
    shown, cake = section["items"]
    assert (shown["name"], shown["price"]) == ("Soup", {"amount": "10.90", "currency": "EUR"})
    assert (shown["isAvailable"], shown["availableFrom"]) == (False, "2026-06-10T10:00:00.000Z")
    assert (shown["allergens"], shown["description"]) == (["MILK"], "Hot")
    assert (cake["isAvailable"], cake["availableFrom"], cake["optionGroups"]) == (True, None, [])
    groups = shown["optionGroups"]
    for level in range(6, 0, -1):
        (group,) = groups
        (option,) = group["options"]
        assert (group["name"], option["name"]) == (f"Level {level}", f"Choice {level}")
        assert option["price"] == {"amount": f"0.{level}0", "currency": "EUR"}
        groups = option.get("optionGroups", [])
    assert groups == []


async def test_a_store_told_by_its_partner_needs_no_credit(doors: Doors) -> None:
    store = await make_store()

    assert (await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})).result()["dataCredit"] is None


async def test_statements_of_a_page_and_of_a_menu(doors: Doors, statements: Statements) -> None:
    counts = []
    for size in (1, 40):
        store = await make_store()
        await make_menu(store.id, *[draft_item(groups=(deep(3),)) for _ in range(size)])
        statements.clear()
        await near(doors, first=50 + size)  # a page that nobody asked for before: none is kept
        await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})
        counts.append(await statements.count())

    assert counts == [11, 11]


async def test_menus_of_a_whole_city_at_once_are_refused(doors: Doors) -> None:
    for _ in range(11):
        await make_item()
    query = "query ($input: StoresNearInput!) { storesNear(input: $input) { edges { node { menus { name } } } } }"

    few = await doors.ask("consumer", query, {"input": {"position": HERE, "first": 10}})
    many = await doors.ask("consumer", query, {"input": {"position": HERE, "first": 11}})

    assert len(few.result()["edges"]) == 10
    assert set(many.codes) == {"BAD_REQUEST"}


async def test_drafts_strangers_and_ids_of_other_things_are_not_shown(doors: Doors) -> None:
    draft = await make_store(state="DRAFT")

    for store_id in (draft.id, new_id()):
        assert (await doors.run("consumer", "Store", {"id": opaque("Store", store_id)})).codes == ["NOT_FOUND"]
    for wrong in (opaque("Item", draft.id), "nonsense", str(draft.id)):
        assert (await doors.run("consumer", "Store", {"id": wrong})).codes == ["BAD_REQUEST"]


async def test_the_door_takes_only_consumers_and_guests(doors: Doors) -> None:
    await make_store()
    arguments = {"input": {"position": HERE}}

    assert (await doors.run("consumer", "StoresNear", arguments, actor=await make_consumer())).errors == []
    for actor in (await make_staff(), await make_courier(), await make_agent()):
        assert (await doors.run("consumer", "StoresNear", arguments, actor=actor)).codes == ["UNAUTHENTICATED"]
