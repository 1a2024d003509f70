"""A menu in depth: all that a draft says is stored and read, and menus keep their own hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.catalog.errors import MenuRowInvalid
from services.catalog.models import Item, Menu
from services.catalog.operations import replace_menu
from services.catalog.published import published_menus
from services.catalog.queries import MenuTree, items_by_ids, menu
from services.catalog.rules import (
    ContentUnit,
    GroupDraft,
    ItemDraft,
    Measure,
    MediaDraft,
    MediaKind,
    MenuDraft,
    OptionDraft,
    SectionDraft,
    TaxClass,
    available_at,
    available_from,
)
from services.catalog.rules.for_sale import UNTIL_SAID
from services.catalog.rules.measures import PriceUnit, UnitPrice
from tests.conftest import TestClock
from tests.factories.catalog import SEED, option_named
from tests.factories.stores import make_store

# Wednesday noon in Helsinki, where all of these stores stand.
NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
BREAKFAST = "Mo-Fr 07:00-10:30, Sa,Su 08:00-12:00"
LATE = "We 22:00-26:00"
SPRITZ = OptionDraft(name="Spritz", price=600, tax_class=TaxClass.ALCOHOL, names={"sv": "Spritz"}, ref="spritz")
DRINKS = GroupDraft(name="Juoma", options=(SPRITZ, OptionDraft(name="Vesi")), names={"en": "Drink"}, ref="drinks")
SALMON = ItemDraft(
    name="Lohikeitto",
    price=1_250,
    description="Tillillä",
    ref="A1",
    allergens=("FISH", "milk"),
    diets=("gluten-free",),
    names={"en": "Salmon soup", "sv": "Laxsoppa"},
    descriptions={"en": "With dill"},
    media=(MediaDraft(kind=MediaKind.MODEL, url="https://pictures.example/soup.glb", alt="A bowl", size_bytes=81_234),),
    energy_kj=1_760,
    energy_kcal=420,
    age_limit=18,
    preparation_minutes=35,
    most_per_day=2,
    aisle="3",
    shelf="B",
    groups=(DRINKS,),
)
HAM = ItemDraft(name="Kinkku", price=2_490, sold_by=Measure.WEIGHT, priced_by=Measure.WEIGHT, step_grams=50, ref="ham")
MELON = ItemDraft(name="Meloni", price=349, priced_by=Measure.WEIGHT, nominal_grams=1_200, ref="melon")
JUICE = ItemDraft(
    name="Mehu", price=299, content=Decimal("1.5"), content_unit=ContentUnit.ML, size_text="6 x 250 ml", ref="juice", brand="Oma"
)
OATS = ItemDraft(name="Kaura", price=299, size_text="500 g", ref="oats")


def whole(*items: ItemDraft, hours: str = "", ref: str = "m") -> MenuDraft:
    sections = (SectionDraft(name="Kaikki", items=items, ref=f"{ref}-all", names={"sv": "Allt"}),)
    return MenuDraft(name="Lista", sections=sections, ref=ref, names={"sv": "Meny"}, language="fi", hours=hours)


async def sold(*menus: MenuDraft) -> MenuTree:
    return await replace_menu(SEED, (await make_store()).id, *menus)


async def test_all_that_is_written_is_read_and_told_again() -> None:
    written = whole(SALMON, HAM, MELON, JUICE, OATS, hours=BREAKFAST)

    tree = await sold(written)

    (read,) = tree.menus
    assert (read.names, read.language, read.hours and read.hours.opening_hours) == ({"sv": "Meny"}, "fi", BREAKFAST)
    assert read.sections[0].names == {"sv": "Allt"}
    soup, ham, melon, juice, oats = read.sections[0].items
    assert (soup.names, soup.descriptions) == ({"en": "Salmon soup", "sv": "Laxsoppa"}, {"en": "With dill"})
    assert (soup.allergens, soup.diets) == (["FISH", "MILK"], ["GLUTEN_FREE"])
    assert soup.media == [
        {
            "kind": "MODEL",
            "url": "https://pictures.example/soup.glb",
            "alt": "A bowl",
            "width": None,
            "height": None,
            "size_bytes": 81_234,
        }
    ]
    assert (soup.energy_kj, soup.energy_kcal, soup.age_limit, soup.preparation_minutes, soup.most_per_day) == (
        1_760,
        420,
        18,
        35,
        2,
    )
    assert (soup.aisle, soup.shelf) == ("3", "B")
    assert (soup.groups[0].names, option_named(soup, "Spritz").tax_class) == ({"en": "Drink"}, "ALCOHOL")
    assert (ham.price_of_one, ham.unit_price) == (124, UnitPrice(2_490, PriceUnit.KG))  # 50 g: 1.245, to the even cent
    assert (melon.price_of_one, melon.unit_price) == (419, UnitPrice(349, PriceUnit.KG))  # 1,200 g: 4.188
    assert juice.unit_price == UnitPrice(199_333, PriceUnit.L)
    assert (juice.brand, oats.unit_price) == ("Oma", UnitPrice(598, PriceUnit.KG))
    (again,) = await published_menus(tree.store_id)
    assert again.sections[0].items[1:] == written.sections[0].items[1:]
    assert again.sections[0].items[0] == replace(
        SALMON, allergens=("FISH", "MILK"), diets=("GLUTEN_FREE",), groups=again_groups(again)
    )


def again_groups(menu: MenuDraft) -> tuple[GroupDraft, ...]:
    """The groups as they are told again: an option without a key of its own is told by its name."""
    (group,) = menu.sections[0].items[0].groups
    assert group == replace(DRINKS, options=(SPRITZ, OptionDraft(name="Vesi", ref="Vesi")))
    return (group,)


async def test_what_is_published_again_keeps_every_id_and_loses_what_is_no_longer_said() -> None:
    first = await sold(whole(SALMON, HAM, hours=BREAKFAST))
    store_id = first.store_id
    second = await replace_menu(SEED, store_id, *(await published_menus(store_id)))
    bare = ItemDraft(name="Keitto", price=990, ref="A1", groups=(DRINKS,))
    third = await replace_menu(SEED, store_id, whole(bare))

    assert second.menus == first.menus
    (soup,) = third.menus[0].sections[0].items
    before = first.menus[0].sections[0].items[0]
    assert (soup.id, option_named(soup, "Spritz").id) == (before.id, option_named(before, "Spritz").id)
    assert (soup.names, soup.media, soup.most_per_day, soup.hours, third.menus[0].hours) == (None, None, None, None, None)


async def test_a_menu_is_sold_in_its_hours_and_says_when_it_is_next() -> None:
    tree = await sold(whole(OATS, hours=BREAKFAST), whole(HAM, hours=LATE, ref="late"), whole(MELON, ref="day"))
    oats, ham, melon = (one.sections[0].items[0] for one in tree.menus)
    facts = {fact.id: fact for fact in await items_by_ids([oats.id, ham.id, melon.id])}

    def told(at: datetime) -> list[tuple[bool, datetime | None]]:
        assert all(available_at(facts[one.id], at) == available_at(one, at) for one in (oats, ham, melon))
        return [(available_at(one, at), available_from(one, at)) for one in (oats, ham, melon)]

    thursday, late = datetime(2026, 6, 11, 4, 0, tzinfo=UTC), datetime(2026, 6, 10, 19, 0, tzinfo=UTC)
    assert told(NOON) == [(False, thursday), (False, late), (True, None)]
    assert told(thursday) == [(True, None), (False, late + timedelta(days=7)), (True, None)]
    # Through midnight, until two.
    assert told(late + timedelta(hours=4) - timedelta(minutes=1))[1] == (True, None)
    assert told(late + timedelta(hours=4))[1] == (False, late + timedelta(days=7))


async def test_marked_out_and_out_of_hours_the_later_of_both_counts(clock: TestClock) -> None:
    tree = await sold(whole(OATS, hours=BREAKFAST))
    (oats,) = tree.menus[0].sections[0].items
    friday = datetime(2026, 6, 12, 6, 0, tzinfo=UTC)

    assert available_from(replace(oats, unavailable_until=friday), NOON) == friday
    assert available_from(replace(oats, unavailable_until=friday + timedelta(hours=3)), NOON) == datetime(
        2026, 6, 13, 5, tzinfo=UTC
    )
    assert available_from(replace(oats, unavailable_until=UNTIL_SAID), NOON) is None


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (NOON, datetime(2026, 6, 10, 19, 0, tzinfo=UTC)),
        (datetime(2026, 6, 10, 20, 0, tzinfo=UTC), datetime(2026, 6, 10, 23, 0, tzinfo=UTC)),
        (datetime(2026, 6, 10, 23, 0, tzinfo=UTC), datetime(2026, 6, 11, 4, 0, tzinfo=UTC)),
    ],
)
async def test_a_tree_is_the_same_until_a_window_opens_or_closes(at: datetime, until: datetime) -> None:
    tree = await sold(whole(OATS, hours=BREAKFAST), whole(HAM, hours=LATE, ref="late"))

    assert (await menu(tree.store_id, at)).same_until == until


async def test_every_row_at_fault_is_told_and_nothing_is_written() -> None:
    store = await make_store()
    twice = whole(replace(OATS, price=-1), replace(HAM, ref="ham"), replace(MELON, ref="ham"))

    with pytest.raises(MenuRowInvalid) as limits:
        await replace_menu(SEED, store.id, twice)
    with pytest.raises(MenuRowInvalid) as references:
        await replace_menu(SEED, store.id, whole(OATS, HAM, replace(MELON, ref="ham"), replace(JUICE, ref="oats")))

    assert [fault.row for fault in limits.value.rows] == ["menus[0].sections[0].items[0]"]
    assert [(fault.row, fault.ref) for fault in references.value.rows] == [
        ("menus[0].sections[0].items[2]", "ham"),
        ("menus[0].sections[0].items[3]", "oats"),
    ]
    assert (await Item.all().count(), await Menu.all().count()) == (0, 0)
