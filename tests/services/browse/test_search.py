"""Search: what is typed finds what is meant, says why, and looks only at what can come to the door."""

from typing import Any

import pytest

from services.browse.queries import Hit, search
from services.browse.question import Question
from services.browse.rules import Field
from services.browse.words import How, plain
from services.catalog.rules import ItemDraft, SectionDraft
from services.kernel.database import row
from services.kernel.errors import BadInput
from services.kernel.paging import PageRequest
from services.stores.models import Store, StoreKind
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_menu
from tests.factories.stores import RAILWAY_SQUARE, make_store

LAT, LON = RAILWAY_SQUARE


def question(clock: TestClock, words: str, **said: object) -> Question:
    return Question(words=words, at=clock.now(), **({"latitude": LAT, "longitude": LON} | said))  # type: ignore[arg-type]


async def found(clock: TestClock, words: str, **said: object) -> list[Hit]:
    return (await search(question(clock, words, **said), PageRequest())).rows


def names(hits: list[Hit]) -> list[str]:
    return [hit.store.card.name if hit.store else hit.ware.name if hit.ware else "" for hit in hits]


async def make_shelf(*items: ItemDraft, kind: StoreKind = StoreKind.GROCER, **facts: Any) -> None:
    store = await make_store(kind=kind, **facts)
    await make_menu(store.id, *items)


async def test_stores_dishes_and_products_are_found_by_their_names_and_by_whose_they_are(clock: TestClock) -> None:
    await make_shelf(draft_item("Margherita"), name="Pizzeria Napoli", cuisines=["pizza"], kind=StoreKind.RESTAURANT)
    await make_shelf(draft_item("Pizza Quattro"), name="Corner", cuisines=[], kind=StoreKind.RESTAURANT)

    hits = await found(clock, "pizza")

    assert sorted(names(hits)) == ["Margherita", "Pizza Quattro", "Pizzeria Napoli"]
    why = {
        name: (hit.matches[0].field, hit.matches[0].how, hit.matches[0].word) for name, hit in zip(names(hits), hits, strict=True)
    }
    assert why["Pizza Quattro"] == (Field.NAME, How.EXACT, "pizza")
    assert why["Margherita"] == (Field.CUISINE, How.EXACT, "pizza")
    assert why["Pizzeria Napoli"] == (Field.CUISINE, How.EXACT, "pizza")


@pytest.mark.parametrize(
    ("typed", "sold", "how"),
    [
        ("kase", "Käse jung", How.EXACT),
        ("jamon", "Jamón serrano", How.EXACT),
        ("LEIPÄ", "leipä", How.EXACT),
        ("omenat", "Punainen omena", How.FORM),
        ("pizzas", "Pizza Hawaii", How.FORM),
        ("Brötchen", "Brötchens Mix", How.FORM),
        ("tomates", "Tomate frito", How.FORM),
        ("kauramaito", "Havredryck 1 l", How.SYNONYM),
        ("oat milk", "Kauramaito", How.SYNONYM),
        ("maito", "Organic milk", How.SYNONYM),
        ("leche de avena", "Oat drink barista", How.SYNONYM),
        ("margerita", "Margherita", How.SPELLING),
        ("mlik", "Milk", How.SPELLING),
        ("chokolate", "Chocolate bar", How.SPELLING),
        ("haw", "Hawaii", How.BEGINNING),
    ],
)
async def test_what_is_meant_is_found(clock: TestClock, typed: str, sold: str, how: How) -> None:
    await make_shelf(draft_item(sold), draft_item("Zzz quite another"))

    hits = await found(clock, typed)

    assert names(hits) == [sold]
    assert hits[0].matches[0].how is how


@pytest.mark.parametrize(
    ("typed", "sold", "not_sold"),
    [
        ("pizza", ["Pizza Hawaii", "Pitsa"], "Pasta"),
        ("pitsa", ["Pizza Hawaii", "Pitsa"], "Pasta"),
        ("laks", ["Lohi", "Laks"], "Lake"),
        ("makkarat", ["Makkara", "Korv"], "Kurv"),
    ],
)
async def test_one_exact_hit_does_not_keep_the_others_out(clock: TestClock, typed: str, sold: list[str], not_sold: str) -> None:
    await make_shelf(*(draft_item(name) for name in (*sold, not_sold)))

    assert sorted(names(await found(clock, typed))) == sorted(sold)


