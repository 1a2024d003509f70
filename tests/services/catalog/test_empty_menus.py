"""A live store always has something to sell; one that is being set up need not."""

from datetime import timedelta

import pytest

from services.catalog.editions.drafting import begin_draft, save_draft
from services.catalog.editions.publishing import publish_due_editions, publish_edition, schedule_edition
from services.catalog.editions.queries import editing, edition
from services.catalog.editions.states import EditionState
from services.catalog.errors import MenuRowInvalid
from services.catalog.operations import replace_menu
from services.catalog.queries import menu
from services.catalog.rules import MenuDraft
from services.stores.models import StoreState
from tests.conftest import TestClock
from tests.factories.catalog import draft_item
from tests.factories.editions import make_publication, one_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint


@pytest.mark.parametrize("empty", [(), one_menu()])
async def test_a_live_store_never_sells_nothing(clock: TestClock, empty: tuple[MenuDraft, ...]) -> None:
    staff = await make_staff((await make_store()).id)
    soup = await make_publication(staff, draft_item("Soup", 900, ref="1"))
    draft = await begin_draft(staff)
    saved = await save_draft(staff, draft.id, draft.version, empty, "EUR")
    before = await fingerprint()

    with pytest.raises(MenuRowInvalid) as refused:
        await publish_edition(staff, draft.id, saved.version)
    with pytest.raises(MenuRowInvalid):
        await replace_menu(staff, staff.store_id, *empty)

    assert refused.value.row == "menus"
    assert await fingerprint() == before
    at = clock.now() + timedelta(hours=3)
    await schedule_edition(staff, draft.id, saved.version, at)
    clock.move_to(at)
    assert (await publish_due_editions(), (await edition(staff, draft.id)).state) == (0, EditionState.CALLED_OFF)
    assert (await editing(staff)).published == soup


async def test_a_store_that_is_not_live_may_sell_nothing(clock: TestClock) -> None:
    staff = await make_staff((await make_store(state=StoreState.DRAFT)).id)
    await make_publication(staff, draft_item("Soup", 900, ref="1"))
    draft = await begin_draft(staff)
    saved = await save_draft(staff, draft.id, draft.version, (), "EUR")

    assert (await publish_edition(staff, draft.id, saved.version)).publication == 2
    assert (await menu(staff.store_id, clock.now())).menus == ()
    await replace_menu(staff, staff.store_id)
