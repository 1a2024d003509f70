"""The JSON Schema of Pannier's menu document says what the reader says: docs/menu.schema.json."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings

from services.catalog.rules import MenuDraft, limits
from services.catalog.rules import document_fields as known
from services.catalog.rules.documents import read, write
from services.catalog.rules.limits import menu_faults
from services.catalog.rules.marks import Allergen, ContentUnit, Diet, Measure, MediaKind, TaxClass
from tests.unit.catalog.menu_drafts import several_menus

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = orjson.loads((DOCS / "menu.schema.json").read_bytes())
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
BELOW: dict[str, set[str]] = {
    "menu": {"sections"},
    "section": {"items"},
    "item": {"groups", "media"},
    "group": {"options"},
    "option": {"groups"},
    "medium": set(),
}
FIELDS = {
    "menu": known.MENU,
    "section": known.SECTION,
    "item": known.item_fields("EUR"),
    "group": known.GROUP,
    "option": known.option_fields("EUR"),
    "medium": known.MEDIA,
}


def document(**facts: Any) -> dict[str, Any]:
    item = {"name": "Soup", "price": "9.50"} | facts
    section = {"name": "All", "items": [item]}
    return {"format": "pannier-menu", "version": 1, "currency": "EUR", "menus": [{"name": "Lunch", "sections": [section]}]}


def row(level: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["$defs"][level]
    return found


@pytest.mark.parametrize("level", FIELDS)
def test_it_knows_exactly_the_fields_that_are_read(level: str) -> None:
    assert set(row(level)["properties"]) == set(FIELDS[level]) | BELOW[level]
    assert row(level)["additionalProperties"] is False


def test_its_words_and_bounds_are_the_reader_s() -> None:
    item = row("item")["properties"]
    assert item["allergens"]["items"]["enum"] == list(Allergen)
    assert item["diets"]["items"]["enum"] == list(Diet)
    assert [item[name]["enum"][:-1] for name in ("tax_class", "sold_by", "content_unit")] == [
        list(TaxClass),
        list(Measure),
        list(ContentUnit),
    ]
    assert row("medium")["properties"]["kind"]["enum"] == list(MediaKind)
    assert [
        SCHEMA["properties"]["menus"]["maxItems"],
        row("menu")["properties"]["sections"]["maxItems"],
        row("section")["properties"]["items"]["maxItems"],
        item["groups"]["maxItems"],
        item["media"]["maxItems"],
        row("group")["properties"]["options"]["maxItems"],
        item["age_limit"]["maximum"],
    ] == [
        limits.MENUS_PER_STORE,
        limits.SECTIONS_PER_MENU,
        limits.ITEMS_PER_SECTION,
        limits.GROUPS_PER_ITEM,
        limits.MEDIA_PER_ITEM,
        limits.OPTIONS_PER_GROUP,
        limits.OLDEST_AGE,
    ]


def test_the_example_of_the_page_is_valid() -> None:
    page = (DOCS / "menu-json.md").read_text("utf-8")
    VALIDATOR.validate(orjson.loads(page.split("```json\n")[1].split("```")[0]))


@settings(max_examples=60, deadline=None)
@given(several_menus)
def test_whatever_is_written_is_valid(menus: tuple[MenuDraft, ...]) -> None:
    VALIDATOR.validate(orjson.loads(orjson.dumps(write(menus, "EUR"))))


@pytest.mark.parametrize(
    "facts",
    [
        {"price": None},
        {"price": "-1.00"},
        {"price": "9,50"},
        {"name": " "},
        {"colour": "red"},
        {"allergens": ["CATS"]},
        {"diets": "VEGAN"},
        {"age_limit": 99},
        {"stock": -1},
        {"tax_class": "NONE"},
        {"sold_by": "WEIGHT"},
        {"sold_by": "WEIGHT", "priced_by": "WEIGHT"},
        {"priced_by": "WEIGHT"},
        {"step_grams": 50},
        {"nominal_grams": 50},
        {"media": [{"kind": "IMAGE"}]},
        {"media": [{"kind": "SOUND", "url": "https://sounds.example/soup.ogg"}]},
        {"media": [{"kind": "IMAGE", "url": "http://pictures.example/soup.jpg"}]},
        {"names": {"Finnish language": "Keitto"}},
        {"groups": [{"name": "Size", "max_choices": 0}]},
        {"groups": [{"name": "Size", "options": [{"price": "1.00"}]}]},
        {"groups": [{"name": "Size", "options": [{"name": f"Size {number}"} for number in range(101)]}]},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(facts: dict[str, Any]) -> None:
    said = document(**facts)
    found = read(said)

    assert not VALIDATOR.is_valid(said)
    assert found.faults or list(menu_faults(found.menus))


@pytest.mark.parametrize(
    "facts",
    [
        {"sold_by": "WEIGHT", "priced_by": "WEIGHT", "step_grams": 50},
        {"priced_by": "WEIGHT", "nominal_grams": 1_200},
        {"content": "1.5", "content_unit": "ML"},
        {"price": 9.5, "stock": None, "gtin": "6408430000135"},
    ],
)
def test_what_it_allows_the_reader_takes(facts: dict[str, Any]) -> None:
    said = document(**facts)
    found = read(said)

    VALIDATOR.validate(said)
    assert (found.faults, list(menu_faults(found.menus))) == ((), [])