async def test_the_last_word_may_be_a_beginning_while_one_types(clock: TestClock) -> None:
    await make_shelf(draft_item("Chicken tikka masala"), draft_item("Chicken"), draft_item("Ti"))

    assert names(await found(clock, "chicken ti", typing=True)) == ["Chicken tikka masala"]
    assert names(await found(clock, "chicken ti")) == []


@pytest.mark.parametrize(
    ("typed", "sold", "not_sold"),
    [
        ("kaura maito", "Kauramaito", "Maito ja kaura"),
        ("kauramaito", "Kaura maito 1 l", "Maitosuklaa"),
        ("oatmilk", "Oat milk barista", "Milk of coconut, oat free"),
        ("oat milk", "Oatmilk", "Coconutmilk"),
        ("oatmilk", "Kauramaito", "Kookosmaito"),
        ("havre mjölk", "Kauramaito", "Kookosmaito"),
        ("greentea", "Green tea", "Tea, not green"),
    ],
)
async def test_compounds_are_found_split_and_joined(clock: TestClock, typed: str, sold: str, not_sold: str) -> None:
    others = (draft_item("Oat flakes"), draft_item("Milk"), draft_item("Tea"), draft_item("Kaura"), draft_item("Maito"))
    await make_shelf(draft_item(sold), draft_item(not_sold), *others)

    hits = await found(clock, typed)

    assert sold in names(hits)
    assert not_sold not in names(hits) or typed == "kaura maito"
    assert {match.how for hit, name in zip(hits, names(hits), strict=True) for match in hit.matches if name == sold} <= {
        How.FORM,
        How.SYNONYM,
    }


@pytest.mark.parametrize(
    ("typed", "sold"),
    [("chokol", "Chocolate bar"), ("margerit", "Pizza Margherita"), ("oat choklo", "Oat chocolate"), ("lohikiet", "Lohikeitto")],
)
async def test_a_mistyped_beginning_finds_while_one_types(clock: TestClock, typed: str, sold: str) -> None:
    await make_shelf(draft_item(sold), draft_item("Chokeberry"), draft_item("Oat"), draft_item("Marmalade"), draft_item("Lohi"))

    (hit,) = await found(clock, typed, typing=True)

    assert (names([hit]), hit.matches[-1].how) == ([sold], How.SPELLING)
    assert await found(clock, typed[:2] + "zzz", typing=True) == []


async def test_real_beginnings_come_first_and_keep_slips_out(clock: TestClock) -> None:
    shelf = ("Tea", "Te verde", "Testikeitto", "Brasserie Le Havre", "Leche entera", "Pitsabuffet", "Pitsa", "Pizza")
    await make_shelf(*(draft_item(name) for name in shelf))

    for typed, sold in (("tes", ["Testikeitto"]), ("lec", ["Leche entera"])):
        hits = await found(clock, typed, typing=True)
        assert (names(hits), [match.how for hit in hits for match in hit.matches]) == (sold, [How.BEGINNING])
    assert names(await found(clock, "pitsa", typing=True)) == ["Pitsa", "Pitsabuffet", "Pizza"]
    assert names(await found(clock, "tesx", typing=True)) == ["Testikeitto"]
    assert "Leche entera" in names(await found(clock, "lehce"))


@pytest.mark.parametrize(
    ("typed", "sold", "not_sold"),
    [
        ("lohikeitto", "Salmon soup", "Salmon roll"),
        ("kanasalaatti", "Chicken salad", "Chicken wings"),
        ("juustohampurilainen", "Cheese burger", "Burger"),
        ("juustohampurilainen", "Burger with cheese", "Cheese"),
        ("lohibagel", "Bagel, salmon", "Bagel"),
    ],
)
async def test_compounds_of_the_synonyms_are_found_though_nobody_writes_their_halves(
    clock: TestClock, typed: str, sold: str, not_sold: str
) -> None:
    await make_shelf(draft_item(sold), draft_item(not_sold))

    (hit,) = await found(clock, typed)

    assert names([hit]) == [sold]
    assert {match.how for match in hit.matches} == {How.SYNONYM}


async def test_every_word_counts_and_sections_and_descriptions_too(clock: TestClock) -> None:
    store = await make_store()
    dish = draft_item("Number 7", description="With smoked tofu")
    await make_menu(store.id, sections=(SectionDraft(name="Burgers", items=(dish, draft_item("Number 8"))),))

    (hit,) = await found(clock, "burger tofu")

    assert [(match.field, match.how) for match in hit.matches] == [(Field.SECTION, How.FORM), (Field.DESCRIPTION, How.EXACT)]
    assert len(await found(clock, "burgers")) == 2


