"""Publishing a menu at once or at its time, and going back: every publication is kept, nothing is ever lost."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from services.bootstrap import Ports
from services.catalog.editions.drafting import begin_draft, menus_of, save_draft
from services.catalog.editions.errors import (
    MenuEditedMeanwhile,
    MenuEditionCannotMove,
    MenuPublishedMeanwhile,
    PublicationTimeNotAllowed,
)
from services.catalog.editions.events import MenuPublicationCalledOff, MenuPublicationScheduled
from services.catalog.editions.publishing import (
    LONGEST_WAIT,
    call_off_edition,
    publish_due_editions,
    publish_edition,
    schedule_edition,
    undo_to,
)
from services.catalog.editions.queries import editing, edition
from services.catalog.editions.states import EditionState
from services.catalog.events import MenuReplaced
from services.catalog.marking import mark_item_out, mark_option_out
from services.catalog.operations import hold_stock, replace_menu
from services.catalog.queries import MenuTree, menu
from services.catalog.rules import MenuDraft
from services.kernel.actors import StaffRole, StoreStaff
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.errors import Forbidden, NotFound
from services.kernel.ids import new_id
from services.stores.models import StoreState
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_menu, make_option, option_named
from tests.factories.editions import make_draft, make_publication, one_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint, recorded
from tests.unit.catalog.menu_drafts import several_menus

Menus = tuple[MenuDraft, ...]
SAUCE = make_group("Sauce", make_option("Mild", 50), "Hot", least=1)


async def names_and_prices(store_id: UUID) -> list[tuple[str, int]]:
    tree = await menu(store_id, now())
    return [(item.name, item.price) for shown in tree.menus for section in shown.sections for item in section.items]


async def test_a_draft_is_published_at_once(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1"))
    version = (await read_store(staff.store_id)).version

    published = await publish_edition(staff, draft.id, draft.version)

    assert (published.state, published.publication, published.closed_by_name) == (EditionState.PUBLISHED, 1, "Eero Mäkelä")
    assert await names_and_prices(staff.store_id) == [("Soup", 900)]
    assert (await read_store(staff.store_id)).version == version + 1
    assert await publish_edition(staff, draft.id, draft.version) == published
    assert (await read_store(staff.store_id)).version == version + 1
    assert await recorded(MenuReplaced) == [MenuReplaced(store_id=staff.store_id, items=1, items_removed=0, edition_id=draft.id)]


async def test_only_what_was_seen_is_published(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1"))
    await save_draft(staff, draft.id, draft.version, one_menu(draft_item("Soup", 9, ref="1")), "EUR")
    before = await fingerprint()

    with pytest.raises(MenuEditedMeanwhile):
        await publish_edition(staff, draft.id, draft.version)
    with pytest.raises(MenuEditedMeanwhile):
        await schedule_edition(staff, draft.id, draft.version, clock.now() + timedelta(hours=1))

    assert await fingerprint() == before


async def test_a_publication_made_meanwhile_is_not_overwritten_unseen(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1"))
    await replace_menu(staff, staff.store_id, *one_menu(draft_item("Stew", 1_200, ref="2")))
    before = await fingerprint()

    with pytest.raises(MenuPublishedMeanwhile) as refused:
        await publish_edition(staff, draft.id, draft.version)

    assert (refused.value.edition.based_on, refused.value.latest.publication) == (0, 1)
    assert await fingerprint() == before
    assert (await publish_edition(staff, draft.id, draft.version, over=1)).publication == 2
    assert await names_and_prices(staff.store_id) == [("Soup", 900)]


async def test_counts_on_the_shelf_stay_unless_the_edition_says_one(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    await make_menu(staff.store_id, draft_item("Soup", ref="1", stock=9), draft_item("Bun", ref="2", stock=9))
    draft = await begin_draft(staff)
    (soup, _) = (await menu(staff.store_id, now())).menus[0].sections[0].items
    await hold_stock(new_id(), [(new_id(), soup.id, 2)], clock.now() + timedelta(minutes=10))
    saved = await save_draft(
        staff, draft.id, 1, one_menu(draft_item("Soup", ref="1"), draft_item("Bun", ref="2", stock=30)), "EUR"
    )

    await publish_edition(staff, draft.id, saved.version)

    assert [item.stock for item in (await menu(staff.store_id, now())).menus[0].sections[0].items] == [7, 30]


async def test_at_its_time_the_worker_publishes_it_once(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1"))
    at = clock.now() + timedelta(hours=3)

    waiting = await schedule_edition(staff, draft.id, draft.version, at)

    assert (waiting.state, waiting.publish_at) == (EditionState.SCHEDULED, at)
    assert await schedule_edition(staff, draft.id, draft.version, at) == waiting
    assert (await editing(staff)).scheduled == waiting
    clock.move_to(at - timedelta(seconds=1))
    assert (await publish_due_editions(), await names_and_prices(staff.store_id)) == (0, [])
    clock.move_to(at)
    assert (await publish_due_editions(), await names_and_prices(staff.store_id)) == (1, [("Soup", 900)])
    assert await publish_due_editions() == 0
    published = await edition(staff, draft.id)
    assert (published.state, published.closed_at, published.closed_by_name) == (EditionState.PUBLISHED, at, None)
    assert await recorded(MenuPublicationScheduled) == [
        MenuPublicationScheduled(store_id=staff.store_id, edition_id=draft.id, publish_at=at)
    ]


async def test_what_waits_is_called_off_by_hand_by_another_publication_and_by_another_that_waits(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    at = clock.now() + timedelta(hours=3)
    waiting = []
    for number in range(3):
        draft = await make_draft(staff, draft_item("Soup", 900 + number, ref="1"))
        waiting.append(await schedule_edition(staff, draft.id, draft.version, at, over=number))
        if number == 0:
            called = await call_off_edition(staff, draft.id)
            assert (called.state, await call_off_edition(staff, draft.id)) == (EditionState.CALLED_OFF, called)
    await replace_menu(staff, staff.store_id, *one_menu(draft_item("Stew", 1_200, ref="2")))

    states = [(await edition(staff, card.id)).state for card in waiting]
    assert states == [EditionState.CALLED_OFF] * 3
    assert [event.edition_id for event in await recorded(MenuPublicationCalledOff)] == [waiting[0].id, waiting[1].id]
    assert [event.called_off for event in await recorded(MenuReplaced)] == [waiting[2].id]
    clock.move_to(at)
    assert await publish_due_editions() == 0
    assert await names_and_prices(staff.store_id) == [("Stew", 1_200)]


async def test_a_menu_that_cannot_stand_any_more_is_called_off_with_its_fault(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1"))
    waiting = await schedule_edition(staff, draft.id, draft.version, clock.now() + timedelta(hours=1))
    # As if a limit had been lowered since.
    await run(
        "UPDATE menu_edition_documents SET document = jsonb_set(document, '{menus,0,sections,0,items,0,price}', '\"-9.00\"')"
        " WHERE edition_id = $1",
        draft.id,
    )
    clock.move(hours=1)

    assert await publish_due_editions() == 0

    told = await edition(staff, waiting.id)
    assert told.state is EditionState.CALLED_OFF
    assert told.fault is not None
    assert told.fault.startswith("menus[0].sections[0].items[0]")
    assert await names_and_prices(staff.store_id) == []


async def test_undoing_goes_back_to_any_publication_and_loses_none(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    first = await make_publication(staff, draft_item("Soup", 900, ref="1"))
    second = await make_publication(staff, draft_item("Stew", 1_200, ref="2"))

    undone = await undo_to(staff, first.id)

    assert (undone.publication, undone.restores, undone.origin) == (3, 1, "UNDO")
    assert await names_and_prices(staff.store_id) == [("Soup", 900)]
    assert (await undo_to(staff, first.id)).id == undone.id
    assert (await undo_to(staff, second.id)).publication == 4
    assert await names_and_prices(staff.store_id) == [("Stew", 1_200)]
    assert await menus_of(first) != await menus_of(second)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(one=several_menus, other=several_menus)
async def test_publish_undo_publish_is_the_identity(
    house: Ports, one: tuple[MenuDraft, ...], other: tuple[MenuDraft, ...]
) -> None:
    del house
    staff = await make_staff((await make_store(state=StoreState.DRAFT)).id)
    first = await published(staff, one)
    before = await seen(staff)

    second = await published(staff, other)
    between = await seen(staff)
    await undo_to(staff, first)
    back = await seen(staff)
    await undo_to(staff, second)

    assert back == before
    assert await seen(staff) == between


async def published(staff: StoreStaff, menus: Menus) -> UUID:
    draft = await begin_draft(staff)
    saved = await save_draft(staff, draft.id, draft.version, menus, "EUR")
    return (await publish_edition(staff, draft.id, saved.version)).id


async def seen(staff: StoreStaff) -> str:
    """All that consumers see, ids too; counts of stock are the shelf's."""
    tree: MenuTree = await menu(staff.store_id, now())
    return repr([(shown.id, shown.name, shown.names, shown.hours, shown.sections) for shown in tree.menus])


