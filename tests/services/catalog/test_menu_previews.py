"""A preview is put together without writing: the same as what is published, for nobody's waiting."""

import re
from datetime import timedelta
from decimal import Decimal

import asyncpg
import orjson
from hypothesis import HealthCheck, Phase, given, settings

from services.bootstrap import Ports
from services.catalog.editions.drafting import begin_draft, save_draft
from services.catalog.editions.previewing import preview
from services.catalog.editions.publishing import publish_edition
from services.catalog.marking import mark_item_out, mark_option_out
from services.catalog.queries import MenuTree, menu
from services.catalog.rules import MenuDraft
from services.kernel.clock import now
from services.stores.models import StoreState
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, option_named
from tests.factories.editions import make_draft, make_publication
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.unit.catalog.menu_drafts import several_menus

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SAUCE = make_group("Sauce", "Mild", "Hot", least=1)


def plain(value: object) -> float | str:
    """The driver's own ids as text, numbers without the zeros that a column adds."""
    return float(value) if isinstance(value, Decimal) else str(value)


def told(tree: MenuTree) -> str:
    """All that is in a tree, its ids by the order in which they are met: rows that are new get theirs when they are written."""
    text = orjson.dumps(tree.menus, default=plain, option=orjson.OPT_SORT_KEYS).decode()
    # Products are new too, and are met in other places.
    text = re.sub(rf'"product_id":(null|"{_UUID}")', "", text)
    numbers: dict[str, int] = {}
    return re.sub(_UUID, lambda found: str(numbers.setdefault(found[0], len(numbers))), text)


@settings(
    max_examples=6,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(one=several_menus, other=several_menus)
async def test_what_is_pictured_is_what_is_published(
    house: Ports, one: tuple[MenuDraft, ...], other: tuple[MenuDraft, ...]
) -> None:
    del house
    staff = await make_staff((await make_store(state=StoreState.DRAFT)).id)
    for menus in (one, other):
        draft = await begin_draft(staff)
        saved = await save_draft(staff, draft.id, draft.version, menus, "EUR")
        (_, pictured) = await preview(staff, draft.id)
        await publish_edition(staff, draft.id, saved.version)
        assert told(pictured) == told(await menu(staff.store_id, now()))


async def test_it_knows_what_is_marked_out_also_on_what_comes_back(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    soup = draft_item("Soup", 900, ref="1", groups=(SAUCE,), stock=4)
    await make_publication(staff, soup)
    (sold,) = (await menu(staff.store_id, clock.now())).menus[0].sections[0].items
    await mark_option_out(staff, option_named(sold, "Hot").id, clock.now() + timedelta(hours=5))
    await mark_item_out(staff, sold.id, clock.now() + timedelta(hours=2))
    await make_publication(staff, draft_item("Soup", 900, ref="1"))
    draft = await make_draft(staff, draft_item("Soup", 950, ref="1", groups=(SAUCE,)))

    (_, pictured) = await preview(staff, draft.id)
    (shown,) = pictured.menus[0].sections[0].items

    assert (shown.id, shown.price, shown.stock, shown.unavailable_until) == (sold.id, 950, 4, clock.now() + timedelta(hours=2))
    assert option_named(shown, "Hot").id == option_named(sold, "Hot").id
    assert option_named(shown, "Hot").unavailable_until == clock.now() + timedelta(hours=5)
    assert option_named(shown, "Mild").unavailable_until is None
    assert pictured.same_until == clock.now() + timedelta(hours=2)


async def test_an_article_that_two_items_name_for_the_first_time_is_called_alike(clock: TestClock) -> None:
    staff = await make_staff((await make_store()).id)
    items = (draft_item("Oats", ref="1", gtin="96385074"), draft_item("Oats too", ref="2", gtin="96385074", brand="Elovena"))
    draft = await make_draft(staff, *items)

    (_, pictured) = await preview(staff, draft.id)
    await publish_edition(staff, draft.id, draft.version)

    assert [item.brand for item in pictured.menus[0].sections[0].items] == ["Elovena", "Elovena"]
    assert told(pictured) == told(await menu(staff.store_id, now()))


async def test_it_waits_for_nobody_and_nobody_waits_for_it(
    clock: TestClock, owner: asyncpg.Connection, statements: Statements
) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff, draft_item("Soup", 900, ref="1", gtin="96385074"))

    async with owner.transaction():
        await owner.fetch("SELECT FROM stores WHERE id = $1 FOR UPDATE", staff.store_id)
        statements.clear()
        (_, pictured) = await preview(staff, draft.id)

    assert [item.name for item in pictured.menus[0].sections[0].items] == ["Soup"]
    words = " ".join(statements.queries)
    assert [word for word in ("INSERT", "UPDATE", "DELETE", "FOR NO KEY", "BEGIN") if word in words] == []
