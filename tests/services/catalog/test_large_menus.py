"""Large menus: written a thousand rows with a statement; what is too long for a call is told to be an import."""

import pytest

from services.catalog.editions.drafting import begin_draft, menus_of
from services.catalog.errors import MenuLimitExceeded
from services.catalog.operations import ROWS_PER_CALL, replace_menu
from services.catalog.published import published_menus
from services.catalog.queries import menu
from services.catalog.rules import MenuDraft, SectionDraft
from services.catalog.rules.counts import uncounted
from services.catalog.writing_items import AT_ONCE
from services.kernel.database import row
from tests.conftest import Statements, TestClock
from tests.factories.catalog import SEED, draft_item, make_group, make_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint

PER_SECTION = 300


def range_of(items: int) -> MenuDraft:
    drafts = tuple(draft_item(f"Article {number}", 100 + number, ref=f"R{number}") for number in range(items))
    sections = tuple(
        SectionDraft(name=f"Aisle {place}", ref=f"A{place}", items=drafts[start : start + PER_SECTION])
        for place, start in enumerate(range(0, items, PER_SECTION))
    )
    return MenuDraft(name="Menu", ref="M", sections=sections)


async def test_every_row_of_a_menu_of_more_than_one_statement_is_written_and_read_again(statements: Statements) -> None:
    staff = await make_staff((await make_store()).id)
    small, large = range_of(2), range_of(AT_ONCE + 5)
    of_small = await statements.of(replace_menu(SEED, staff.store_id, small))
    of_large = await statements.of(replace_menu(SEED, (await make_store()).id, large))
    await replace_menu(staff, staff.store_id, large)

    assert await published_menus(staff.store_id) == (large,)
    assert of_large == of_small + 1
    assert await menus_of(await begin_draft(staff)) == uncounted((large,))
    assert await row("SELECT count(*) FROM search_documents WHERE store_id = $1 AND ware IS NOT NULL", staff.store_id) == (
        AT_ONCE + 5,
    )

    await replace_menu(staff, staff.store_id, small)

    assert await published_menus(staff.store_id) == (small,)
    assert await row(_GONE, staff.store_id) == (AT_ONCE + 3, AT_ONCE + 3, 2)


_GONE = """
SELECT count(removed_at), count(*) FILTER (WHERE section_id IS NULL),
       (SELECT count(*) FROM search_documents d WHERE d.store_id = $1 AND d.ware IS NOT NULL)
FROM items WHERE store_id = $1
"""


@pytest.mark.parametrize(("items", "options"), [(2, 1), (120, 8)])
async def test_a_menu_of_960_options_is_read_in_as_many_statements_as_one_of_two(
    clock: TestClock, statements: Statements, items: int, options: int
) -> None:
    store = await make_store()
    names = [f"Choice {number}" for number in range(options)]
    await make_menu(store.id, *(draft_item(f"Dish {number}", groups=(make_group("Size", *names),)) for number in range(items)))

    statements.clear()
    tree = await menu(store.id, clock.now())

    assert await statements.count() == 8
    read = [option for item in tree.menus[0].sections[0].items for group in item.groups for option in group.options]
    assert len(read) == items * options


async def test_a_menu_too_long_for_a_call_is_told_to_be_an_import_and_changes_nothing() -> None:
    staff = await make_staff((await make_store()).id)
    sections = -(-ROWS_PER_CALL // PER_SECTION)
    before = await fingerprint()

    with pytest.raises(MenuLimitExceeded, match="bring it in as an import") as refused:
        await replace_menu(staff, staff.store_id, range_of(ROWS_PER_CALL - sections))

    assert (refused.value.row, refused.value.limit, refused.value.allowed, refused.value.found) == (
        "menus",
        "rows per call",
        ROWS_PER_CALL,
        ROWS_PER_CALL + 1,
    )
    assert refused.value.rows[0].fault == str(refused.value)
    assert await fingerprint() == before
