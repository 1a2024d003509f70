"""A menu is replaced as a whole: few statements, ids that stay, nothing half done."""

import pytest

from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid
from services.catalog.events import MenuReplaced
from services.catalog.models import Item
from services.catalog.operations import replace_menu
from services.catalog.queries import configured_items, items_by_ids, menu
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft
from services.kernel.actors import StaffRole, System
from services.kernel.errors import Forbidden, NotFound
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_item, make_menu, make_option, option_named
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import recorded

SYSTEM = System("tests")


def sauces(ref: str = "") -> GroupDraft:
    return make_group("Sauce", "Garlic", "Chili", most=2, ref=ref)


def deep(levels: int) -> GroupDraft:
    below = (deep(levels - 1),) if levels > 1 else ()
    return make_group(f"Level {levels}", make_option(f"Choice {levels}", 10, groups=below))


async def test_what_is_written_is_read_back(clock: TestClock) -> None:
    store = await make_store()
    pizza = ItemDraft(
        name="Pizza",
        price=1_350,
        description="Tomato, cheese",
        allergens=("MILK", "GLUTEN"),
        diets=("VEGETARIAN",),
        groups=(sauces(),),
    )
    milk = ItemDraft(name="Milk", price=149, gtin="6408430000135", brand="Valio", size_text="1 l", stock=7)

    await replace_menu(SYSTEM, store.id, MenuDraft(name="Day", sections=(SectionDraft(name="Hot", items=(pizza, milk)),)))

    tree = await menu(store.id, clock.now())
    (section,) = tree.menus[0].sections
    first, second = section.items
    assert (tree.menus[0].name, section.name) == ("Day", "Hot")
    assert (first.name, first.price, first.currency, first.description) == ("Pizza", 1_350, "EUR", "Tomato, cheese")
    assert (first.allergens, first.diets, first.tax_class) == (["MILK", "GLUTEN"], ["VEGETARIAN"], "FOOD")
    assert [(group.name, [option.name for option in group.options]) for group in first.groups] == [("Sauce", ["Garlic", "Chili"])]
    assert (second.gtin, second.brand, second.size_text, second.stock) == ("06408430000135", "Valio", "1 l", 7)
    assert (second.allergens, second.groups) == ([], ())


async def test_a_replaced_menu_keeps_the_ids_of_what_stays_and_the_rows_of_what_left(clock: TestClock) -> None:
    store = await make_store()
    soup, cake = draft_item("Soup", 900, groups=(sauces(),)), draft_item("Cake", 500)
    old_soup, old_cake = (await make_menu(store.id, soup, cake)).menus[0].sections[0].items

    tree = await make_menu(store.id, draft_item("Salad", 800), draft_item("Soup", 950, groups=(sauces(),)))

    salad, new_soup = tree.menus[0].sections[0].items
    assert (salad.name, new_soup.id, new_soup.price) == ("Salad", old_soup.id, 950)
    assert option_named(new_soup, "Chili").id == option_named(old_soup, "Chili").id
    (left,) = await items_by_ids([old_cake.id])
    assert (left.name, left.removed_at) == ("Cake", clock.now())
    assert [event.items_removed for event in await recorded(MenuReplaced)] == [0, 1]


async def test_what_left_and_comes_back_is_the_same_item() -> None:
    store = await make_store()
    before = await make_menu(store.id, draft_item("Soup"), draft_item("Cake"))
    await make_menu(store.id, draft_item("Soup"))

    after = await make_menu(store.id, draft_item("Soup"), draft_item("Cake"))

    ids = [[item.id for item in tree.menus[0].sections[0].items] for tree in (before, after)]
    assert ids[0] == ids[1]


async def test_an_item_with_its_own_reference_keeps_its_id_when_renamed_and_moved() -> None:
    store = await make_store()
    before = await make_menu(store.id, draft_item("Soup", ref="A1"))

    after = await make_menu(store.id, sections=(SectionDraft(name="Elsewhere", items=(draft_item("Bisque", ref="A1"),)),))

    (renamed,) = after.menus[0].sections[0].items
    assert (renamed.name, renamed.id) == ("Bisque", before.menus[0].sections[0].items[0].id)


async def test_namesakes_are_two_items() -> None:
    store = await make_store()

    tree = await make_menu(store.id, draft_item("Soup", 700), draft_item("Soup", 900))

    assert [item.price for item in tree.menus[0].sections[0].items] == [700, 900]
    assert await Item.filter(store_id=store.id).count() == 2


async def test_a_shared_group_is_one_group() -> None:
    store = await make_store()

    tree = await make_menu(store.id, draft_item(groups=(sauces("S"),)), draft_item(groups=(sauces("S"),)))

    first, second = tree.menus[0].sections[0].items
    assert first.groups[0].id == second.groups[0].id


async def test_six_levels_of_options_are_read_back() -> None:
    store = await make_store()

    item = await make_item(store, groups=(deep(6),))

    assert option_named(item, "Choice 1").price == 10
    (configured,) = await configured_items([(item.id, ())])
    assert configured == item


