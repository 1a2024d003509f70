"""A draft of the menu: begun from what is published, written by two tablets, seen before anybody else sees it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.catalog.editions.comparing import compared
from services.catalog.editions.drafting import begin_draft, discard_draft, menus_of, save_draft
from services.catalog.editions.errors import MenuDraftOpen, MenuEditedMeanwhile, MenuEditionCannotMove
from services.catalog.editions.events import MenuDraftBegun, MenuDraftDiscarded
from services.catalog.editions.previewing import preview, preview_by_key
from services.catalog.editions.publishing import publish_edition, undo_to
from services.catalog.editions.queries import EditionCard, editing, edition, editions
from services.catalog.editions.states import EditionState
from services.catalog.errors import MenuRowInvalid
from services.catalog.marking import mark_item_out
from services.catalog.queries import menu
from services.kernel.actors import StaffRole
from services.kernel.database import run
from services.kernel.errors import Forbidden, NotFound
from services.kernel.paging import PageRequest
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_menu, make_option
from tests.factories.editions import make_draft, make_publication, one_menu
from tests.factories.identity import make_person, make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint, recorded

SAUCE = make_group("Sauce", make_option("Mild", 50), "Hot", least=1)


async def test_a_draft_begins_with_what_is_published_and_two_who_begin_share_it(clock: TestClock) -> None:
    store = await make_store()
    await make_menu(store.id, draft_item("Soup", 1_250, groups=(SAUCE,), stock=4, allergens=("MILK",)))
    one, other = await make_staff(store.id, name="Eero"), await make_staff(store.id, StaffRole.MANAGER)

    draft = await begin_draft(one)
    again = await begin_draft(other)

    assert again == draft
    assert (draft.state, draft.version, draft.based_on, draft.began_by_name) == (EditionState.DRAFT, 1, 1, "Eero")
    (section,) = (await menus_of(draft))[0].sections
    (soup,) = section.items
    assert (soup.name, soup.price, soup.stock, soup.allergens) == ("Soup", 1_250, None, ("MILK",))
    assert [(option.name, option.price) for option in soup.groups[0].options] == [("Mild", 50), ("Hot", 0)]
    assert (await compared([draft]))[0].rows == []
    assert await recorded(MenuDraftBegun) == [MenuDraftBegun(store_id=store.id, edition_id=draft.id)]


async def test_who_has_no_name_is_told_by_the_phone_or_the_role(clock: TestClock) -> None:
    store = await make_store()
    by_phone = await make_staff(store.id, person_id=await make_person("", phone="+358401231234"))
    nameless = await make_staff(store.id, StaffRole.MANAGER, name="")
    draft = await begin_draft(by_phone)

    saved = await save_draft(nameless, draft.id, draft.version, one_menu(draft_item("Soup", ref="1")), "EUR")

    assert (draft.began_by_name, draft.saved_by_name, draft.closed_by_name) == ("…1234", "…1234", None)
    assert (saved.began_by_name, saved.saved_by_name) == ("…1234", "Manager")


async def test_what_was_sold_before_editions_were_kept_can_be_gone_back_to(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    await make_menu(staff.store_id, draft_item("Soup", 900, ref="1"))
    await run("DELETE FROM menu_edition_documents")
    await run("DELETE FROM menu_editions")

    draft = await begin_draft(staff)

    first = (await editing(staff)).published
    assert first is not None
    assert (first.publication, first.began_by_name, draft.based_on) == (1, None, 1)
    saved = await save_draft(staff, draft.id, 1, one_menu(draft_item("Bun", ref="2")), "EUR")
    await publish_edition(staff, draft.id, saved.version)
    await undo_to(staff, first.id)
    assert [item.name for item in (await menu(staff.store_id, clock.now())).menus[0].sections[0].items] == ["Soup"]


async def test_who_saves_second_is_told_both_versions_and_what_each_changed(clock: TestClock) -> None:
    store = await make_store()
    one, other = await make_staff(store.id, name="Eero"), await make_staff(store.id, name="Salme")
    draft = await make_draft(one, soup := draft_item("Soup", 1_000, ref="1"), bun := draft_item("Bun", 300, ref="2"))
    clock.move(seconds=30)
    theirs = await save_draft(other, draft.id, draft.version, one_menu(soup, replace(bun, price=350)), "EUR")
    before = await fingerprint()

    with pytest.raises(MenuEditedMeanwhile) as refused:
        await save_draft(one, draft.id, draft.version, one_menu(replace(soup, price=1_100), bun), "EUR")

    told = refused.value
    assert (told.seen_version, told.edition) == (2, theirs)
    assert (told.edition.saved_by_name, told.edition.saved_at) == ("Salme", clock.now())
    assert told.overtaken is not None
    assert told.overtaken.common
    changes = [[(row.ref, row.fields[0].before, row.fields[0].after) for row in told] for told in (
        told.overtaken.their_changes, told.overtaken.your_changes)]  # fmt: skip
    assert changes == [[("2", '"3.00"', '"3.50"')], [("1", '"10.00"', '"11.00"')]]
    prices = [
        [item["price"] for item in document["menus"][0]["sections"][0]["items"]]
        for document in (told.overtaken.theirs, told.overtaken.yours)
    ]
    assert prices == [["10.00", "3.50"], ["11.00", "3.00"]]
    assert await fingerprint() == before


async def test_of_many_who_save_at_once_one_is_first(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff)
    tried = [save_draft(staff, draft.id, 1, one_menu(draft_item("Soup", 900 + number, ref="1")), "EUR") for number in range(6)]

    told = await asyncio.gather(*tried, return_exceptions=True)

    assert sorted(type(one).__name__ for one in told) == ["EditionCard", *["MenuEditedMeanwhile"] * 5]
    (saved,) = [one for one in told if isinstance(one, EditionCard)]
    assert (saved.version, await edition(staff, draft.id)) == (2, saved)


async def test_a_saving_whose_answer_was_lost_may_be_said_again(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff)
    menus = one_menu(draft_item("Soup", ref="1"))

    saved = await save_draft(staff, draft.id, draft.version, menus, "EUR")

    assert await save_draft(staff, draft.id, draft.version, menus, "EUR") == saved
    with pytest.raises(MenuEditedMeanwhile):
        await save_draft(await make_staff(staff.store_id), draft.id, draft.version, menus, "EUR")


async def test_what_cannot_stand_is_not_saved(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup"))
    before = await fingerprint()

    with pytest.raises(MenuRowInvalid) as refused:
        await save_draft(staff, draft.id, draft.version, one_menu(draft_item("Soup", -1)), "EUR")

    assert refused.value.row == "menus[0].sections[0].items[0]"
    assert await fingerprint() == before


async def test_a_draft_is_thrown_away_and_another_begun(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup"))

    gone = await discard_draft(staff, draft.id)

    assert (gone.state, gone.closed_by_name, gone.closed_at) == (EditionState.DISCARDED, "Eero Mäkelä", clock.now())
    assert await discard_draft(staff, draft.id) == gone
    with pytest.raises(MenuEditionCannotMove):
        await save_draft(staff, draft.id, draft.version, one_menu(draft_item()), "EUR")
    again = await begin_draft(staff, gone.id)
    assert (await menus_of(again)) == (await menus_of(gone))
    assert await recorded(MenuDraftDiscarded) == [MenuDraftDiscarded(store_id=staff.store_id, edition_id=draft.id)]


async def test_a_draft_begins_from_an_earlier_publication_unless_one_is_open(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    first = await make_publication(staff, draft_item("Soup", 900, ref="1"))
    await make_publication(staff, draft_item("Soup", 950, ref="1"))

    draft = await begin_draft(staff, first.id)

    assert ((await menus_of(draft))[0].sections[0].items[0].price, draft.restores, draft.based_on) == (900, 1, 2)
    assert await begin_draft(staff, first.id) == draft
    await discard_draft(staff, draft.id)
    opened = await begin_draft(staff)
    before = await fingerprint()
    with pytest.raises(MenuDraftOpen) as refused:
        await begin_draft(staff, first.id)
    assert refused.value.draft == opened
    assert await fingerprint() == before


async def test_a_preview_is_what_consumers_see_once_it_is_published_and_leaves_no_trace(clock: TestClock) -> None:
    store = await make_store()
    staff = await make_staff(store.id)
    await make_publication(staff, draft_item("Soup", 900, ref="1", groups=(SAUCE,)), draft_item("Tea", ref="2"))
    (soup, _) = (await menu(store.id, clock.now())).menus[0].sections[0].items
    await mark_item_out(staff, soup.id)
    draft = await make_draft(
        staff, draft_item("Soup", 950, ref="1", groups=(SAUCE,)), draft_item("Milk", ref="3", gtin="96385074")
    )
    before = await fingerprint()

    shown, seen = await preview(staff, draft.id)
    by_key = await preview_by_key(draft.preview_key)

    assert await fingerprint() == before
    assert by_key[1].menus[0].sections[0].items[0] == seen.menus[0].sections[0].items[0]
    await publish_edition(staff, draft.id, draft.version)
    real = await menu(store.id, clock.now())
    assert shown.id == store.id
    # What is new in a draft gets its ids when it is published, products too.
    made_up: Any = {"id": None, "product_id": None}
    pairs = list(zip(seen.menus[0].sections[0].items, real.menus[0].sections[0].items, strict=True))
    assert [replace(pictured, **made_up) == replace(item, **made_up) for pictured, item in pairs] == [True, True]
    assert [pictured.id == item.id for pictured, item in pairs] == [True, False]
    assert (seen.menus[0].id, seen.menus[0].name) == (real.menus[0].id, real.menus[0].name)
    with pytest.raises(NotFound):
        await preview_by_key(draft.preview_key)


async def test_editing_and_its_list_in_pages(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    published = [await make_publication(staff, draft_item("Soup", 900 + number, ref="1")) for number in range(3)]
    draft = await make_draft(staff)

    now = await editing(staff)

    assert (now.draft, now.scheduled, now.published) == (draft, None, published[-1])
    first = await editions(staff, PageRequest(2))
    rest = await editions(staff, PageRequest(2, first.end_cursor))
    assert [card.id for card in (*first.rows, *rest.rows)] == [draft.id, *(card.id for card in reversed(published))]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_who_may_not_edit_and_whose_edition_it_is_not(clock: TestClock) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    stranger = await make_staff((await make_store()).id)
    draft = await make_draft(owner, draft_item("Soup"))
    before = await fingerprint()

    for refused in (
        begin_draft(clerk),
        save_draft(clerk, draft.id, draft.version, one_menu(), "EUR"),
        discard_draft(clerk, draft.id),
    ):
        with pytest.raises(Forbidden):
            await refused
    for refused in (
        begin_draft(stranger, draft.id),
        save_draft(stranger, draft.id, draft.version, one_menu(), "EUR"),
        discard_draft(stranger, draft.id),
        edition(stranger, draft.id),
    ):
        with pytest.raises(NotFound):
            await refused
    with pytest.raises(NotFound):
        await preview(stranger, draft.id)

    assert (await edition(clerk, draft.id)) == draft
    assert await fingerprint() == before


async def test_the_number_of_statements_does_not_depend_on_the_size(statements: Statements) -> None:
    counts = []
    for size in (2, 40):
        staff = await make_staff((await make_store()).id)
        dishes = [draft_item(f"Dish {number}", ref=str(number), groups=(SAUCE,)) for number in range(size)]
        await make_menu(staff.store_id, *dishes)
        begun = await statements.of(begin_draft(staff))
        draft = await begin_draft(staff)
        menus = await menus_of(draft)
        asked = [
            save_draft(staff, draft.id, draft.version, menus, "EUR"),
            edition(staff, draft.id),
            editing(staff),
            editions(staff, PageRequest(10)),
            preview(staff, draft.id),
            compared([draft]),
            discard_draft(staff, draft.id),
        ]
        counts.append([begun, *[await statements.of(one) for one in asked]])

    assert counts[0] == counts[1] == [14, 5, 1, 1, 1, 9, 10, 5]