async def test_what_leaves_and_comes_back_is_the_same_to_its_ids_and_marks(clock: TestClock) -> None:
    staff = await make_staff((await make_store(state=StoreState.DRAFT)).id)
    first = await make_publication(staff, draft_item("Soup", 900, ref="1", groups=(SAUCE,)))
    before = (await menu(staff.store_id, now())).menus[0]
    soup = before.sections[0].items[0]
    await mark_option_out(staff, option_named(soup, "Mild").id, clock.now() + timedelta(hours=5))
    await mark_item_out(staff, soup.id)
    draft = await begin_draft(staff)
    saved = await save_draft(staff, draft.id, draft.version, (), "EUR")
    await publish_edition(staff, draft.id, saved.version)

    await undo_to(staff, first.id)

    after = (await menu(staff.store_id, now())).menus[0]
    back = after.sections[0].items[0]
    assert (after.id, after.sections[0].id, back.id, back.groups[0].id) == (
        before.id,
        before.sections[0].id,
        soup.id,
        soup.groups[0].id,
    )
    assert [option.id for option in back.groups[0].options] == [option.id for option in soup.groups[0].options]
    assert option_named(back, "Mild").unavailable_until == clock.now() + timedelta(hours=5)
    assert back.unavailable_until is not None


async def test_refusals_change_nothing(clock: TestClock) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    stranger = await make_staff((await make_store()).id)
    first = await make_publication(owner, draft_item("Soup", 900, ref="1"))
    draft = await make_draft(owner, draft_item("Soup", 950, ref="1"))
    at = clock.now() + timedelta(hours=1)
    before = await fingerprint()

    for refusal, refused in (
        (Forbidden, publish_edition(clerk, draft.id, draft.version)),
        (Forbidden, schedule_edition(clerk, draft.id, draft.version, at)),
        (Forbidden, call_off_edition(clerk, draft.id)),
        (Forbidden, undo_to(clerk, first.id)),
        (NotFound, publish_edition(stranger, draft.id, draft.version)),
        (NotFound, schedule_edition(stranger, draft.id, draft.version, at)),
        (NotFound, call_off_edition(stranger, draft.id)),
        (NotFound, undo_to(stranger, first.id)),
        (PublicationTimeNotAllowed, schedule_edition(owner, draft.id, draft.version, clock.now())),
        (PublicationTimeNotAllowed, schedule_edition(owner, draft.id, draft.version, clock.now() + LONGEST_WAIT * 2)),
        (MenuEditionCannotMove, schedule_edition(owner, first.id, first.version, at)),
        (MenuEditionCannotMove, call_off_edition(owner, draft.id)),
        (MenuEditionCannotMove, undo_to(owner, draft.id)),
    ):
        with pytest.raises(refusal):
            await refused

    assert await fingerprint() == before


async def test_the_number_of_statements_does_not_depend_on_the_size(statements: Statements) -> None:
    counts = []
    for size in (2, 40):
        staff = await make_staff((await make_store()).id)
        items = tuple(draft_item(f"Dish {number}", ref=str(number), groups=(SAUCE,)) for number in range(size))
        first = await make_publication(staff, *items)
        draft = await make_draft(staff, *items[1:])
        asked = [
            schedule_edition(staff, draft.id, draft.version, now() + timedelta(hours=1)),
            publish_edition(staff, draft.id, draft.version),
            undo_to(staff, first.id),
        ]
        counts.append([await statements.of(one) for one in asked])

    assert counts[0] == counts[1] == [8, 26, 20]
