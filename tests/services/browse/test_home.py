"""Home: near and quick first, as wished, in pages that hold while doors open and close, by an index that is walked and left."""

from datetime import datetime
from typing import Any

import asyncpg
import pytest

from services.browse.home import LOOKS, Opening, Wish, stores_at_home
from services.browse.operations import learn_store_traits
from services.kernel import database
from services.kernel.errors import BadInput
from services.kernel.paging import PageRequest
from services.stores.models import StoreKind
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_menu
from tests.factories.stores import RAILWAY_SQUARE, make_crowd, make_store
from tests.services.browse.explained import plans_of, said

LAT, LON = RAILWAY_SQUARE
METRE = 1 / 111_320


async def names(clock: TestClock, page: PageRequest | None = None, **wished: Any) -> list[str]:
    said: dict[str, Any] = {"latitude": LAT, "longitude": LON, "at": clock.now()} | wished
    wish = Wish(**said)
    return [one.near.card.name for one in (await stores_at_home(wish, page or PageRequest())).rows]


async def test_near_and_quick_come_first_by_a_line_that_has_both(clock: TestClock) -> None:
    await make_store(name="Slow", preparation_minutes=40)
    await make_store(name="Quick", preparation_minutes=5, position=(LAT + 2_000 * METRE, LON))
    await make_store(name="Far", preparation_minutes=5, position=(LAT + 3_000 * METRE, LON))

    wish = Wish(latitude=LAT, longitude=LON, at=clock.now())
    found = (await stores_at_home(wish, PageRequest())).rows

    assert [one.near.card.name for one in found] == ["Quick", "Slow", "Far"]
    assert [round(one.rank / 100) for one in found] == [20, 24, 30]
    assert [one.delivery_fee for one in found] == [290, 190, 390]
    assert [one.near.seconds for one in found][1] == 40 * 60 + 7 * 60


async def test_kinds_cuisines_fees_and_times(clock: TestClock) -> None:
    await make_store(name="Thai", cuisines=("thai",), preparation_minutes=10)
    await make_store(name="Grocer", kind=StoreKind.GROCER, preparation_minutes=20, position=(LAT + 1_500 * METRE, LON))
    await make_store(name="Shop", kind=StoreKind.SHOP, preparation_minutes=60, position=(LAT + 2_500 * METRE, LON))

    assert await names(clock, kinds=[StoreKind.GROCER, StoreKind.SHOP]) == ["Grocer", "Shop"]
    assert await names(clock, cuisines=["thai", "indian"]) == ["Thai"]
    assert await names(clock, fee_at_most=290) == ["Thai", "Grocer"]
    assert await names(clock, fee_at_most=100) == []
    assert await names(clock, minutes_at_most=40) == ["Thai", "Grocer"]


async def test_diets_and_price_levels_by_what_is_sold(clock: TestClock) -> None:
    for name, price in (("Cheap", 700), ("Fair", 1_200), ("Dear", 2_600)):
        store = await make_store(name=name)
        vegan = ("VEGAN",) if name == "Fair" else ()
        await make_menu(store.id, *(draft_item(f"{name} {number}", price, diets=vegan) for number in range(3)))
    await make_store(name="Empty")

    assert await learn_store_traits() == 4
    assert await learn_store_traits() == 0
    assert await names(clock, diets=["VEGAN"]) == ["Fair"]
    assert await names(clock, price_levels=[1]) == ["Cheap"]
    assert sorted(await names(clock, price_levels=[1, 4])) == ["Cheap", "Dear"]
    wish = Wish(latitude=LAT, longitude=LON, at=clock.now())
    levels = {one.near.card.name: one.price_level for one in (await stores_at_home(wish, PageRequest())).rows}
    assert levels == {"Cheap": 1, "Fair": 2, "Dear": 4, "Empty": None}


async def test_open_now_or_later_or_at_a_time(clock: TestClock) -> None:
    await make_store(name="Always")
    await make_store(name="Evening", opening_hours="Mo-Su 17:00-22:00")
    await make_store(name="Never", opening_hours="off")

    assert await names(clock, opening=Opening.OPEN) == ["Always"]
    assert await names(clock, opening=Opening.OPENS_LATER) == ["Evening"]
    assert await names(clock, opening=Opening.OPEN, at=clock.now().replace(hour=16)) == ["Always", "Evening"]