async def test_the_number_of_statements_does_not_depend_on_the_size(statements: Statements, clock: TestClock) -> None:
    counts = []
    for size in (2, 60):
        store = await make_store()
        for _ in range(2):
            items = tuple(
                draft_item(f"Dish {number}", groups=(sauces(), deep(3)), gtin="6408430000135") for number in range(size)
            )
            statements.clear()
            await replace_menu(SYSTEM, store.id, MenuDraft(name="Menu", sections=(SectionDraft(name="All", items=items),)))
            counts.append(await statements.count())
        statements.clear()
        await menu(store.id, clock.now())
        counts.append(await statements.count())

    assert counts == [*counts[:3], *counts[:3]]
    assert counts[0] <= 23
    assert counts[1] <= 25
    assert counts[2] == 8


async def test_any_change_raises_the_version_of_the_store() -> None:
    store = await make_store()

    await make_menu(store.id, draft_item())

    assert (await read_store(store.id)).version == store.version + 1


@pytest.mark.parametrize(
    ("menu_draft", "row", "limit"),
    [
        (MenuDraft(name="M", sections=tuple(SectionDraft(name=f"S{n}", items=()) for n in range(101))), "menus[0]", "sections"),
        (
            MenuDraft(name="M", sections=(SectionDraft(name="S", items=tuple(draft_item() for _ in range(301))),)),
            "menus[0].sections[0]",
            "items",
        ),
        (
            MenuDraft(
                name="M", sections=(SectionDraft(name="S", items=(draft_item(groups=tuple(sauces() for _ in range(31))),)),)
            ),
            "menus[0].sections[0].items[0]",
            "groups",
        ),
        (
            MenuDraft(
                name="M",
                sections=(SectionDraft(name="S", items=(draft_item(groups=(make_group("G", *[str(n) for n in range(101)]),)),)),),
            ),
            "menus[0].sections[0].items[0].groups[0]",
            "options",
        ),
        (
            MenuDraft(name="M", sections=(SectionDraft(name="S", items=(draft_item(), draft_item(groups=(deep(7),)))),)),
            "menus[0].sections[0].items[1].groups[0]" + ".options[0].groups[0]" * 6,
            "levels",
        ),
    ],
)
async def test_a_menu_beyond_a_limit_is_refused_and_the_old_one_stays(
    clock: TestClock, menu_draft: MenuDraft, row: str, limit: str
) -> None:
    store = await make_store()
    await make_menu(store.id, draft_item("Soup"))
    before = await menu(store.id, clock.now())

    with pytest.raises(MenuLimitExceeded) as refused:
        await replace_menu(SYSTEM, store.id, menu_draft)

    assert (refused.value.row, refused.value.limit) == (row, limit)
    assert await menu(store.id, clock.now()) == before


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (draft_item("Soup", -1), "a price is not negative and not absurd"),
        (draft_item("Soup", stock=-1), "a stock is not negative and not absurd"),
        (draft_item("Soup", gtin="6408430000136"), "this is not a GTIN"),
        (draft_item(" "), "a name has 1 to 200 characters"),
        (draft_item("Soup\x00"), "a text may not hold control characters"),
        (draft_item("Soup", groups=(make_group("G", "One", least=2, most=2),)), "fewer options than must be chosen"),
        (draft_item("Soup", groups=(make_group("G", "One", least=2, most=1),)), "choices must run from a least number to a most"),
        (draft_item("Soup", groups=(make_group("G", "One", free=2),)), "more choices free than may be chosen"),
        (
            draft_item("Soup", groups=(make_group("G", make_option(is_default=True), make_option(is_default=True)),)),
            "more defaults than may be chosen",
        ),
        (
            draft_item("Soup", groups=(sauces("S"), make_group("Other", "One", ref="S"))),
            "another group with the reference S is written differently",
        ),
        (draft_item("Soup", groups=(sauces("S"), sauces("S"))), "the same group stands here twice"),
    ],
)
async def test_a_row_that_cannot_be_meant_is_refused_and_nothing_is_written(item: ItemDraft, fault: str) -> None:
    store = await make_store()

    with pytest.raises(MenuRowInvalid) as refused:
        await make_menu(store.id, draft_item(), item)

    assert refused.value.row.startswith("menus[0].sections[0].items[1]")
    assert refused.value.fault == fault
    assert await Item.filter(store_id=store.id).count() == 0
    assert (await read_store(store.id)).version == store.version


async def test_a_reference_used_twice_is_refused() -> None:
    store = await make_store()

    with pytest.raises(MenuRowInvalid) as refused:
        await make_menu(store.id, draft_item(ref="A1"), draft_item(ref="A1"))

    assert refused.value.fault == "the reference A1 is taken"


async def test_a_clerk_and_another_stores_owner_may_not_replace_a_menu() -> None:
    store = await make_store()
    draft = MenuDraft(name="Menu", sections=())

    with pytest.raises(Forbidden):
        await replace_menu(await make_staff(store.id, StaffRole.CLERK), store.id, draft)
    with pytest.raises(NotFound):
        await replace_menu(await make_staff((await make_store()).id), store.id, draft)

    assert await recorded(MenuReplaced) == []


async def test_a_long_path_of_names_fits_the_index() -> None:
    store = await make_store()
    long_name = "ä" * 200
    group = make_group(long_name, OptionDraft(name=long_name, groups=(make_group(long_name, OptionDraft(name=long_name)),)))

    item = await make_item(store, name=long_name, groups=(group,))

    assert item.groups[0].options[0].groups[0].options[0].name == long_name
