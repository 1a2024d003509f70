"""The payloads of Uber Eats and DoorDash, JSON by a mapping, and Pannier's own document there and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.catalog.imports.formats import READERS, format_of
from services.catalog.imports.json_rows import read_mapped_json
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat, Reading, RemarkKind, nobody_watches
from services.catalog.rules import ItemDraft, MenuDraft, SectionDraft, documents
from services.catalog.rules.layout import layout_of

FILES = Path(__file__).parents[3] / "menu_files"
MAPPINGS = Path(__file__).parents[4] / "bench" / "menu_files" / "mappings"
DAY = {"time_periods": [{"start_time": "09:00", "end_time": "13:00"}]}


def said(**translations: str) -> Mapping[str, Any]:
    return {"translations": translations}


UBER = {
    "menus": [
        {
            "id": "brunch",
            "title": said(en_us="Brunch", fi="Brunssi"),
            "service_availability": [{"day_of_week": "saturday", **DAY}, {"day_of_week": "sunday", **DAY}],
            "category_ids": ["hot", "gone"],
        }
    ],
    "categories": [{"id": "hot", "title": said(en_us="Hot"), "entities": [{"id": "soup", "type": "ITEM"}, {"id": "lost"}]}],
    "items": [
        {
            "id": "soup",
            "title": said(en_us="Soup", fi="Keitto"),
            "description": said(en_us="Of the day"),
            "image_url": "https://pictures.example/soup.jpg",
            "price_info": {"price": 950, "overrides": [{"context_type": "MENU", "context_value": "brunch", "price": 900}]},
            "modifier_group_ids": {"ids": ["size"]},
            "nutritional_info": {"calories": {"lower_range": 210, "upper_range": 210}},
            "dish_info": {"classifications": {"dietary_label_info": {"labels": ["VEGAN", "LOCAL"]}}},
            "product_info": {"gtin": "6408430000135"},
            "tax_info": {"tax_rate": 14},
        },
        {
            "id": "large",
            "title": said(en_us="Large"),
            "price_info": {
                "price": 300,
                "overrides": [{"context_type": "MODIFIER_GROUP", "context_value": "size", "price": 200}],
            },
            "modifier_group_ids": {"ids": ["bread"]},
        },
        {
            "id": "rye",
            "title": said(en_us="Rye"),
            "price_info": {"price": 100},
            "quantity_info": {"quantity": {"default_quantity": 1}},
        },
    ],
    "modifier_groups": [
        {
            "id": "size",
            "title": said(en_us="Size"),
            "quantity_info": {"quantity": {"min_permitted": 0, "max_permitted": 1}},
            "modifier_options": [{"id": "large", "type": "ITEM"}],
        },
        {
            "id": "bread",
            "title": said(en_us="Bread"),
            "quantity_info": {"quantity": {"min_permitted": 1, "max_permitted": 2, "charge_above": 1}},
            "modifier_options": [{"id": "rye", "type": "ITEM"}],
            "display_type": "expanded",
        },
    ],
    "display_options": {"disable_item_instructions": True},
}
EXTRA = {
    "name": "Size",
    "merchant_supplied_id": "size",
    "min_num_options": 1,
    "max_num_options": 1,
    "num_free_options": 0,
    "options": [
        {"name": "Large", "merchant_supplied_id": "l", "price": 200, "sort_id": 2},
        {"name": "Small", "merchant_supplied_id": "s", "price": 0, "default": True, "sort_id": 1},
        {"name": "Huge", "merchant_supplied_id": "h", "price": 300, "active": False},
    ],
}
DOORDASH = {
    "reference": "12345",
    "store": {"merchant_supplied_id": "abc", "provider_type": "pos"},
    "open_hours": [
        {"day_index": "MON", "start_time": "07:00", "end_time": "15:00"},
        {"day_index": "TUE", "start_time": "07:00", "end_time": "15:00"},
    ],
    "special_hours": [{"date": "2026-12-24", "closed": True}],
    "menu": {
        "name": "Breakfast",
        "active": True,
        "categories": [
            {
                "name": "Mains",
                "merchant_supplied_id": "mains",
                "sort_id": 1,
                "items": [
                    {
                        "name": "Bowl",
                        "description": "With avocado",
                        "merchant_supplied_id": "bowl",
                        "price": 1_250,
                        "tax_rate": "14",
                        "extras": [EXTRA],
                        "dish_info": {"classification_info": {"classification_tags": ["TAG_KEY_DIETARY_VEGAN", "TAG_KEY_SPICY"]}},
                    },
                    {"name": "Free", "merchant_supplied_id": "free"},
                ],
            },
            {
                "name": "Drinks",
                "merchant_supplied_id": "drinks",
                "sort_id": 0,
                "items": [
                    {"name": "Mimosa", "merchant_supplied_id": "mimosa", "price": 700, "is_alcohol": True, "extras": [EXTRA]}
                ],
            },
        ],
    },
}


def read(value: Any, kind: ImportFormat, currency: str = "EUR", mapping: Any = None) -> Reading:
    content = value if isinstance(value, bytes) else orjson.dumps(value)
    return READERS[kind](content, read_mapping(mapping), currency, nobody_watches)


def faults(reading: Reading) -> list[tuple[int, str, str]]:
    return [(one.row, one.path, one.code.value) for one in reading.remarks if one.kind is RemarkKind.FAULT]


def dropped(reading: Reading) -> set[str]:
    return {one.path for one in reading.remarks if one.kind is RemarkKind.WARNING}


def test_uber_eats_flat_lists_become_a_tree() -> None:
    reading = read(UBER, ImportFormat.UBER_EATS)

    (menu,) = reading.menus
    (soup,) = menu.sections[0].items
    (size,) = soup.groups
    (large,) = size.options
    (bread,) = large.groups
    assert (menu.name, menu.names, menu.language, menu.hours) == ("Brunch", {"fi": "Brunssi"}, "en-US", "Sa,Su 09:00-13:00")
    assert (soup.name, soup.names, soup.price, soup.gtin, soup.energy_kcal) == (
        "Soup",
        {"fi": "Keitto"},
        950,
        "06408430000135",
        210,
    )
    assert (soup.diets, soup.media[0].url) == (("VEGAN",), "https://pictures.example/soup.jpg")
    assert (size.min_choices, size.max_choices, large.price) == (0, 1, 200)
    assert (bread.min_choices, bread.max_choices, bread.free_count, bread.options[0].is_default) == (1, 2, 1, True)


def test_what_uber_eats_says_and_we_do_not_keep_is_told() -> None:
    reading = read(UBER, ImportFormat.UBER_EATS)
    assert faults(reading) == [
        (0, "categories[0].entities[1]", "REFERENCE_UNKNOWN"),
        (0, "menus.category_ids", "REFERENCE_UNKNOWN"),
    ]
    assert dropped(reading) == {
        "root.display_options",
        "item.tax_info",
        "item.price_info.overrides.MENU",
        "modifier_group.display_type",
        "labels",
    }
    assert (reading.rows, reading.good_rows, reading.hopeless) == (2, 1, False)


def test_modifier_groups_that_hold_themselves_are_a_fault_of_their_item() -> None:
    value = orjson.loads(orjson.dumps(UBER))
    value["items"][2]["modifier_group_ids"] = {"ids": ["size"]}
    assert (1, "items[0].modifier_group_ids", "GROUP_NOT_ALLOWED") in faults(read(value, ImportFormat.UBER_EATS))


def test_groups_that_double_at_every_level_are_not_written_out() -> None:
    """Each of six groups names a hundred options that all open the next: ten to the twelfth rows, counted and refused at once."""
    items = [{"id": "dish", "title": said(en="Dish"), "price_info": {"price": 1}, "modifier_group_ids": {"ids": ["g0"]}}]
    groups = []
    for level in range(6):
        options = [f"o{level}-{number}" for number in range(100)]
        below = {"ids": [f"g{level + 1}"]} if level < 5 else {}
        items += [{"id": one, "title": said(en=one), "price_info": {"price": 1}, "modifier_group_ids": below} for one in options]
        groups.append({"id": f"g{level}", "title": said(en="G"), "modifier_options": [{"id": one} for one in options]})
    value = {
        "menus": [{"id": "m", "title": said(en="M"), "category_ids": ["c"]}],
        "categories": [{"id": "c", "title": said(en="C"), "entities": [{"id": "dish"}]}],
        "items": items,
        "modifier_groups": groups,
    }
    assert faults(read(value, ImportFormat.UBER_EATS))[0] == (1, "items[0]", "ROW_NOT_ALLOWED")


@pytest.mark.parametrize("wrapped", [False, True])
def test_doordash_trees_keep_their_order_and_share_their_extras(wrapped: bool) -> None:
    value: Any = {"store": DOORDASH["store"], "menus": [DOORDASH]} if wrapped else DOORDASH
    reading = read(value, ImportFormat.DOORDASH)

    (menu,) = reading.menus
    drinks, mains = menu.sections
    assert (menu.name, menu.hours) == ("Breakfast", "Mo,Tu 07:00-15:00")
    assert [(item.name, item.price, item.tax_class) for item in drinks.items] == [("Mimosa", 700, "ALCOHOL")]
    (bowl,) = mains.items
    assert (bowl.description, bowl.diets, bowl.ref) == ("With avocado", ("VEGAN",), "bowl")
    assert [(option.name, option.price, option.is_default) for option in bowl.groups[0].options] == [
        ("Small", 0, True),
        ("Large", 200, False),
    ]
    assert bowl.groups[0] is drinks.items[0].groups[0]


def test_what_doordash_says_and_we_do_not_keep_is_told() -> None:
    reading = read(DOORDASH, ImportFormat.DOORDASH)
    assert [fault[2] for fault in faults(reading)] == ["PRICE_MISSING"]
    assert {"root.special_hours", "item.tax_rate", "item.dish_info.classification_info.TAG_KEY_SPICY"} <= dropped(reading)
    assert any(path.endswith("options[2]") for path in dropped(reading))
    assert (reading.rows, reading.good_rows) == (3, 2)


def test_an_id_that_two_different_extras_claim_stays_with_the_first() -> None:
    value = orjson.loads(orjson.dumps(DOORDASH))
    value["menu"]["categories"][0]["items"][0]["extras"][0]["max_num_options"] = 2
    reading = read(value, ImportFormat.DOORDASH)
    assert (reading.good_rows, reading.hopeless) == (2, False)
    assert layout_of(reading.menus)[1] == []


def test_a_canteens_week_is_a_menu_a_day() -> None:
    mapping = (MAPPINGS / "canteens.json").read_text("utf-8")
    reading = read((FILES / "canteen_week.json").read_bytes(), ImportFormat.MAPPED_JSON, mapping=mapping)
    assert [menu.name for menu in reading.menus] == ["2023-01-09", "2023-01-10"]
    pasta = reading.menus[0].sections[0]
    assert pasta.name == "Pasta"
    assert (pasta.items[0].price, pasta.items[0].allergens, pasta.items[0].diets) == (
        540,
        ("EGGS", "GLUTEN", "MILK"),
        ("VEGETARIAN",),
    )
    assert (reading.rows, reading.good_rows, faults(reading)) == (27, 27, [])


def test_a_vendors_menu_finds_its_option_groups_elsewhere_in_the_file() -> None:
    whole = {name: orjson.loads((FILES / "vendor_sample" / f"{name}.json").read_bytes()) for name in ("menus", "menu_options")}
    reading = read(whole, ImportFormat.MAPPED_JSON, mapping=(MAPPINGS / "vendor_sample.json").read_text("utf-8"))

    dishes = reading.menus[0].sections[0].items
    amala = next(item for item in dishes if item.name == "AMALA")
    sides, drinks = amala.groups
    assert (reading.good_rows, faults(reading)) == (12, [])
    assert [(option.name, option.price) for option in sides.options] == [("Fish", 495), ("Beef", 695), ("Meat", 495)]
    assert (sides.min_choices, sides.max_choices, drinks.min_choices, drinks.max_choices) == (1, 1, 0, 2)


def test_a_document_names_its_broken_rows_and_keeps_the_others() -> None:
    value = documents.write(
        [MenuDraft(name="M", sections=(SectionDraft(name="S", items=(ItemDraft(name="A", price=1),) * 2),))], "EUR"
    )
    value["menus"][0]["sections"][0]["items"][1] = {"name": "B", "price": "dear"}

    reading = read(value, ImportFormat.PANNIER_JSON)
    other = read(value, ImportFormat.PANNIER_JSON, currency="SEK")

    assert faults(reading)[0] == (2, "menus[0].sections[0].items[1].price", "ROW_NOT_ALLOWED")
    assert ([item.name for item in reading.menus[0].sections[0].items], reading.hopeless) == (["A"], False)
    assert (other.hopeless, (0, "currency", "CURRENCY_DIFFERS") in faults(other)) == (True, True)


def test_files_are_recognised_by_what_stands_in_them() -> None:
    own = orjson.dumps(documents.write([], "EUR"))
    kinds = [format_of(content, mapped=False) for content in (orjson.dumps(UBER), orjson.dumps(DOORDASH), own, b"name;price\n")]
    assert kinds == [ImportFormat.UBER_EATS, ImportFormat.DOORDASH, ImportFormat.PANNIER_JSON, ImportFormat.CSV]
    assert format_of(orjson.dumps(DOORDASH), mapped=True) is ImportFormat.MAPPED_JSON


def test_rows_of_mapped_json_climb_to_what_they_stand_in() -> None:
    value = {"days": [{"date": "Monday", "dishes": [{"name": "Soup", "cost": 4.5}]}]}
    mapping = {
        "rows": "days[].dishes[]",
        "fields": {"name": "name", "price": "cost", "menu": "../date", "section": "../../title"},
    }
    (menu,) = read_mapped_json(orjson.dumps(value), read_mapping(mapping), "EUR").menus
    assert (menu.name, menu.sections[0].name, menu.sections[0].items[0].price) == ("Monday", "All", 450)
