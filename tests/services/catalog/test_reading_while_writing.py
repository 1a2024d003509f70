"""A menu is never put together from two versions, however readers and writers meet."""

import asyncio

from services.catalog.queries import configured_items, menu
from services.catalog.rules import GroupDraft, ItemDraft
from services.kernel.clock import now
from tests.conftest import Statements
from tests.factories.catalog import draft_item, make_group, make_menu, make_option
from tests.factories.stores import make_store


def edition(number: int) -> tuple[ItemDraft, ...]:
    """A menu in which every row names its edition."""
    group: GroupDraft = make_group("Group", make_option(f"Option {number}", groups=(make_group("Below", f"Deep {number}"),)))
    return tuple(draft_item(f"Dish {place} of {number}", groups=(group,)) for place in range(4))


async def test_a_menu_read_while_it_is_replaced_is_one_edition_whole() -> None:
    store = await make_store()
    await make_menu(store.id, *edition(0))

    async def write() -> None:
        for number in range(1, 12):
            await make_menu(store.id, *edition(number))

    async def read() -> set[str]:
        seen = set()
        for _ in range(25):
            items = (await menu(store.id, now())).menus[0].sections[0].items
            named = {item.name.split()[-1] for item in items}
            options = {option.name.split()[-1] for item in items for group in item.groups for option in group.options}
            deep = {
                below.name.split()[-1]
                for item in items
                for group in item.groups
                for option in group.options
                for inner in option.groups
                for below in inner.options
            }
            assert len(items) == 4
            assert named == options == deep
            seen |= named
        return seen

    _, seen = await asyncio.gather(write(), asyncio.gather(*(read() for _ in range(3))))

    assert len(set[str]().union(*seen)) > 1


async def test_configured_items_come_in_the_order_asked_in_four_statements(statements: Statements) -> None:
    store = await make_store()
    items = (await make_menu(store.id, *edition(1))).menus[0].sections[0].items
    wanted = [(items[2].id, ()), (items[0].id, ()), (items[2].id, ())]

    statements.clear()

    assert [item.name for item in await configured_items(wanted)] == ["Dish 2 of 1", "Dish 0 of 1", "Dish 2 of 1"]
    assert await statements.count() == 4
