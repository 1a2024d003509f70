"""Fed counts and menus: whoever counted last is right, and a row told again brings no older count back."""

import pytest

from services.catalog.editions.comparing import compared
from services.catalog.editions.drafting import save_draft
from services.catalog.editions.previewing import preview
from services.catalog.editions.publishing import publish_due_editions, publish_edition, schedule_edition, undo_to
from services.catalog.editions.queries import EditionCard, editing
from services.catalog.imports.feeds import FeedOutcome, FeedRow, feed_stock
from services.catalog.operations import replace_menu
from services.kernel.actors import StoreStaff
from services.kernel.database import rows
from tests.conftest import TestClock
from tests.factories.catalog import draft_item
from tests.factories.editions import make_draft, one_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store

BUNS, PIES = draft_item("Bun", 300, ref="bun", stock=30), draft_item("Pie", 700, ref="pie", stock=8)


@pytest.fixture
async def staff(clock: TestClock) -> StoreStaff:
    staff = await make_staff((await make_store()).id)
    await replace_menu(staff, staff.store_id, *one_menu(draft_item("Bun", 300, ref="bun"), draft_item("Pie", 700, ref="pie")))
    return staff


async def fed(staff: StoreStaff, version: int, count: int) -> FeedOutcome:
    (outcome,) = (await feed_stock(staff, [FeedRow(version, count, ref="bun")])).outcomes
    return outcome


async def counts(staff: StoreStaff) -> dict[str, int | None]:
    found = await rows("SELECT ref, stock FROM items WHERE store_id = $1 AND removed_at IS NULL", staff.store_id)
    return {record["ref"]: record["stock"] for record in found}


async def drafted(staff: StoreStaff, clock: TestClock) -> EditionCard:
    draft = await make_draft(staff, BUNS, PIES)
    clock.move(minutes=1)
    return draft


async def test_a_count_of_the_draft_stands_against_a_repeated_row_and_gives_way_to_a_newer_one(
    staff: StoreStaff, clock: TestClock
) -> None:
    assert await fed(staff, 100, 10) is FeedOutcome.TAKEN
    draft = await drafted(staff, clock)
    await publish_edition(staff, draft.id, draft.version)
    assert await counts(staff) == {"bun": 30, "pie": 8}

    assert [await fed(staff, 100, 10), await fed(staff, 99, 5)] == [FeedOutcome.REPEATED, FeedOutcome.OUTDATED]
    assert await counts(staff) == {"bun": 30, "pie": 8}

    assert await fed(staff, 101, 4) is FeedOutcome.TAKEN
    assert await counts(staff) == {"bun": 4, "pie": 8}


async def test_so_does_a_count_of_a_whole_menu(staff: StoreStaff) -> None:
    await fed(staff, 100, 10)
    await replace_menu(staff, staff.store_id, *one_menu(BUNS, PIES))

    assert await fed(staff, 100, 10) is FeedOutcome.REPEATED
    assert await counts(staff) == {"bun": 30, "pie": 8}


async def test_a_count_told_after_the_draft_was_saved_stays_when_it_is_published(staff: StoreStaff, clock: TestClock) -> None:
    draft = await drafted(staff, clock)
    await fed(staff, 100, 10)

    assert [(row.ref, row.fields[0].field) for row in (await compared([draft]))[0].rows] == [("pie", "stock")]
    (_, tree) = await preview(staff, draft.id)
    assert [item.stock for item in tree.menus[0].sections[0].items] == [10, 8]
    await publish_edition(staff, draft.id, draft.version)

    assert await counts(staff) == {"bun": 10, "pie": 8}
    assert await fed(staff, 100, 10) is FeedOutcome.REPEATED


async def test_so_it_does_when_the_draft_waited_for_its_time(staff: StoreStaff, clock: TestClock) -> None:
    draft = await drafted(staff, clock)
    at = clock.now().replace(hour=23)
    await schedule_edition(staff, draft.id, draft.version, at)
    await fed(staff, 100, 10)
    clock.move_to(at)

    assert await publish_due_editions() == 1

    assert await counts(staff) == {"bun": 10, "pie": 8}


async def test_who_counts_again_in_the_draft_is_the_last(staff: StoreStaff, clock: TestClock) -> None:
    draft = await drafted(staff, clock)
    await fed(staff, 100, 10)
    clock.move(minutes=1)
    saved = await save_draft(staff, draft.id, draft.version, one_menu(draft_item("Bun", 300, ref="bun", stock=12), PIES), "EUR")

    await publish_edition(staff, draft.id, saved.version)

    assert await counts(staff) == {"bun": 12, "pie": 8}


async def test_going_back_leaves_the_shelf_as_it_is(staff: StoreStaff, clock: TestClock) -> None:
    draft = await drafted(staff, clock)
    await publish_edition(staff, draft.id, draft.version)
    first = (await editing(staff)).published
    assert first is not None
    await replace_menu(staff, staff.store_id, *one_menu(draft_item("Bun", 350, ref="bun"), PIES))
    await fed(staff, 100, 3)

    await undo_to(staff, first.id)

    assert await counts(staff) == {"bun": 3, "pie": 8}
