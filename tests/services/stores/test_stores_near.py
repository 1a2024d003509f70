"""Near me: by the spatial index, in pages that neither skip nor repeat."""

from datetime import timedelta

import asyncpg
import pytest

from services.kernel import database
from services.kernel.errors import BadInput
from services.kernel.ids import new_id
from services.kernel.paging import PageRequest
from services.kernel.unit_of_work import unit_of_work
from services.stores import rules
from services.stores.models import Store, StoreKind, StoreState
from services.stores.operations import pause_store
from services.stores.queries import live_store, store_cards
from services.stores.shown import shown_stores, stores_near
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_staff
from tests.factories.stores import RAILWAY_SQUARE, make_crowd, make_partner, make_store

LAT, LON = RAILWAY_SQUARE


async def names_near(clock: TestClock, page: PageRequest | None = None, **wanted: object) -> list[str]:
    found = await stores_near(LAT, LON, at=clock.now(), page=page or PageRequest(), **wanted)  # type: ignore[arg-type]
    return [near.card.name for near in found.page.rows]


async def test_the_nearest_comes_first_and_tells_whose_it_is(clock: TestClock) -> None:
    partner = await make_partner("Suolainen Oy")
    await make_store(name="Far", position=(LAT + 0.02, LON))
    await make_store(name="Near", position=(LAT + 0.001, LON), partner_id=partner)

    near, far = (await stores_near(LAT, LON, at=clock.now(), page=PageRequest())).page.rows

    assert [(near.card.name, near.distance_m), (far.card.name, far.distance_m)] == [("Near", 111), ("Far", 2226)]
    assert near.card.partner_name == "Suolainen Oy"
    assert far.distance_m == round(rules.distance_m(LAT, LON, far.card.latitude, far.card.longitude))


async def test_only_live_stores_that_deliver_here_are_shown(clock: TestClock) -> None:
    await make_store(name="Short arm", position=(LAT + 0.02, LON), delivery_radius_m=2_000)
    await make_store(name="Long arm", position=(LAT + 0.02, LON), delivery_radius_m=2_300)
    await make_store(name="Draft", state=StoreState.DRAFT)
    await make_store(name="Gone", state=StoreState.CLOSED_DOWN)

    assert await names_near(clock) == ["Long arm"]


async def test_a_closed_store_is_shown_with_its_next_opening(clock: TestClock) -> None:
    await make_store(opening_hours="Mo-Su 17:00-22:00")

    ((card, _, _),) = (await stores_near(LAT, LON, at=clock.now(), page=PageRequest())).page.rows

    assert (card.is_open, card.takes_orders) == (False, False)
    assert card.opens_at is not None
    assert card.opens_at.isoformat() == "2026-06-10T14:00:00+00:00"


async def test_kinds_are_chosen(clock: TestClock) -> None:
    for kind in StoreKind:
        await make_store(name=kind.value, kind=kind)

    assert await names_near(clock, kinds=[StoreKind.GROCER]) == ["GROCER"]
    assert sorted(await names_near(clock, kinds=[StoreKind.GROCER, StoreKind.SHOP])) == ["GROCER", "SHOP"]
    assert len(await names_near(clock)) == 3


async def test_pages_neither_skip_nor_repeat_among_equals_while_stores_open_and_close(clock: TestClock) -> None:
    # Seven on one spot (equal distances), six around; between two pages some close, some pause, one goes.
    stores = [await make_store(opening_hours="08:00-12:30", position=(LAT, LON)) for _ in range(7)]
    stores += [await make_store(position=(LAT + 0.001 * step, LON)) for step in range(1, 7)]
    seen = []
    page = PageRequest(first=3)
    while True:
        found = (await stores_near(LAT, LON, at=clock.now(), page=page)).page
        seen += [near.card.id for near in found.rows]
        clock.move(hours=1)
        if not found.has_next:
            break
        page = PageRequest(first=3, after=found.end_cursor)

    assert seen == [card.id for card in sorted(stores, key=lambda card: (card.latitude, card.id))]


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "WyJhIiwiYiJd"])
async def test_a_cursor_from_elsewhere_is_refused(clock: TestClock, cursor: str) -> None:
    with pytest.raises(BadInput):
        await stores_near(LAT, LON, at=clock.now(), page=PageRequest(after=cursor))