async def test_only_what_can_come_to_the_point_is_found(clock: TestClock) -> None:
    await make_shelf(draft_item("Herring"), delivery_radius_m=1_000, position=(LAT + 0.02, LON))
    await make_shelf(draft_item("Herring"), position=(LAT + 1, LON))

    assert await found(clock, "herring") == []
    assert names(await found(clock, "herring", latitude=LAT + 0.02)) == ["Herring"]


async def test_a_changed_menu_is_found_as_it_is_at_once(clock: TestClock) -> None:
    store = await make_store(kind=StoreKind.GROCER)
    await make_menu(store.id, draft_item("Oats", ref="a"), draft_item("Barley", ref="b"))
    await make_menu(store.id, draft_item("Millet", ref="a"))

    assert [names(await found(clock, word)) for word in ("oats", "barley", "millet")] == [[], [], ["Millet"]]
    await Store.filter(id=store.id).update(latitude=LAT + 1)
    assert await found(clock, "millet") == []
    assert names(await found(clock, "millet", latitude=LAT + 1)) == ["Millet"]


async def test_filters(clock: TestClock) -> None:
    await make_shelf(draft_item("Soup", 900, diets=("VEGAN",)), kind=StoreKind.RESTAURANT)
    await make_shelf(draft_item("Soup", 300), kind=StoreKind.GROCER)
    await make_shelf(draft_item("Soup", 500), kind=StoreKind.SHOP, opening_hours="Mo-Su 20:00-23:00")

    async def prices(**said: object) -> list[int]:
        return sorted(one.price for hit in await found(clock, "soup", **said) if hit.ware for one in hit.ware.offers)

    assert await prices() == [300, 500, 900]
    assert await prices(kinds=[StoreKind.RESTAURANT]) == [900]
    assert await prices(diets=["VEGAN"]) == [900]
    assert await prices(price_at_most=500) == [300, 500]
    hits = await found(clock, "soup", kinds=[StoreKind.SHOP])
    assert [offer.can_be_had for hit in hits if hit.ware for offer in hit.ware.offers] == [False]
    assert await found(clock, "soup", kinds=[StoreKind.SHOP], open_only=True) == []


async def test_pages_neither_skip_nor_repeat_and_keep_their_time(clock: TestClock) -> None:
    await make_shelf(*(draft_item(f"Tea {letter}") for letter in "abcdefg"), opening_hours="Mo-Su 08:00-12:30")
    await make_shelf(*(draft_item(f"Tea {letter}") for letter in "hijkl"))
    seen: list[str] = []
    page = PageRequest(first=5)
    while True:
        part = await search(question(clock, "tea"), page)
        seen += names(part.rows)
        clock.move(minutes=20)
        if not part.has_next:
            break
        page = PageRequest(first=5, after=part.end_cursor)

    assert sorted(seen) == [f"Tea {letter}" for letter in "abcdefghijkl"]


async def test_the_statements_do_not_depend_on_how_much_is_found(clock: TestClock, statements: Statements) -> None:
    for number in range(6):
        await make_shelf(*(draft_item(f"Bean {number} {letter}") for letter in "abcd"))
    await found(clock, "oats")
    statements.clear()

    await search(question(clock, "bean"), PageRequest(first=1))
    few = await statements.count()
    clock.move(minutes=5)
    statements.clear()
    assert len(await found(clock, "bean")) == 20
    assert await statements.count() <= few <= 8


@pytest.mark.parametrize("words", ["", " ", "a", "!?", "a" * 101, "one two three four five six seven eight nine"])
async def test_what_is_no_question_is_refused(clock: TestClock, words: str) -> None:
    with pytest.raises(BadInput):
        await found(clock, words)


@pytest.mark.parametrize(
    "text",
    ["Käse-Brötchen", "Ben & Jerry\u2019s", "Smørrebrød Æble", "Ñoquis 1,5 L", "Łódź", "crème brûlée", "Пельмени", "O'Neill"],
)
async def test_words_are_plain_in_the_house_as_in_the_database(text: str) -> None:
    record = await row("SELECT plain_words($1) AS words", text)
    assert record is not None
    assert plain(text) == record["words"]
