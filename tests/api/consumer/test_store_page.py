"""A store's public page by its slug: for guests, kept while the store stands still, true again at once when it changes."""

from datetime import timedelta
from typing import Any

from services.kernel.actors import StoreStaff
from services.stores.operations import StoreWords, describe_store, start_busy
from services.stores.queries import StoreCard
from tests.api.apps import Doors
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_menu
from tests.factories.identity import make_consumer, make_staff
from tests.factories.stores import make_store


async def opened(**facts: Any) -> tuple[StoreCard, StoreStaff]:
    store = await make_store(name="Ekberg", opening_hours="Mo-Fr 10:00-21:00; PH off", **facts)
    await make_menu(store.id, draft_item("Korvapuusti", 390))
    return store, await make_staff(store.id)


def words(store: StoreCard, story: str) -> StoreWords:
    return StoreWords(
        name=store.name,
        story=story,
        category="cafe",
        cuisines=("finnish",),
        street="Bulevardi",
        housenumber="9",
        postcode="00120",
        city="Helsinki",
    )


async def page(doors: Doors, slug: str, **more: Any) -> Any:
    return (await doors.run("consumer", "StorePage", {"slug": slug}, **more)).result()


async def test_a_page_tells_all_that_a_website_needs(doors: Doors) -> None:
    store, staff = await opened(source_ref="osm:node/1")
    await describe_store(staff, words(store, "Since 1852."))

    told = await page(doors, store.slug)

    assert (told["story"], told["reviews"]) == ("Since 1852.", {"count": None, "rating": None})
    assert told["week"] == {
        "windows": [{"days": ["MO", "TU", "WE", "TH", "FR"], "opens": "10:00", "closes": "21:00"}],
        "specialDays": [],
        "closedOnPublicHolidays": True,
    }
    assert told["credits"] == [told["store"]["dataCredit"]]
    assert "OpenStreetMap" in told["credits"][0]
    shown = told["store"]
    assert (shown["name"], shown["street"], shown["openingHours"]) == ("Ekberg", "Bulevardi 9", "Mo-Fr 10:00-21:00; PH off")
    assert shown["menus"][0]["sections"][0]["items"][0]["name"] == "Korvapuusti"


async def test_the_second_look_sends_no_statement_whoever_looks(doors: Doors, statements: Statements) -> None:
    store, _ = await opened()
    first = await page(doors, store.slug)
    await page(doors, store.slug)
    statements.clear()

    assert await page(doors, store.slug) == first
    assert await page(doors, store.slug, actor=await make_consumer()) == first
    assert [query for query in statements.queries if "FROM stores" in query] == []


async def test_a_new_story_and_a_busy_time_are_seen_at_once(doors: Doors, clock: TestClock) -> None:
    store, staff = await opened()
    assert (await page(doors, store.slug))["story"] == ""

    await describe_store(staff, words(store, "New owners."))
    assert (await page(doors, store.slug))["story"] == "New owners."
    until = clock.now() + timedelta(seconds=40)
    await start_busy(staff, 30, until)
    assert (await page(doors, store.slug))["store"]["preparationMinutes"] == store.preparation_minutes + 30
    clock.move(seconds=40)
    usual = (await page(doors, store.slug))["store"]
    assert (usual["preparationMinutes"], usual["busyUntil"]) == (store.preparation_minutes, None)


async def test_a_kept_page_shows_a_new_fee_at_once(doors: Doors, statements: Statements) -> None:
    store, staff = await opened()
    await page(doors, store.slug)
    statements.clear()
    assert (await page(doors, store.slug))["store"]["deliveryFees"]["isOwn"] is False
    assert [query for query in statements.queries if "legal_name" in query] == []

    free = {"input": {"fees": {"beyond": {"amount": "0", "currency": "EUR"}}}}
    await doors.run("store", "ChangeDeliveryFees", free, actor=staff)

    shown = (await page(doors, store.slug))["store"]["deliveryFees"]
    assert (shown["isOwn"], shown["bands"], shown["beyond"]["amount"]) == (True, [], "0.00")


async def test_a_page_keeps_its_address_whatever_the_store_is_called(doors: Doors) -> None:
    store, staff = await opened()
    renamed = {"name": "Café Uusi", "street": "Bulevardi", "postcode": "00120", "city": "Helsinki"}

    told = (await doors.run("store", "DescribeStore", {"input": renamed}, actor=staff)).result()["presentation"]

    assert (told["name"], told["slug"]) == ("Café Uusi", store.slug)
    assert (await page(doors, store.slug))["store"]["name"] == "Café Uusi"


async def test_a_slug_of_no_live_store_is_not_found(doors: Doors) -> None:
    draft, _ = await opened(state="DRAFT")

    for slug in (draft.slug, "nobody-has-this", "", "x" * 300):
        assert (await doors.run("consumer", "StorePage", {"slug": slug})).codes == ["NOT_FOUND"]


async def test_statements(doors: Doors, statements: Statements) -> None:
    store, _ = await opened()
    statements.clear()
    await page(doors, store.slug)
    first = await statements.count()
    other, _ = await opened()
    statements.clear()
    await page(doors, other.slug)
    assert (first, await statements.count()) == (10, 10)
