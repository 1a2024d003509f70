"""What a consumer likes to find again."""

import pytest

from services.browse.favourites import (
    add_favourite_item,
    add_favourite_store,
    favourite_items,
    favourite_stores,
    remove_favourite_item,
    remove_favourite_store,
)
from services.kernel.database import row
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from services.kernel.paging import PageRequest
from services.stores.models import Store, StoreState
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_item, make_menu
from tests.factories.identity import make_consumer
from tests.factories.stores import make_store


async def test_stores_are_liked_once_and_listed_newest_first(clock: TestClock, statements: Statements) -> None:
    consumer, other = await make_consumer(), await make_consumer()
    stores = []
    for _ in range(5):
        stores.append(await make_store())
        await add_favourite_store(consumer, stores[-1].id)
        clock.move(minutes=1)
    await add_favourite_store(consumer, stores[0].id)
    await remove_favourite_store(consumer, stores[2].id)
    await remove_favourite_store(consumer, stores[2].id)
    await Store.filter(id=stores[1].id).update(state=StoreState.CLOSED_DOWN)
    seen, page = [], PageRequest(first=2)
    while True:
        statements.clear()
        part = await favourite_stores(consumer, page, at=clock.now())
        assert await statements.count() <= 3
        seen += [card.id for card in part.rows]
        if not part.has_next:
            break
        page = PageRequest(first=2, after=part.end_cursor)

    assert seen == [stores[place].id for place in (4, 3, 0)]
    assert (await favourite_stores(other, PageRequest(), at=clock.now())).rows == []


async def test_an_item_that_left_its_menu_is_still_shown(clock: TestClock, statements: Statements) -> None:
    consumer, store = await make_consumer(), await make_store()
    soup = await make_item(store, name="Soup")
    await add_favourite_item(consumer, soup.id)
    await add_favourite_item(consumer, soup.id)
    await make_menu(store.id, draft_item("Other"))
    statements.clear()

    (like,) = (await favourite_items(consumer, PageRequest(), at=clock.now())).rows

    assert await statements.count() <= 4
    assert (like.item.name, like.store.id, like.item.removed_at is not None) == ("Soup", store.id, True)
    await remove_favourite_item(consumer, soup.id)
    assert (await favourite_items(consumer, PageRequest(), at=clock.now())).rows == []


async def test_what_nobody_may_see_nobody_likes() -> None:
    consumer, draft = await make_consumer(), await make_store(state=StoreState.DRAFT)
    for thing in (new_id(), draft.id):
        with pytest.raises(NotFound):
            await add_favourite_store(consumer, thing)
    with pytest.raises(NotFound):
        await add_favourite_item(consumer, new_id())
    kept = await row("SELECT (SELECT count(*) FROM favourite_stores) + (SELECT count(*) FROM favourite_items) AS count")
    assert kept is not None
    assert kept["count"] == 0
