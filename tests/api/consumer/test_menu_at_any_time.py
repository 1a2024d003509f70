"""A store's menu for any time asked, in any of its languages; what is kept for everybody stays true when a window turns."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.catalog.operations import replace_menu
from services.catalog.rules import ItemDraft, Measure, MediaDraft, MediaKind, MenuDraft, SectionDraft
from services.stores.queries import StoreCard
from tests.api.apps import Doors
from tests.conftest import Statements, TestClock
from tests.factories.catalog import SEED
from tests.factories.stores import make_store

PICTURE = MediaDraft(kind=MediaKind.IMAGE, url="https://pictures.example/soup.jpg", alt="Soup", width=800)
SOUP = ItemDraft(name="Keitto", price=1_250, names={"sv": "Soppa", "en": "Soup"}, descriptions={"en": "Hot"}, media=(PICTURE,))
HAM = ItemDraft(name="Kinkku", price=2_490, sold_by=Measure.WEIGHT, priced_by=Measure.WEIGHT, step_grams=100, age_limit=18)
JUICE = ItemDraft(name="Mehu", price=129, size_text="330 ml")


async def lunch_place() -> StoreCard:
    """Lunch on weekdays, the counter at any time; the doors close at nine in the evening."""
    store = await make_store(opening_hours="Mo-Su 08:00-21:00")
    lunch = SectionDraft(name="Lounas", items=(SOUP,), names={"en": "Lunch"})
    counter = SectionDraft(name="Tiski", items=(HAM, JUICE))
    await replace_menu(
        SEED,
        store.id,
        MenuDraft(name="Lounas", sections=(lunch,), language="fi", names={"en": "Lunch"}, hours="Mo-Fr 10:30-14:00"),
        MenuDraft(name="Tiski", sections=(counter,), language="fi"),
    )
    return store


async def shown(doors: Doors, store: StoreCard, **more: Any) -> Any:
    return (await doors.run("consumer", "Store", {"id": opaque("Store", store.id), **more})).result()


def first_items(told: Any) -> list[tuple[str, bool, str | None]]:
    return [(i["name"], i["isAvailable"], i["availableFrom"]) for m in told["menus"] for i in m["sections"][0]["items"][:1]]


async def test_a_menu_is_told_for_friday_evening_and_for_now(doors: Doors) -> None:
    store = await lunch_place()

    now, friday = await shown(doors, store), await shown(doors, store, at="2026-06-12T19:00:00+03:00")

    assert first_items(now) == [("Keitto", True, None), ("Kinkku", True, None)]
    assert first_items(friday) == [("Keitto", False, "2026-06-15T07:30:00.000Z"), ("Kinkku", True, None)]
    assert [(m["sellingHours"], m["isAvailable"], m["availableFrom"]) for m in friday["menus"]] == [
        ("Mo-Fr 10:30-14:00", False, "2026-06-15T07:30:00.000Z"),
        (None, True, None),
    ]
    assert friday["standing"] == {"isOpen": True, "takesOrders": True, "opensAt": None}
    late = await shown(doors, store, at="2026-06-12T22:00:00+03:00")
    assert late["standing"] == {"isOpen": False, "takesOrders": False, "opensAt": "2026-06-13T05:00:00.000Z"}


async def test_a_menu_is_told_in_the_words_asked_for(doors: Doors) -> None:
    store = await lunch_place()

    told = [await shown(doors, store, language=language) for language in (None, "sv, en;q=0.5", "de")]

    assert [first_items(one)[0][0] for one in told] == ["Keitto", "Soppa", "Keitto"]
    assert [one["menus"][0]["name"] for one in told] == ["Lounas", "Lunch", "Lounas"]
    assert told[1]["menus"][0]["sections"][0]["items"][0]["description"] == "Hot"


async def test_goods_are_shown_with_pictures_measures_and_the_laws_price(doors: Doors) -> None:
    told = await shown(doors, await lunch_place())

    (soup,), (ham, juice) = (menu["sections"][0]["items"] for menu in told["menus"])
    assert soup["media"] == [
        {"kind": "IMAGE", "url": PICTURE.url, "alt": "Soup", "width": 800, "height": None, "sizeBytes": None}
    ]
    assert (ham["price"]["amount"], ham["soldBy"], ham["pricedBy"], ham["stepGrams"]) == ("2.49", "WEIGHT", "WEIGHT", 100)
    assert (ham["ageLimit"], ham["nominalGrams"], soup["unitPrice"]) == (18, None, None)
    assert ham["unitPrice"] == {"price": {"amount": "24.90", "currency": "EUR"}, "unit": "KG"}
    assert juice["unitPrice"] == {"price": {"amount": "3.91", "currency": "EUR"}, "unit": "L"}


async def test_what_is_kept_is_told_anew_when_a_window_turns(doors: Doors, clock: TestClock) -> None:
    store = await lunch_place()
    before = [first_items(await shown(doors, store))[0][1] for _ in range(2)]

    clock.move_to(datetime(2026, 6, 10, 10, 59, 59, 999_000, tzinfo=UTC))
    at_last = [first_items(await shown(doors, store))[0][1] for _ in range(2)]
    clock.move_to(datetime(2026, 6, 10, 11, 0, tzinfo=UTC))
    after = [first_items(await shown(doors, store))[0] for _ in range(2)]

    assert (before, at_last) == ([True, True], [True, True])
    assert after == [("Keitto", False, "2026-06-11T07:30:00.000Z")] * 2


async def test_a_time_and_words_are_kept_apart_and_cost_no_statement_twice(doors: Doors, statements: Statements) -> None:
    store = await lunch_place()
    asked: list[dict[str, Any]] = [{}, {"at": "2026-06-12T16:00:00Z"}, {"language": "en"}]
    first = [await shown(doors, store, **one) for one in asked]
    first = [await shown(doors, store, **one) for one in asked]

    statements.clear()
    assert [await shown(doors, store, **one) for one in asked] == first
    assert await statements.count() == 0
    assert len({str(one) for one in first}) == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at": "2028-01-01T00:00:00Z"}, "at"),
        ({"at": "2026-01-01T00:00:00Z"}, "at"),
        ({"language": "suomi ja ruotsi"}, "language"),
    ],
)
async def test_what_cannot_be_meant_is_told(doors: Doors, wrong: dict[str, str], field: str) -> None:
    store = await lunch_place()

    told = await doors.run("consumer", "Store", {"id": opaque("Store", store.id), **wrong})

    assert set(told.codes) == {"BAD_REQUEST"}
    assert {error["extensions"]["field"] for error in told.errors} == {field}
