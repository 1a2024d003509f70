"""Menus as Uber Eats and DoorDash document them: all that is read, and every other word told."""

from copy import deepcopy
from typing import Any

import orjson
import pytest

from services.catalog.imports.formats import READERS
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat, Reading, RemarkCode, RemarkKind, nobody_watches
from services.catalog.rules import ItemDraft
from services.catalog.rules.marks import TaxClass

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def said(text: str, **more: str) -> dict[str, Any]:
    return {"translations": {"en_us": text} | more}


def sold(id_: str, title: str, price: int | None, **more: Any) -> dict[str, Any]:
    return {"id": id_, "title": said(title), "price_info": {"price": price, "overrides": []}, "tax_info": {}} | more


def group(id_: str, *options: str, least: int, most: int, **more: Any) -> dict[str, Any]:
    quantity = {"quantity": {"min_permitted": least, "max_permitted": most}}
    named = [{"id": option, "type": "ITEM"} for option in options]
    return {"id": id_, "title": said(id_), "quantity_info": quantity | more, "modifier_options": named}


def within(group_id: str, **facts: Any) -> dict[str, Any]:
    return {"context_type": "MODIFIER_GROUP", "context_value": group_id} | facts


# A burger kitchen: one burger in a meal with a drink in a size, a beer, hours by day, one dish over midnight.
BURGER = sold(
    "burger",
    "Burger",
    1_290,
    description=said("With fries", fi="Ranskalaisilla"),
    modifier_group_ids={"ids": ["meal"], "overrides": [{"context_type": "MENU", "context_value": "late", "ids": []}]},
    tax_info={"tax_rate": 13.5, "vat_rate_percentage": 13.5},
    suspension_info={"suspension": {"suspend_until": 4_102_444_800, "reason": "Sold out"}},
    external_data="PLU 7",
    nutritional_info={"calories": {"lower_range": 600, "upper_range": 900}, "kilojoules": {"lower_range": 2_500}},
    visibility_info={"hours": [{"start_date": "2026-01-01"}]},
)
BURGER["price_info"]["overrides"] = [{"context_type": "MENU", "context_value": "late", "price": 1_390}]
DRINK = sold("drink", "Drink", 300, modifier_group_ids={"ids": ["size"]}, description=said("Cold"))
LARGE = sold("large", "Large", 100, suspension_info={"suspension": {"suspend_until": 4_102_444_800}})
LARGE["price_info"]["overrides"] = [within("size", price=80)]
LARGE["quantity_info"] = {"quantity": {}, "overrides": [within("size", quantity={"default_quantity": 1, "max_permitted": 2})]}
BEER = sold("beer", "Beer", 700, dish_info={"classifications": {"alcoholic_items": 1}, "dish_type": "DRINK"})
NIGHT = [{"start_time": "22:00", "end_time": "02:00"}]
UBER: dict[str, Any] = {
    "menus": [
        {
            "id": "late",
            "title": said("Late"),
            "service_availability": [
                *({"day_of_week": day, "time_periods": [{"start_time": "11:00", "end_time": "14:00"}]} for day in WEEK[:5]),
                {"day_of_week": "saturday", "time_periods": NIGHT},
            ],
            "category_ids": ["mains", "drinks"],
        }
    ],
    "categories": [
        {"id": "mains", "title": said("Mains"), "entities": [{"id": "burger", "type": "ITEM"}]},
        {"id": "drinks", "title": said("Drinks"), "subtitle": said("Cold"), "entities": [{"id": "beer"}, {"id": "drink"}]},
    ],
    "items": [BURGER, DRINK, LARGE, BEER],
    "modifier_groups": [
        group("meal", "drink", least=0, most=1, overrides=[within("burger", quantity={"max_permitted": 2})]),
        group("size", "large", least=1, most=1),
    ],
}


def uber() -> dict[str, Any]:
    return deepcopy(UBER)


def read(value: Any, kind: ImportFormat) -> Reading:
    return READERS[kind](orjson.dumps(value), read_mapping(None), "EUR", nobody_watches)


def items(reading: Reading) -> dict[str, ItemDraft]:
    return {item.ref: item for menu in reading.menus for section in menu.sections for item in section.items}


def told(reading: Reading, kind: RemarkKind = RemarkKind.WARNING) -> list[tuple[int, str]]:
    return sorted((one.row, one.path) for one in reading.remarks if one.kind is kind)


def test_an_uber_eats_menu_is_read_with_its_hours_levels_and_overrides() -> None:
    reading = read(uber(), ImportFormat.UBER_EATS)
    found = items(reading)

    assert reading.menus[0].hours == "Mo,Tu,We,Th,Fr 11:00-14:00, Sa 22:00-26:00"
    assert [section.name for section in reading.menus[0].sections] == ["Mains", "Drinks"]
    (meal,) = found["burger"].groups
    (drink,) = meal.options
    (size,) = drink.groups
    assert (drink.price, size.options[0].price, size.options[0].is_default) == (300, 80, True)
    assert found["drink"].groups[0] is size
    assert (found["burger"].price, found["burger"].descriptions) == (1_290, {"fi": "Ranskalaisilla"})
    assert (found["burger"].energy_kcal, found["burger"].energy_kj, found["beer"].tax_class) == (None, 2_500, TaxClass.ALCOHOL)
    assert (reading.rows, reading.good_rows, reading.faults) == (3, 3, 0)


