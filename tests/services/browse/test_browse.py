"""Merged menus: one ware with everybody's offers, in the order asked for, whoever came first."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from services.browse.queries import browse, search, ware
from services.browse.question import Question
from services.browse.rules import Order, Ware
from services.catalog.operations import replace_menu
from services.catalog.rules import ItemDraft, Measure, MenuDraft, SectionDraft
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from services.kernel.paging import PageRequest
from services.stores.models import StoreKind
from services.stores.queries import StoreCard
from tests.conftest import Statements, TestClock
from tests.factories.catalog import SEED, draft_item, make_menu
from tests.factories.stores import RAILWAY_SQUARE, make_partner, make_store

LAT, LON = RAILWAY_SQUARE
OATLY = "7394376616006"


async def make_shelf(*items: ItemDraft, kind: StoreKind = StoreKind.GROCER, **facts: object) -> StoreCard:
    store = await make_store(kind=kind, **facts)  # type: ignore[arg-type]
    await make_menu(store.id, *items)
    return store


async def aisle(clock: TestClock, words: str, order: Order = Order.CHEAPEST, **said: object) -> list[Ware]:
    asked = Question(words=words, latitude=LAT, longitude=LON, at=clock.now(), **said)  # type: ignore[arg-type]
    return (await browse(asked, order, PageRequest())).rows


def told(wares: list[Ware]) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(one.name, [(offer.near.card.name, offer.price) for offer in one.offers]) for one in wares]


async def test_an_article_is_one_ware_by_its_barcode_and_it_is_plain_whose_goods_they_are(clock: TestClock) -> None:
    partner = await make_partner("Kauppa Oy")
    await make_shelf(draft_item("Oatly Barista", 299, gtin=OATLY, brand="Oatly", size_text="1 l", stock=4), name="Near")
    await make_shelf(
        draft_item("OATLY barista 1L", 259, gtin=OATLY), name="Cheap", partner_id=partner, position=(LAT + 0.02, LON)
    )

    (one,) = await aisle(clock, "oatly")

    assert (one.gtin, one.brand, one.size_text, one.count) == (f"0{OATLY}", "Oatly", "1 l", 2)
    assert told([one]) == [("OATLY barista 1L", [("Cheap", 259), ("Near", 299)])]
    assert [offer.near.card.partner_name for offer in one.offers] == ["Kauppa Oy", "Keittiö Oy"]
    assert [offer.item.stock for offer in one.offers] == [None, 4]


async def test_an_article_is_called_as_most_stores_call_it_now_whoever_named_it_first(clock: TestClock) -> None:
    await make_shelf(draft_item("Oat thing", 299, gtin=OATLY, brand="Oops", size_text="9 l"), name="First")
    (one,) = await aisle(clock, "oat")
    assert (one.name, one.brand, one.size_text) == ("Oat thing", "Oops", "9 l")
    for name in ("A", "B"):
        await make_shelf(draft_item("Oat drink", 200, gtin=OATLY, brand="Oatly", size_text="1 l"), name=name)
    (one,) = await aisle(clock, "oat")
    assert (one.name, one.brand, one.size_text, one.count) == ("Oat drink", "Oatly", "1 l", 3)


async def test_without_a_barcode_it_is_the_words_and_the_size(clock: TestClock) -> None:
    await make_shelf(draft_item("Kaurajuoma Elovena 1,5 L", 300), name="A")
    await make_shelf(draft_item("Elovena kaurajuoma", 200, brand="Elovena", size_text="1500 ml"), name="B")
    await make_shelf(draft_item("Elovena kaurajuoma 1 l", 100), name="C")

    assert [[offer.near.card.name for offer in one.offers] for one in await aisle(clock, "kaurajuoma")] == [["C"], ["B", "A"]]


async def test_dishes_are_one_by_name_and_cuisine(clock: TestClock) -> None:
    for name, cuisines in (("A", ["thai"]), ("B", ["thai", "asian"]), ("C", ["indian"])):
        await make_shelf(draft_item("Green Curry"), name=name, cuisines=cuisines, kind=StoreKind.RESTAURANT)

    merged = [sorted(offer.near.card.name for offer in one.offers) for one in await aisle(clock, "green curry")]

    assert sorted(merged) == [["A", "B"], ["C"]]


async def test_cheapest_fastest_or_best_first_and_what_can_be_had_before_what_cannot(clock: TestClock) -> None:
    soup = draft_item("Soup", 1_000)
    await make_shelf(soup, name="Quick", preparation_minutes=5, kind=StoreKind.SHOP)
    await make_shelf(draft_item("Soup", 300), name="Cheap", preparation_minutes=60)
    await make_shelf(draft_item("Soup", 700), name="Fair", preparation_minutes=9)
    await make_shelf(draft_item("Soup", 100), name="Closed", opening_hours="Mo-Su 20:00-23:00")
    await make_shelf(draft_item("Soup", 100, stock=0), name="Empty")

    async def stores(order: Order) -> list[str]:
        (one,) = await aisle(clock, "soup", order)
        return [offer.near.card.name for offer in one.offers if offer.can_be_had]

    assert await stores(Order.CHEAPEST) == ["Cheap", "Fair", "Quick"]
    assert await stores(Order.FASTEST) == ["Quick", "Fair", "Cheap"]
    assert await stores(Order.BEST) == ["Fair", "Quick", "Cheap"]
    (one,) = await aisle(clock, "soup")
    assert sorted(offer.near.card.name for offer in one.offers[3:]) == ["Closed", "Empty"]


async def test_the_cheapest_is_by_the_kilogram_in_an_aisle_too_on_every_page(clock: TestClock) -> None:
    loose = draft_item("Rice loose", 190, sold_by=Measure.WEIGHT, priced_by=Measure.WEIGHT, step_grams=100)
    await make_shelf(
        loose, draft_item("Rice bag", 900, size_text="5 kg"), draft_item("Rice cup", 99, size_text="250 g"), name="A"
    )
    await make_shelf(draft_item("Rice dish", 250), draft_item("Rice bag", 1_100, size_text="5000 g"), name="B")
    cheapest = [("Rice bag", ["A", "B"]), ("Rice loose", ["A"]), ("Rice dish", ["B"]), ("Rice cup", ["A"])]

    assert [(name, [store for store, _ in offers]) for name, offers in told(await aisle(clock, "rice"))] == cheapest
    asked = Question(words="rice", latitude=LAT, longitude=LON, at=clock.now())
    first = await browse(asked, Order.CHEAPEST, PageRequest(first=2))
    second = await browse(asked, Order.CHEAPEST, PageRequest(first=2, after=first.end_cursor))
    assert [one.name for one in (*first.rows, *second.rows)] == [name for name, _ in cheapest]


async def make_lunch(hours: str, *items: ItemDraft, **facts: object) -> None:
    store = await make_store(**facts)  # type: ignore[arg-type]
    menu = MenuDraft(name="Lunch", hours=hours, sections=(SectionDraft(name="All", items=items),))
    await replace_menu(SEED, store.id, menu)


async def test_a_menu_out_of_its_hours_comes_later_and_never_as_open_on_any_page(clock: TestClock) -> None:
    later = "Mo-Su 20:00-22:00"
    await make_lunch(later, draft_item("Stew", 100), draft_item("Stew of hare", 100), name="Evening")
    await make_lunch("Mo-Su 10:00-14:00", draft_item("Stew of elk", 300), draft_item("Stew", 400), name="Noon")
    await make_shelf(draft_item("Stew of deer", 500), name="Always", cuisines=[], kind=StoreKind.RESTAURANT)

    assert [one.name for one in await aisle(clock, "stew")] == ["Stew of elk", "Stew", "Stew of deer", "Stew of hare"]
    assert [one.name for one in await aisle(clock, "stew", open_only=True)] == ["Stew of elk", "Stew", "Stew of deer"]
    asked = Question(words="stew", latitude=LAT, longitude=LON, at=clock.now(), open_only=True)
    found = [hit.ware.name for hit in (await search(asked, PageRequest())).rows if hit.ware]
    assert sorted(found) == ["Stew", "Stew of deer", "Stew of elk"]
    evening = replace(asked, at=clock.now() + timedelta(hours=9))
    assert "Stew of hare" in [one.name for one in (await browse(evening, Order.CHEAPEST, PageRequest())).rows]
    first = await browse(asked, Order.CHEAPEST, PageRequest(first=2))
    second = await browse(asked, Order.CHEAPEST, PageRequest(first=2, after=first.end_cursor))
    assert ([one.name for one in second.rows], second.has_next) == (["Stew of deer"], False)


@pytest.mark.parametrize("typed", [OATLY, f"0{OATLY}", "7394-3766 16006"])
async def test_a_barcode_that_is_typed_finds_its_article(clock: TestClock, statements: Statements, typed: str) -> None:
    await make_shelf(draft_item("Oatly Barista", 299, gtin=OATLY), draft_item("Barley", 100), name="Grocer")
    await make_shelf(draft_item("Kaurajuoma", 199, gtin=OATLY), name="Shop", kind=StoreKind.SHOP)
    await aisle(clock, typed)
    statements.clear()

    (one,) = await aisle(clock, typed)

    assert await statements.count() <= 5
    assert sorted((offer.near.card.name, offer.price) for offer in one.offers) == [("Grocer", 299), ("Shop", 199)]
    (one,) = await aisle(clock, typed, kinds=[StoreKind.SHOP])
    assert told([one]) == [("Kaurajuoma", [("Shop", 199)])]
    assert await aisle(clock, typed, diets=["VEGAN"]) == []
    asked = Question(words=typed, latitude=LAT, longitude=LON, at=clock.now())
    assert [hit.ware.gtin for hit in (await search(asked, PageRequest())).rows if hit.ware] == [f"0{OATLY}"]
    assert await aisle(clock, "7394376616007") == []


@pytest.mark.parametrize("order", list(Order))
async def test_the_pages_are_the_whole_in_the_same_order(clock: TestClock, order: Order) -> None:
    for shop in range(4):
        beans = (draft_item(f"Bean {kind}", 100 * ((kind + shop) % 5)) for kind in range(8))
        await make_shelf(*beans, position=(LAT + shop / 500, LON), preparation_minutes=30 - shop)
    whole = [one.id for one in await aisle(clock, "bean", order)]
    pages, after = [], None
    while True:
        asked = Question(words="bean", latitude=LAT, longitude=LON, at=clock.now())
        part = await browse(asked, order, PageRequest(first=3, after=after))
        pages += [one.id for one in part.rows]
        after = part.end_cursor
        if not part.has_next:
            break

    assert pages == whole
    assert len(set(whole)) == 8


async def test_it_does_not_matter_which_store_came_first(clock: TestClock) -> None:
    shelves = {
        "A": (draft_item("Milk 1 l", 120), draft_item("Oat flakes", 210, gtin=OATLY)),
        "B": (draft_item("MILK 1,0 L", 110), draft_item("Flakes of oats", 200, gtin=OATLY)),
        "C": (draft_item("milk", 100, size_text="1000ml"), draft_item("Milk, oats", 90)),
    }
    seen = set()
    for number, names in enumerate(permutations(shelves)):
        place = (LAT + number, LON)
        for name in names:
            await make_shelf(*shelves[name], name=name, position=place)
        asked = Question(words="milk", latitude=place[0], longitude=LON, at=clock.now())
        wares = (await browse(asked, Order.CHEAPEST, PageRequest())).rows
        seen.add(str([(one.id, one.gtin, [(offer.near.card.name, offer.price) for offer in one.offers]) for one in wares]))

    assert len(seen) == 1
    assert "('C', 100), ('B', 110), ('A', 120)" in seen.pop()


async def test_one_ware_everywhere_near(clock: TestClock) -> None:
    await make_shelf(draft_item("Milk", 120), name="A")
    await make_shelf(draft_item("milk", 100), name="B")
    await make_shelf(draft_item("milk", 90), name="Far", position=(LAT + 1, LON))
    (one,) = await aisle(clock, "milk")

    again = await ware(one.id, LAT, LON, at=clock.now(), order=Order.CHEAPEST)

    assert again == one
    with pytest.raises(NotFound):
        await ware(new_id(), LAT, LON, at=clock.now(), order=Order.BEST)


async def test_the_statements_do_not_depend_on_how_much_is_found(clock: TestClock, statements: Statements) -> None:
    await make_shelf(draft_item("Bean"))
    await aisle(clock, "bean")
    statements.clear()
    await aisle(clock, "bean")
    few = await statements.count()
    for number in range(5):
        await make_shelf(*(draft_item(f"Bean {number} {letter}") for letter in "abcd"))
    await aisle(clock, "bean")
    statements.clear()

    assert len(await aisle(clock, "bean")) == 20
    assert await statements.count() == few == 5
