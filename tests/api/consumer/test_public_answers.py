"""A store's menu is rendered once for everybody, as long as it is true; nothing of a person is ever in it."""

import asyncio
import gzip
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from api.app import make_app
from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.carts.operations import add_line
from services.catalog.marking import mark_item_out
from services.kernel.clock import now
from services.settings import RateLimit, Settings
from services.stores.operations import pause_store
from services.stores.queries import StoreCard
from tests.api.apps import CONTRACTS, Doors, access_token, client_of, document
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_item, make_menu
from tests.factories.identity import make_consumer, make_staff
from tests.factories.stores import RAILWAY_SQUARE, make_store

TWO_THINGS = "query Both($id: ID!) { store(id: $id) { id name } cart { goods { amount } } }"
RELEASE = CONTRACTS / "consumer" / "releases" / "consumer-ios-1.0.0.json"


async def store_with(*names: str) -> StoreCard:
    store = await make_store(name="Ekberg")
    await make_menu(store.id, *(draft_item(name) for name in names))
    return store


async def shown(doors: Doors, store: StoreCard, **more: Any) -> Any:
    return (await doors.run("consumer", "Store", {"id": opaque("Store", store.id)}, **more)).result()


def available(told: Any) -> list[tuple[str, bool]]:
    return [(i["name"], i["isAvailable"]) for m in told["menus"] for s in m["sections"] for i in s["items"]]


async def test_the_second_look_sends_no_statement(doors: Doors, statements: Statements) -> None:
    store = await store_with("Korvapuusti")
    first = await shown(doors, store)
    await shown(doors, store)

    statements.clear()

    assert await shown(doors, store) == first
    assert await statements.count() == 0


async def test_a_change_is_seen_at_once(doors: Doors) -> None:
    store = await make_store()
    item = await make_item(store.id, name="Pulla")
    staff = await make_staff(store_id=store.id)
    assert ("Pulla", True) in available(await shown(doors, store))
    await shown(doors, store)

    await mark_item_out(staff, item.id)

    assert ("Pulla", False) in available(await shown(doors, store))


async def test_what_changes_by_itself_is_seen_when_it_does(doors: Doors, clock: TestClock) -> None:
    store = await make_store(opening_hours="24/7")
    staff = await make_staff(store_id=store.id)
    item = await make_item(store.id, name="Pulla")
    await mark_item_out(staff, item.id, clock.now() + timedelta(seconds=20))
    await pause_store(staff, clock.now() + timedelta(seconds=30))
    told = await shown(doors, store)
    assert (("Pulla", False) in available(told), told["takesOrders"]) == (True, False)

    clock.move(seconds=20)
    back = await shown(doors, store)
    clock.move(seconds=10)
    resumed = await shown(doors, store)

    assert (("Pulla", True) in available(back), back["takesOrders"]) == (True, False)
    assert resumed["takesOrders"] is True


async def test_two_people_never_see_each_other_in_a_kept_answer(doors: Doors) -> None:
    store = await make_store()
    item = await make_item(store.id)
    anna, ben = await make_consumer(), await make_consumer()
    await add_line(anna, item.id, 2)
    variables = {"id": opaque("Store", store.id)}

    for _ in range(2):
        hers = await doors.ask("consumer", TWO_THINGS, variables, actor=anna)
        his = await doors.ask("consumer", TWO_THINGS, variables, actor=ben)
        nobody = await doors.ask("consumer", TWO_THINGS, variables)

        assert hers.data is not None
        assert hers.data["cart"] is not None
        assert his.data == {"store": hers.data["store"], "cart": None}
        assert nobody.codes == ["UNAUTHENTICATED"]


async def test_the_same_store_is_the_same_for_two_people_and_a_guest(doors: Doors) -> None:
    store = await store_with("Korvapuusti")

    answers = [await shown(doors, store, actor=actor) for actor in (await make_consumer(), await make_consumer(), None)]

    assert answers[0] == answers[1] == answers[2]


async def test_a_kept_menu_costs_its_asker_a_point_and_not_what_it_holds(ports: Ports, house_settings: Settings) -> None:
    store = await store_with(*(f"Korvapuusti {number}" for number in range(20)))
    tight = house_settings.gate.model_copy(update={"guest": RateLimit(burst=520, per_second=0.001)})
    async with client_of(make_app(house_settings.model_copy(update={"gate": tight}), ports)) as client:
        answers = [await Doors(client).run("consumer", "Store", {"id": opaque("Store", store.id)}) for _ in range(30)]

    assert [answer.codes for answer in answers] == [[]] * 30


async def test_a_store_that_is_not_there_is_not_kept(doors: Doors) -> None:
    missing = {"id": opaque("Store", (await make_consumer()).person_id)}

    assert [(await doors.run("consumer", "Store", missing)).codes for _ in range(2)] == [["NOT_FOUND"]] * 2


async def test_when_a_menu_changes_it_is_read_once_however_many_ask(doors: Doors, statements: Statements) -> None:
    store = await store_with("Korvapuusti")
    staff = await make_staff(store_id=store.id)
    await shown(doors, store)
    await pause_store(staff, now() + timedelta(minutes=30))
    statements.clear()

    answers = await asyncio.gather(*(shown(doors, store) for _ in range(20)))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["takesOrders"] is False
    assert len([query for query in statements.queries if "FROM menus" in query]) == 1