def test_every_other_word_of_an_uber_eats_menu_is_told() -> None:
    reading = read(uber(), ImportFormat.UBER_EATS)
    assert told(reading) == [
        (0, "category.subtitle"),
        (0, "modifier_group.quantity_info.overrides"),
        (1, "item.external_data"),
        (1, "item.modifier_group_ids.overrides"),
        (1, "item.nutritional_info.calories"),
        (1, "item.price_info.overrides.MENU"),
        (1, "item.tax_info"),
        (1, "item.visibility_info"),
        (1, "items[0].suspension_info"),
        (2, "option.description"),
        (3, "items[2].suspension_info"),
        (3, "option.quantity_info.overrides.max_permitted"),
        (4, "item.dish_info.dish_type"),
    ]
    suspended = [one for one in reading.remarks if one.path.endswith("suspension_info")]
    assert {(one.code, one.value) for one in suspended} == {(RemarkCode.FIELD_NOT_KEPT, "4102444800")}


@pytest.mark.parametrize(
    "priced", [{}, {"price": None}, {"price": "cheap"}, {"overrides": [within("size", price=None)], "price": 1}]
)
def test_an_option_without_a_price_is_no_gift(priced: dict[str, Any]) -> None:
    value = uber()
    value["items"][2]["price_info"] = priced
    reading = read(value, ImportFormat.UBER_EATS)
    assert told(reading, RemarkKind.FAULT) == [(1, "items[0].modifier_group_ids"), (2, "items[1].modifier_group_ids")]
    assert set(items(reading)) == {"beer"}


# A bowl with a nested extra, a tax, a base price, hours with a special day, and what is not active at each level.
SAUCE = {
    "name": "Sauce",
    "merchant_supplied_id": "sauce",
    "min_num_options": 0,
    "max_num_options": 0,
    "max_option_choice_quantity": 2,
    "options": [{"name": "Hot", "merchant_supplied_id": "hot", "price": 50, "quantity_info": {"max": 2}}],
}
SIZE = {
    "name": "Size",
    "merchant_supplied_id": "size",
    "min_num_options": 1,
    "max_num_options": 1,
    "options": [
        {"name": "Small", "merchant_supplied_id": "s", "price": 0, "default": True},
        {"name": "Large", "merchant_supplied_id": "l", "price": 300, "extras": [SAUCE], "tax_rate": "8"},
    ],
}
BOWL = {
    "name": "Bowl",
    "merchant_supplied_id": "bowl",
    "price": 1_150,
    "base_price": 1_000,
    "tax_rate": "13.5",
    "is_alcohol": False,
    "item_special_hours": [{"day_index": "MON"}],
    "dish_info": {
        "nutritional_info": {"calorific_info": {"lower_range": 300}},
        "classification_info": {"classification_tags": ["TAG_KEY_DIETARY_VEGETARIAN"], "is_catering": True},
    },
    "extras": [SIZE],
}
GONE = {"name": "Gone", "merchant_supplied_id": "gone", "price": 1, "active": False}
DOORDASH: dict[str, Any] = {
    "reference": "r1",
    "store": {"merchant_supplied_id": "s1", "provider_type": "kitchen"},
    "open_hours": [{"day_index": day, "start_time": "10:00", "end_time": "23:59"} for day in ("FRI", "SAT")],
    "special_hours": [{"date": "2026-12-24", "closed": True}],
    "menu": {
        "name": "All day",
        "categories": [
            {"name": "Bowls", "merchant_supplied_id": "bowls", "items": [BOWL, GONE]},
            {"name": "Winter", "merchant_supplied_id": "winter", "active": False, "items": [BOWL]},
        ],
    },
}


def doordash() -> dict[str, Any]:
    return deepcopy(DOORDASH)


def test_a_doordash_menu_is_read_with_its_hours_and_levels() -> None:
    reading = read(doordash(), ImportFormat.DOORDASH)
    found = items(reading)
    assert set(found) == {"bowl"}
    (size,) = found["bowl"].groups
    (sauce,) = size.options[1].groups
    assert reading.menus[0].hours == "Fr,Sa 10:00-24:00"
    assert (found["bowl"].price, found["bowl"].tax_class, found["bowl"].diets) == (1_150, TaxClass.FOOD, ("VEGETARIAN",))
    assert [(option.price, option.is_default) for option in size.options] == [(0, True), (300, False)]
    assert (sauce.min_choices, sauce.max_choices, sauce.options[0].price) == (0, 1, 50)


def test_every_other_word_of_a_doordash_menu_is_told() -> None:
    reading = read(doordash(), ImportFormat.DOORDASH)
    assert told(reading) == [
        (0, "root.special_hours"),
        (1, "extra.max_option_choice_quantity"),
        (1, "item.base_price"),
        (1, "item.dish_info.classification_info.is_catering"),
        (1, "item.dish_info.nutritional_info"),
        (1, "item.item_special_hours"),
        (1, "item.tax_rate"),
        (1, "option.quantity_info"),
        (1, "option.tax_rate"),
        (2, "menu.categories[0].items[1]"),
        (2, "menu.categories[1]"),
    ]
    assert reading.faults == 0


def test_an_option_of_doordash_without_a_price_is_no_gift() -> None:
    value = doordash()
    del value["menu"]["categories"][0]["items"][0]["extras"][0]["options"][0]["price"]
    reading = read(value, ImportFormat.DOORDASH)
    assert told(reading, RemarkKind.FAULT) == [(0, ""), (1, "menu.categories[0].items[0]")]
    assert items(reading) == {}