async def test_nobody_has_a_rating_yet_and_wishes_must_be_possible(clock: TestClock) -> None:
    await make_store()

    assert await names(clock, rating_at_least=1.0) == []
    for wrong in ({"rating_at_least": 6.0}, {"price_levels": [0]}, {"price_levels": [5]}):
        with pytest.raises(BadInput):
            await names(clock, **wrong)


@pytest.mark.parametrize("opening", [Opening.ANY, Opening.OPEN])
async def test_pages_neither_skip_nor_repeat_while_stores_open_and_close(clock: TestClock, opening: Opening) -> None:
    for number in range(12):
        hours = "08:00-12:30" if number % 3 == 0 else "24/7"
        await make_store(name=f"{number:02}", position=(LAT + number // 2 * 100 * METRE, LON), opening_hours=hours)
    seen: list[str] = []
    page = PageRequest(first=5)
    while True:
        found = await stores_at_home(Wish(latitude=LAT, longitude=LON, at=clock.now(), opening=opening), page)
        seen += [one.near.card.name for one in found.rows]
        clock.move(hours=1)
        if not found.has_next:
            break
        page = PageRequest(first=5, after=found.end_cursor)

    always = {f"{number:02}" for number in range(12) if number % 3}
    assert len(seen) == len(set(seen))
    assert always <= set(seen)
    assert opening is Opening.OPEN or len(seen) == 12


async def test_one_statement_walks_and_one_more_reads_cards_that_are_not_kept(clock: TestClock, statements: Statements) -> None:
    for _ in range(8):
        await make_store()
    await names(clock)
    statements.clear()

    assert len(await names(clock)) == 8
    assert await statements.count() <= 2


async def test_wishes_about_doors_and_minutes_look_closer_thrice_at_most(
    admin: asyncpg.Connection, clock: TestClock, statements: Statements
) -> None:
    closed = await make_store(opening_hours="off", delivery_radius_m=20_000)
    await make_crowd(admin, closed, 500)
    await make_store(name="Open", position=(LAT + 3_000 * METRE, LON))
    wishes: list[dict[str, Any]] = [
        {"opening": Opening.OPEN},
        {"opening": Opening.OPEN, "minutes_at_most": 60, "price_levels": [], "kinds": [StoreKind.RESTAURANT]},
        {"minutes_at_most": 20},
    ]
    for wished in wishes:
        await names(clock, **wished)
        statements.clear()

        found = await names(clock, **wished)

        assert found == (["Open"] if "opening" in wished else [])
        assert await statements.count() <= len(LOOKS)


async def blocks_read() -> int:
    """How many pages of the database a first page of 20 stores touches, the function's own walk included."""
    query = (
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM stores_at_home("
        "$1, $2, NULL, NULL, NULL, NULL, NULL, 'infinity', NULL, 'infinity', 0, NULL, NULL, 21)"
    )
    plans = [await database.row(query, LAT, LON) for _ in range(7)]
    last = plans[-1]
    assert last is not None
    assert last[0][0]["Plan"]["Actual Rows"] == 21
    return int(last[0][0]["Plan"]["Shared Hit Blocks"] + last[0][0]["Plan"]["Shared Read Blocks"])


async def plan_of_a_first_page(owner: asyncpg.Connection, at: datetime) -> str:
    walked = await said(lambda: stores_at_home(Wish(latitude=LAT, longitude=LON, at=at), PageRequest()))
    return await plans_of(owner, [one for one in walked if "stores_at_home" in one.query])


async def test_a_first_page_costs_the_same_among_five_hundred_stores_and_among_fifty_thousand(
    owner: asyncpg.Connection, clock: TestClock
) -> None:
    pattern = await make_store(delivery_radius_m=20_000)
    await make_crowd(owner, pattern, 500, preparation_minutes="5 + n % 50")
    few, plan = await blocks_read(), await plan_of_a_first_page(owner, clock.now())

    await make_crowd(owner, pattern, 49_500, preparation_minutes="5 + n % 50")

    assert few < 150
    assert await blocks_read() < 150
    for walk in (plan, await plan_of_a_first_page(owner, clock.now())):
        assert "Index Scan using stores_by_rank on stores" in walk
        assert [scan for scan in ("Seq Scan", "Sort", "Bitmap") if f"{scan} " in walk and f"{scan} on stores" in walk] == []
        assert "Sort Key: s.rank" not in walk
