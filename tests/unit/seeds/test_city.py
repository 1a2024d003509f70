"""The seeded city is large enough, sound in every line, and the same for the same number."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from opening_hours import OpeningHours

from services.seeds.read import City, SeedGroup, SeedItem, SeedStore, load_city

HELSINKI = ZoneInfo("Europe/Helsinki")
EU_ALLERGENS = {
    *("GLUTEN", "CRUSTACEANS", "EGGS", "FISH", "PEANUTS", "SOYBEANS", "MILK"),
    *("NUTS", "CELERY", "MUSTARD", "SESAME", "SULPHITES", "LUPIN", "MOLLUSCS"),
}
DIETS = {"VEGETARIAN", "VEGAN", "HALAL", "ORGANIC"}


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(1)


def items_of(store: SeedStore) -> list[SeedItem]:
    return [item for section in store.menu.sections for item in section.items]


def every_item(city: City) -> Iterator[SeedItem]:
    return (item for store in city.stores for item in items_of(store))


def deep(groups: tuple[SeedGroup, ...], level: int = 1) -> Iterator[tuple[int, SeedGroup]]:
    for group in groups:
        yield level, group
        for option in group.options:
            yield from deep(option.groups, level + 1)


def digest(city: City) -> str:
    return hashlib.sha256(repr(city.stores).encode()).hexdigest()


def test_the_city_is_as_large_as_promised(city: City) -> None:
    kinds = Counter(store.kind for store in city.stores)

    assert kinds == {"RESTAURANT": 425, "GROCER": 22, "SHOP": 38}
    assert kinds["GROCER"] + kinds["SHOP"] >= 60
    assert sum(1 for _ in every_item(city)) >= 10_000
    assert len({store.osm_id for store in city.stores}) == len(city.stores)


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_every_store_has_something_to_sell(seed: int) -> None:
    for store in load_city(seed).stores:
        lines = len(items_of(store))
        least, most = (10, 50) if store.kind == "RESTAURANT" or store.category == "florist" else (15, 450)
        assert least <= lines <= most, store.name
        assert all(section.items and len(section.items) <= 300 for section in store.menu.sections)


def test_supermarkets_are_full(city: City) -> None:
    assert [store for store in city.stores if store.category == "supermarket" and not 150 <= len(items_of(store)) <= 400] == []


def test_the_same_seed_is_the_same_city_and_another_seed_another() -> None:
    assert digest(load_city(7)) == digest(load_city(7))
    assert digest(load_city(7)) != digest(load_city(8))


def test_another_seed_keeps_the_places(city: City) -> None:
    other = load_city(2)

    assert [(s.osm_id, s.name, s.opening_hours) for s in other.stores] == [
        (s.osm_id, s.name, s.opening_hours) for s in city.stores
    ]
    assert [s.menu for s in other.stores] != [s.menu for s in city.stores]


def test_every_store_opens_some_time_in_a_week(city: City) -> None:
    monday = datetime(2026, 10, 5, tzinfo=HELSINKI)
    quarters = [monday + timedelta(minutes=15 * step) for step in range(7 * 96)]
    for hours in {store.opening_hours for store in city.stores}:
        parsed = OpeningHours(hours, timezone=HELSINKI, country="FI")
        assert any(parsed.is_open(quarter) for quarter in quarters), hours


def test_three_hundred_stores_are_open_on_a_weekday_at_noon(city: City) -> None:
    noon = datetime(2026, 10, 7, 12, 30, tzinfo=HELSINKI)

    assert sum(OpeningHours(s.opening_hours, timezone=HELSINKI, country="FI").is_open(noon) for s in city.stores) >= 300


def test_every_address_is_whole(city: City) -> None:
    for store in city.stores:
        assert store.street
        assert store.housenumber
        assert len(store.postcode) == 5
        assert store.city == "Helsinki"
        assert 60.16 < store.lat < 60.18
        assert 24.93 < store.lon < 24.96
    assert sum(store.address_assumed for store in city.stores) == 179


def test_every_gtin_has_its_check_digit(city: City) -> None:
    gtins = {item.gtin for item in every_item(city) if item.gtin}

    assert len(gtins) > 2000
    for gtin in gtins:
        assert len(gtin) == 14
        assert sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(gtin)) % 10 == 0


def test_an_article_is_the_same_in_every_store(city: City) -> None:
    known: dict[str, tuple[str, str | None, str | None]] = {}
    for item in every_item(city):
        if item.gtin:
            assert known.setdefault(item.gtin, (item.name, item.brand, item.size_text)) == (item.name, item.brand, item.size_text)


def test_prices_marks_and_tax_classes_are_sound(city: City) -> None:
    for item in every_item(city):
        assert item.name.strip() == item.name
        assert 0 < len(item.name) <= 120
        assert 10 <= item.price <= 10_000
        assert item.tax_class in {"FOOD", "ALCOHOL", "GENERAL"}
        assert set(item.allergens) <= EU_ALLERGENS
        assert set(item.diets) <= DIETS
        if "VEGAN" in item.diets and not item.gtin:
            assert not {"MILK", "EGGS", "FISH", "CRUSTACEANS", "MOLLUSCS"} & set(item.allergens), item.name
            assert "VEGETARIAN" in item.diets


def test_the_known_marks_are_all_used(city: City) -> None:
    assert {mark for item in every_item(city) for mark in item.allergens} == EU_ALLERGENS
    assert {item.tax_class for item in every_item(city)} == {"FOOD", "ALCOHOL", "GENERAL"}


def test_option_groups_can_be_answered(city: City) -> None:
    groups = {(level, group) for item in every_item(city) for level, group in deep(item.groups)}

    assert max(level for level, _ in groups) == 3
    for _, group in groups:
        defaults = sum(option.is_default for option in group.options)
        assert 0 <= group.min_choices <= group.max_choices <= len(group.options)
        assert 0 <= group.free_count <= group.max_choices
        assert defaults <= group.max_choices
        assert group.min_choices == 0 or defaults >= group.min_choices or defaults == 0
        assert all(option.price >= 0 for option in group.options)
        assert len({option.name for option in group.options}) == len(group.options)


def test_a_burger_can_become_a_meal_with_a_drink(city: City) -> None:
    burger = next(item for item in every_item(city) if item.name == "Cheeseburger")

    meal = next(group for group in burger.groups if group.name == "Make it a meal")
    assert [group.name for group in meal.options[0].groups] == ["Choose a side", "Choose a drink"]
    drink = meal.options[0].groups[1]
    assert (drink.min_choices, drink.max_choices) == (1, 1)
    assert [group.name for group in drink.options[0].groups] == ["Ice"]


def test_a_dish_priced_by_its_source_costs_the_same_everywhere(city: City) -> None:
    assert {item.price for item in every_item(city) if item.name == "Pizza Margherita with mozzarella"} == {500}


def test_kitchens_cook_what_they_are_known_for(city: City) -> None:
    sushi = [store for store in city.stores if store.cuisines[:1] == ("sushi",)]

    assert len(sushi) >= 15
    for store in sushi:
        assert {"Nigiri and maki", "Rolls", "Sets"} & {section.name for section in store.menu.sections}
