"""Fed prices and editions: a draft undoes none that it did not mean, and after an undo the till's word counts again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.editions.comparing import compared
from services.catalog.editions.drafting import begin_draft, menus_of, save_draft
from services.catalog.editions.previewing import preview
from services.catalog.editions.publishing import publish_due_editions, publish_edition, schedule_edition, undo_to
from services.catalog.editions.queries import editing
from services.catalog.imports.feeds import FeedOutcome, FeedRow, feed_prices
from services.catalog.operations import replace_menu
from services.kernel.actors import StoreStaff
from services.kernel.database import rows
from tests.conftest import TestClock
from tests.factories.catalog import draft_item
from tests.factories.editions import one_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store

MENU = one_menu(draft_item("Many", 2_000, ref="many"), draft_item("Few", 500, ref="few"))


@pytest.fixture
async def staff(clock: TestClock) -> StoreStaff:
    staff = await make_staff((await make_store()).id)
    await replace_menu(staff, staff.store_id, *MENU)
    return staff


async def fed(staff: StoreStaff, version: int, price: int, ref: str = "many") -> FeedOutcome:
    (outcome,) = (await feed_prices(staff, [FeedRow(version, price, ref=ref)])).outcomes
    return outcome


async def prices(staff: StoreStaff) -> dict[str, int]:
    found = await rows("SELECT ref, price FROM items WHERE store_id = $1 AND removed_at IS NULL", staff.store_id)
    return {record["ref"]: record["price"] for record in found}


async def test_a_draft_that_nobody_touched_undoes_no_fed_price(staff: StoreStaff) -> None:
    draft = await begin_draft(staff)
    assert await fed(staff, 100, 2_500) is FeedOutcome.TAKEN

    assert (await compared([draft]))[0].rows == []
    (_, tree) = await preview(staff, draft.id)
    assert [item.price for item in tree.menus[0].sections[0].items] == [2_500, 500]
    await publish_edition(staff, draft.id, draft.version)

    assert await prices(staff) == {"many": 2_500, "few": 500}
    assert await fed(staff, 100, 2_500) is FeedOutcome.REPEATED


async def test_nor_does_one_that_waited_for_its_time_and_says_other_things(staff: StoreStaff, clock: TestClock) -> None:
    draft = await begin_draft(staff)
    edited = one_menu(draft_item("So many", 2_000, ref="many"), draft_item("Few", 550, ref="few"))
    saved = await save_draft(staff, draft.id, draft.version, edited, "EUR")
    at = clock.now() + timedelta(hours=1)
    await schedule_edition(staff, draft.id, saved.version, at)
    await fed(staff, 100, 2_500)
    clock.move_to(at)

    assert await publish_due_editions() == 1

    assert await prices(staff) == {"many": 2_500, "few": 550}


async def test_a_price_that_the_draft_changed_is_the_draft_s_until_the_till_says_its_own_again(staff: StoreStaff) -> None:
    draft = await begin_draft(staff)
    await fed(staff, 100, 2_500)
    edited = one_menu(draft_item("Many", 1_800, ref="many"), draft_item("Few", 500, ref="few"))
    saved = await save_draft(staff, draft.id, draft.version, edited, "EUR")

    await publish_edition(staff, draft.id, saved.version)

    assert await prices(staff) == {"many": 1_800, "few": 500}
    assert [await fed(staff, 99, 1), await fed(staff, 100, 2_500)] == [FeedOutcome.OUTDATED, FeedOutcome.TAKEN]
    assert await prices(staff) == {"many": 2_500, "few": 500}


async def test_an_undo_sets_the_edition_s_price_and_the_till_s_repeated_row_counts_again(staff: StoreStaff) -> None:
    first = (await editing(staff)).published
    assert first is not None
    await fed(staff, 100, 2_500)
    await fed(staff, 100, 500, ref="few")
    draft = await begin_draft(staff)
    renamed = tuple(replace(menu, name="Dinner") for menu in await menus_of(draft))
    saved = await save_draft(staff, draft.id, draft.version, renamed, "EUR")
    await publish_edition(staff, draft.id, saved.version)

    await undo_to(staff, first.id)

    assert await prices(staff) == {"many": 2_000, "few": 500}
    assert [await fed(staff, 99, 1), await fed(staff, 100, 2_500)] == [FeedOutcome.OUTDATED, FeedOutcome.TAKEN]
    assert await fed(staff, 100, 500, ref="few") is FeedOutcome.REPEATED
    assert await prices(staff) == {"many": 2_500, "few": 500}


async def test_a_draft_begun_from_an_earlier_edition_keeps_what_was_fed_after_it_began(
    staff: StoreStaff, clock: TestClock
) -> None:
    first = (await editing(staff)).published
    assert first is not None
    await fed(staff, 100, 2_500)
    await fed(staff, 100, 600, ref="few")
    clock.move(minutes=1)
    draft = await begin_draft(staff, first.id)
    clock.move(minutes=1)
    await fed(staff, 101, 650, ref="few")

    await publish_edition(staff, draft.id, draft.version)

    assert await prices(staff) == {"many": 2_000, "few": 650}