async def test_one_statement_for_a_page_and_one_more_for_cards_that_are_not_kept(
    clock: TestClock, statements: Statements
) -> None:
    ids = [(await make_store()).id for _ in range(5)]
    statements.clear()

    await stores_near(LAT, LON, at=clock.now(), page=PageRequest())
    assert await statements.count() == 2
    await stores_near(LAT, LON, at=clock.now(), page=PageRequest())
    assert await statements.count() == 3
    cards = await store_cards(ids)
    assert await statements.count() == 4
    assert [card.id for card in cards] == ids
    assert (await live_store(ids[0])).id == ids[0]


async def test_a_kept_card_is_let_go_when_its_store_changes_and_said_anew_when_time_does(clock: TestClock) -> None:
    store = await make_store(opening_hours="Mo-Su 08:00-22:00")
    staff = await make_staff(store_id=store.id)

    async def takes_orders() -> bool:
        return (await stores_near(LAT, LON, at=clock.now(), page=PageRequest())).page.rows[0].card.takes_orders

    assert await takes_orders() is True
    clock.move(hours=12)
    assert await takes_orders() is False
    clock.move(hours=12)
    assert await takes_orders() is True
    await pause_store(staff, clock.now() + timedelta(hours=1))
    assert await takes_orders() is False
    clock.move(hours=1)
    assert await takes_orders() is True


async def test_a_card_read_in_a_transaction_that_fails_is_nobody_else_s(clock: TestClock) -> None:
    store = await make_store()
    with pytest.raises(ZeroDivisionError):
        async with unit_of_work():
            await Store.filter(id=store.id).update(name="Never", version=store.version + 1)
            await stores_near(LAT, LON, at=clock.now(), page=PageRequest())
            _ = 1 / 0
    await Store.filter(id=store.id).update(name="Truly", version=store.version + 1)

    assert await names_near(clock) == ["Truly"]


async def test_the_map_has_another_version_whenever_it_shows_others(clock: TestClock) -> None:
    first, other = await make_store(), await make_store()

    async def on_the_map() -> int:
        return (await stores_near(LAT, LON, at=clock.now(), page=PageRequest())).on_the_map or 0

    seen = [await on_the_map()]
    for change in ({"name": "Same place"}, {"latitude": LAT + 0.001}, {"delivery_radius_m": 2_000}, {"kind": StoreKind.SHOP}):
        await Store.filter(id=first.id).update(**change)
        seen.append(await on_the_map())
    async with unit_of_work():
        await Store.filter(id__in=[first.id, other.id]).update(state=StoreState.CLOSED_DOWN)
        await make_store()
    seen.append(await on_the_map())

    assert [later - seen[0] for later in seen] == [0, 0, 1, 2, 3, 4]


async def test_stores_shown_by_id_are_read_once(clock: TestClock, statements: Statements) -> None:
    store = await make_store()
    first = await shown_stores([store.id, new_id()], at=clock.now())
    statements.clear()

    assert await shown_stores([store.id], at=clock.now()) == first == {store.id: store}
    assert await statements.count() == 0


async def blocks_read(*after: object) -> int:
    """How many pages of the database a page of 20 stores touches, the function's own walk included."""
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM stores_near($1, $2, NULL, $3, $4, 21)"
    plans = [await database.row(query, LAT, LON, *(after or (None, None))) for _ in range(7)]
    # The first runs also read the catalogue; after the fifth, PostgreSQL may change to a plan that knows no parameters.
    last = plans[-1]
    assert last is not None
    assert last[0][0]["Plan"]["Actual Rows"] == 21
    return int(last[0][0]["Plan"]["Shared Hit Blocks"] + last[0][0]["Plan"]["Shared Read Blocks"])


async def test_a_page_costs_the_same_among_two_thousand_stores_and_among_thirty_thousand(admin: asyncpg.Connection) -> None:
    pattern = await make_store(delivery_radius_m=20_000)
    await make_crowd(admin, pattern, 2_000)
    few = await blocks_read()

    await make_crowd(admin, pattern, 30_000)

    assert few < 60
    assert await blocks_read() < 60
    near = await database.row("SELECT chord, id FROM stores_near($1, $2, NULL, NULL, NULL, 40) OFFSET 39", LAT, LON)
    assert near is not None
    assert await blocks_read(near["chord"], near["id"]) < 200