def released_id(name: str) -> str:
    operations = orjson.loads(RELEASE.read_bytes())["operations"]
    return next(str(one["id"]) for one in operations if one["name"] == name)


async def get(doors: Doors, store: StoreCard, **headers: str) -> httpx.Response:
    variables = orjson.dumps({"id": opaque("Store", store.id)}).decode()
    return await doors.client.get(
        "/graphql/consumer", params={"documentId": released_id("Store"), "variables": variables}, headers=headers
    )


async def test_a_cache_may_keep_what_is_asked_by_get_and_ask_whether_it_changed(doors: Doors) -> None:
    store = await store_with("Korvapuusti")

    first = await get(doors, store)
    again = await get(doors, store, **{"if-none-match": first.headers["etag"]})
    await pause_store(await make_staff(store_id=store.id), now() + timedelta(minutes=30))
    changed = await get(doors, store, **{"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=1, stale-if-error=60"
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert (again.content, again.headers["etag"]) == (b"", first.headers["etag"])
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("known", ["*", " * ", '"some other", %s', "%s"])
async def test_a_cache_that_knows_any_edition_or_this_one_in_whatever_strength_gets_no_body(doors: Doors, known: str) -> None:
    store = await store_with("Korvapuusti")
    etag = (await get(doors, store)).headers["etag"]

    strong = etag.removeprefix("W/")

    assert (await get(doors, store, **{"if-none-match": known.replace("%s", strong)})).status_code == 304
    assert (await get(doors, store, **{"if-none-match": '"*", "some other"'})).status_code == 200


async def test_posts_and_personal_answers_are_never_for_caches(doors: Doors) -> None:
    store = await store_with("Korvapuusti")
    consumer = await make_consumer()
    posted = await doors.run("consumer", "Store", {"id": opaque("Store", store.id)})
    params = {"documentId": released_id("Cart")}
    cart = await doors.client.get(
        "/graphql/consumer",
        params=params,
        headers={"authorization": f"Bearer {access_token(consumer)}", "accept-encoding": "gzip"},
    )

    assert [told.headers["cache-control"] for told in (posted, cart)] == ["no-store", "no-store"]
    assert [told.headers.get("etag") for told in (posted, cart)] == [None, None]
    assert cart.headers.get("content-encoding") is None


async def test_a_menu_travels_compressed_to_whoever_takes_it(doors: Doors) -> None:
    store = await store_with(*(f"Korvapuusti {number}" for number in range(20)))
    body = {"query": document("consumer", "Store"), "variables": {"id": opaque("Store", store.id)}}
    plain = await doors.client.post("/graphql/consumer", json=body, headers={"accept-encoding": "identity"})

    async with doors.client.stream("POST", "/graphql/consumer", json=body, headers={"accept-encoding": "br, gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])

    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2


HERE = {"position": {"latitude": RAILWAY_SQUARE[0], "longitude": RAILWAY_SQUARE[1]}}


async def names_near(doors: Doors, **more: Any) -> list[str]:
    edges = (await doors.run("consumer", "StoresNear", {"input": HERE | more})).result()["edges"]
    return [edge["node"]["name"] for edge in edges]


async def test_a_home_feed_is_kept_for_everybody_at_one_point(doors: Doors, statements: Statements) -> None:
    await make_store(name="Ekberg")
    assert await names_near(doors) == ["Ekberg"]
    statements.clear()

    assert await names_near(doors) == ["Ekberg"]
    assert await statements.count() == 1  # the versions, believed for a second from then on
    assert await names_near(doors) == ["Ekberg"]
    assert await statements.count() == 1
    assert await names_near(doors, first=1) == ["Ekberg"]
    assert await statements.count() == 2


async def test_a_home_feed_knows_at_once_who_came_who_went_and_who_paused(doors: Doors) -> None:
    store = await make_store(name="Ekberg")
    assert await names_near(doors) == await names_near(doors) == ["Ekberg"]

    await make_store(name="Fazer", position=(RAILWAY_SQUARE[0] + 0.001, RAILWAY_SQUARE[1]))
    assert await names_near(doors) == await names_near(doors) == ["Ekberg", "Fazer"]

    await pause_store(await make_staff(store_id=store.id), now() + timedelta(minutes=30))
    told = (await doors.run("consumer", "StoresNear", {"input": HERE})).result()["edges"]
    assert [edge["node"]["takesOrders"] for edge in told] == [False, True]


async def test_a_home_feed_is_said_anew_when_a_store_closes_by_its_hours(doors: Doors, clock: TestClock) -> None:
    await make_store(opening_hours="Mo-Su 08:00-22:00")

    async def is_open() -> bool:
        told = (await doors.run("consumer", "StoresNear", {"input": HERE})).result()["edges"]
        return bool(told[0]["node"]["isOpen"])

    assert [await is_open(), await is_open()] == [True, True]
    clock.move(hours=12)
    assert [await is_open(), await is_open()] == [False, False]
