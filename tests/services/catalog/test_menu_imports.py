"""Files become menus: queued, read by the worker, shown first or applied as a whole."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import orjson
import pytest

from services.catalog.events import MenuReplaced
from services.catalog.imports.asking import LARGEST_FILE, MenuFile, apply_menu_import, cancel_menu_import, start_menu_import
from services.catalog.imports.errors import MenuFileTooLarge, MenuImportCannotMove, MenuImportInProgress, MenuImportTooSoon
from services.catalog.imports.export import export_menu
from services.catalog.imports.jobs import ImportCard, ImportState, changes_of, import_by_id, remarks_of
from services.catalog.imports.running import KEPT_FOR, forget_old_imports, run_menu_imports
from services.catalog.imports.shapes import ImportFormat, RemarkCode, RemarkKind
from services.catalog.operations import replace_menu
from services.catalog.queries import menu
from services.kernel.actors import StaffRole, StoreStaff, System
from services.kernel.database import row, rows, run
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.idempotency import KeyReusedWithOtherInput
from services.kernel.paging import PageRequest
from services.seeds.drafts import menus_of
from services.seeds.read import load_city
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import recorded

GOOD = b"ref;name;price;stock\nA1;Oat milk;1,95;4\nA2;Rye bread;3,20;\n"
BROKEN = GOOD + b"A3;;2,00;\nA4;Butter;cheap;\n"

MENU_SCHEMA = jsonschema_rs.Draft202012Validator(
    orjson.loads((Path(__file__).parents[3] / "docs" / "menu.schema.json").read_bytes())
)


async def owner() -> StoreStaff:
    return await make_staff((await make_store()).id, StaffRole.OWNER)


async def begin(staff: StoreStaff, content: bytes = GOOD, *, key: str = "k", **more: Any) -> ImportCard:
    return await start_menu_import(staff, staff.store_id, MenuFile(content, name="range.csv"), key=key, **more)


async def finished(staff: StoreStaff, card: ImportCard) -> ImportCard:
    while await run_menu_imports():
        pass
    return await import_by_id(staff.store_id, card.id)


async def names_sold(store_id: UUID, clock: TestClock) -> list[str]:
    tree = await menu(store_id, clock.now())
    return [item.name for card in tree.menus for section in card.sections for item in section.items]


async def test_a_good_file_is_sold_as_a_whole(clock: TestClock) -> None:
    staff = await owner()

    card = await finished(staff, await begin(staff))

    assert (card.state, card.format, card.good_rows, card.faults, card.reason) == ("APPLIED", ImportFormat.CSV, 2, 0, None)
    assert (card.added, card.removed, card.changed) == (4, 0, 0)
    assert await names_sold(staff.store_id, clock) == ["Oat milk", "Rye bread"]
    (told,) = await recorded(MenuReplaced)
    assert (told.items, told.edition_id is not None) == (2, True)
    assert (await row("SELECT length(content) AS size FROM menu_imports")) == (0,)


async def test_one_broken_row_refuses_the_whole_file_and_is_listed(clock: TestClock) -> None:
    staff = await owner()

    card = await finished(staff, await begin(staff, BROKEN))

    assert (card.state, card.good_rows, card.faults) == ("REFUSED", 2, 2)
    page = await remarks_of(staff, card.id, PageRequest(first=1), RemarkKind.FAULT)
    rest = await remarks_of(staff, card.id, PageRequest(after=page.end_cursor), RemarkKind.FAULT)
    assert [(one.of.row, one.of.path, one.of.code) for one in (*page.rows, *rest.rows)] == [
        (4, "name", RemarkCode.NAME_MISSING),
        (5, "price", RemarkCode.PRICE_NOT_READABLE),
    ]
    assert (page.has_next, rest.has_next) == (True, False)
    assert await names_sold(staff.store_id, clock) == []
    assert (await read_store(staff.store_id)).version == 1
    assert await recorded(MenuReplaced) == []


async def test_faulty_rows_are_left_out_where_somebody_says_so(clock: TestClock) -> None:
    staff = await owner()

    card = await finished(staff, await begin(staff, BROKEN, take_good_rows=True))

    assert (card.state, card.good_rows, card.faults) == ("APPLIED", 2, 2)
    assert await names_sold(staff.store_id, clock) == ["Oat milk", "Rye bread"]


async def test_a_dry_run_shows_what_would_change_and_applying_does_exactly_that(clock: TestClock) -> None:
    staff = await owner()
    await make_menu(staff.store_id, draft_item("Oat milk", 150, ref="A1", stock=9), draft_item("Old cheese", 400, ref="A9"))
    version = (await read_store(staff.store_id)).version

    card = await finished(staff, await begin(staff, dry_run=True))
    changes = (await changes_of(staff, card.id, PageRequest(first=100))).rows

    assert card.state is ImportState.PREVIEWED
    items = {(one.of.kind.value, one.of.ref) for one in changes if one.of.level == "ITEM"}
    assert items == {("CHANGED", "A1"), ("ADDED", "A2"), ("REMOVED", "A9")}
    assert (await read_store(staff.store_id)).version == version

    await apply_menu_import(staff, card.id)
    done = await finished(staff, card)
    again = await apply_menu_import(staff, card.id)

    assert (done.state, again.applied_at) == ("APPLIED", done.applied_at)
    assert await names_sold(staff.store_id, clock) == ["Oat milk", "Rye bread"]


async def test_a_preview_that_is_outdated_is_shown_again_instead_of_applied(clock: TestClock) -> None:
    staff = await owner()
    card = await finished(staff, await begin(staff, dry_run=True))
    await make_menu(staff.store_id, draft_item("Soup", 900))

    await apply_menu_import(staff, card.id)
    done = await finished(staff, card)

    assert (done.state, done.added, done.removed) == ("PREVIEWED", 2, 1)
    assert done.reason == "What is sold has changed since the preview; this is the difference now."
    assert await names_sold(staff.store_id, clock) == ["Soup"]


async def test_a_later_import_takes_the_place_of_a_preview_and_its_file_is_let_go() -> None:
    staff = await owner()
    first = await finished(staff, await begin(staff, dry_run=True))
    second = await finished(staff, await begin(staff, BROKEN, key="second", dry_run=True, take_good_rows=True))

    kept = await row("SELECT sum(length(content)) FROM menu_imports")
    assert ((await import_by_id(staff.store_id, first.id)).state, second.state, kept) == (
        "CANCELLED",
        "PREVIEWED",
        (len(BROKEN),),
    )
    with pytest.raises(MenuImportCannotMove):
        await apply_menu_import(staff, first.id)


async def test_a_seeded_menu_goes_out_and_comes_in_again_as_it_was(clock: TestClock) -> None:
    city = load_city(1)
    several = (city.stores[0], next(one for one in city.stores if one.kind == "GROCER"))
    for place in several:
        staff = await owner()
        await replace_menu(staff, staff.store_id, *menus_of(place, 1))
        before = [tuple(record) for record in await rows(_ROWS_OF_STORE, staff.store_id)]
        out = await export_menu(staff, staff.store_id)
        MENU_SCHEMA.validate(orjson.loads(out.content))

        card = await finished(staff, await begin(staff, out.content.encode(), key="back"))

        assert (card.state, card.faults, card.added, card.removed, card.changed) == ("APPLIED", 0, 0, 0, 0)
        assert [tuple(record) for record in await rows(_ROWS_OF_STORE, staff.store_id)] == before
        assert await export_menu(staff, staff.store_id) == out


_ROWS_OF_STORE = """
SELECT 'item', id, ref, name, price, stock, position FROM items WHERE store_id = $1
UNION ALL SELECT 'option', id, ref, name, price, NULL, position FROM options WHERE store_id = $1
UNION ALL SELECT 'link', item_id, group_id::text, '', 0, NULL, position FROM item_groups WHERE store_id = $1
ORDER BY 1, 2, 3
"""


async def test_counts_that_a_file_does_not_say_stay(clock: TestClock) -> None:
    staff = await owner()
    await make_menu(staff.store_id, draft_item("Rye bread", 300, ref="A2", stock=7))

    await finished(staff, await begin(staff))

    tree = await menu(staff.store_id, clock.now())
    assert [item.stock for item in tree.menus[0].sections[0].items] == [4, 7]


async def test_the_same_key_is_one_import_and_another_file_under_it_is_refused() -> None:
    staff = await owner()

    first, again = await begin(staff), await begin(staff)

    assert first.id == again.id
    with pytest.raises(KeyReusedWithOtherInput):
        await begin(staff, BROKEN)


async def test_a_store_brings_in_one_menu_at_a_time_and_the_next_after_a_minute(clock: TestClock) -> None:
    staff = await owner()
    first = await begin(staff)
    with pytest.raises(MenuImportInProgress) as busy:
        await begin(staff, key="other")
    assert busy.value.import_id == first.id

    applied = await finished(staff, first)
    clock.move(seconds=59)
    with pytest.raises(MenuImportTooSoon) as soon:
        await begin(staff, key="other")
    assert soon.value.retry_at == (applied.applied_at or clock.now()) + timedelta(seconds=60)
    # A look costs nothing and may be had at once.
    assert (await finished(staff, await begin(staff, key="look", dry_run=True))).state is ImportState.PREVIEWED

    clock.move(seconds=1)
    assert (await finished(staff, await begin(staff, key="other"))).state is ImportState.APPLIED


async def test_what_waits_is_cancelled_at_once_and_what_is_over_cannot_be(clock: TestClock) -> None:
    staff = await owner()
    card = await begin(staff)

    gone = [await cancel_menu_import(staff, card.id) for _ in range(2)]

    assert [one.state for one in gone] == ["CANCELLED", "CANCELLED"]
    assert await run_menu_imports() == 0
    assert await names_sold(staff.store_id, clock) == []
    applied = await finished(staff, await begin(staff, key="second"))
    with pytest.raises(MenuImportCannotMove):
        await cancel_menu_import(staff, applied.id)
    with pytest.raises(MenuImportCannotMove):
        await apply_menu_import(staff, card.id)


async def test_an_import_in_hand_is_let_go_at_its_next_step(clock: TestClock) -> None:
    staff = await owner()
    card = await begin(staff)
    # As if a worker held it at this moment.
    await run("UPDATE menu_imports SET state = 'READING', leased_until = $1", clock.now() + timedelta(days=9_000))
    assert (await cancel_menu_import(staff, card.id)).state is ImportState.READING
    await run("UPDATE menu_imports SET leased_until = NULL")

    assert (await finished(staff, card)).state is ImportState.CANCELLED
    assert await names_sold(staff.store_id, clock) == []


async def test_a_worker_that_died_is_followed_by_another_and_not_for_ever(clock: TestClock) -> None:
    staff = await owner()
    card = await begin(staff)
    long_ago = clock.now() - timedelta(days=9_000)
    await run("UPDATE menu_imports SET state = 'WRITING', attempts = 4, leased_until = $1", long_ago)
    assert (await finished(staff, card)).state is ImportState.APPLIED

    clock.move(minutes=2)
    other = await begin(staff, key="other")
    await run("UPDATE menu_imports SET state = 'WRITING', attempts = 5, leased_until = $1 WHERE id = $2", long_ago, other.id)
    assert (await finished(staff, other)).state is ImportState.FAILED


async def test_who_may_not_replace_the_menu_may_not_import(clock: TestClock) -> None:
    staff = await owner()
    clerk = await make_staff(staff.store_id, StaffRole.CLERK)
    other = await owner()
    card = await begin(staff, dry_run=True)

    with pytest.raises(Forbidden):
        await begin(clerk)
    with pytest.raises(NotFound):
        await start_menu_import(staff, other.store_id, MenuFile(GOOD), key="k2")
    for ask in (apply_menu_import, cancel_menu_import):
        with pytest.raises(NotFound):
            await ask(other, card.id)
    with pytest.raises(NotFound):
        await remarks_of(other, card.id, PageRequest())


async def test_what_cannot_be_read_is_refused_before_anything_is_kept() -> None:
    staff = await owner()
    with pytest.raises(MenuFileTooLarge):
        await begin(staff, b"x" * (LARGEST_FILE + 1))
    with pytest.raises(BadInput, match=r"mapping's fields\.colour"):
        await start_menu_import(staff, staff.store_id, MenuFile(GOOD, mapping={"fields": {"colour": "x"}}), key="k")
    assert await row("SELECT count(*) FROM menu_imports") == (0,)


async def test_old_imports_are_forgotten_with_all_that_was_told(clock: TestClock) -> None:
    staff = await owner()
    await finished(staff, await begin(staff, BROKEN))
    clock.move(seconds=KEPT_FOR.total_seconds() + 1)

    assert await forget_old_imports() == 1
    assert await row("SELECT count(*) FROM menu_import_remarks") == (0,)


async def test_the_house_itself_may_import(clock: TestClock) -> None:
    shop = await make_store()
    await start_menu_import(System("terminal"), shop.id, MenuFile(base64.b64encode(GOOD), is_base64=True))
    assert await run_menu_imports() == 1
    assert await names_sold(shop.id, clock) == ["Oat milk", "Rye bread"]


async def test_a_file_takes_as_many_statements_whatever_its_size(clock: TestClock, statements: Statements) -> None:
    counts = []
    for size in (3, 300):
        staff = await owner()
        table = "ref;name;price;gtin\n" + "".join(f"R{n};Article {n};1,50;\n" for n in range(size))
        card = await begin(staff, table.encode())
        statements.clear()
        assert (await finished(staff, card)).good_rows == size
        # How often it is looked at while it is read depends on the machine.
        counts.append(sum("rows_read = $3" not in statement for statement in statements.queries))
    assert counts[0] == counts[1]
