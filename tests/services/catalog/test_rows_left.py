"""What left a menu is remembered for a while, and then forgotten by the worker."""

import pytest

from services.catalog.operations import replace_menu
from services.catalog.queries import menu
from services.catalog.rows_left import KEPT_FOR, forget_rows_left
from services.kernel.database import rows
from services.worker.schedule import TIMERS
from tests.conftest import TestClock
from tests.factories.catalog import SEED, draft_item, make_group, option_named
from tests.factories.editions import one_menu
from tests.factories.stores import make_store

SOUP = draft_item("Soup", 900, ref="1", groups=(make_group("Sauce", "Mild", "Hot"),))
PLAIN = draft_item("Soup", 900, ref="1")


@pytest.mark.parametrize(("seconds", "forgotten"), [(0, 0), (1, 3)])
async def test_what_left_long_ago_is_forgotten_and_gets_other_ids(clock: TestClock, seconds: int, forgotten: int) -> None:
    store = await make_store()
    await replace_menu(SEED, store.id, *one_menu(SOUP))
    (before,) = (await menu(store.id, clock.now())).menus[0].sections[0].items
    await replace_menu(SEED, store.id, *one_menu(PLAIN))
    left = await rows("SELECT level, ref FROM menu_rows_left WHERE store_id = $1 ORDER BY level, ref", store.id)
    assert [record["level"] for record in left] == ["group", "option", "option"]

    clock.move(seconds=KEPT_FOR.total_seconds() + seconds)
    assert await forget_rows_left() == forgotten
    assert await forget_rows_left() == 0

    await replace_menu(SEED, store.id, *one_menu(SOUP))
    (after,) = (await menu(store.id, clock.now())).menus[0].sections[0].items
    assert after.id == before.id
    assert (option_named(after, "Hot").id == option_named(before, "Hot").id) is not bool(forgotten)


def test_the_worker_does_it() -> None:
    assert forget_rows_left in [timer.job for timer in TIMERS]
