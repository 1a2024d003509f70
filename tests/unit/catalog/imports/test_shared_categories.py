"""A partner's category that stands in several menus, hours that cannot be read, and JSON that breaks off: nothing goes unsaid."""

import re
from typing import Any

import orjson
import pytest

from services.catalog.imports.formats import READERS, format_of
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat, Reading, nobody_watches
from services.catalog.rules.layout import layout_of


def read(value: Any, kind: ImportFormat) -> Reading:
    content = value if isinstance(value, bytes) else orjson.dumps(value)
    return READERS[kind](content, read_mapping(None), "EUR", nobody_watches)


def menu(id_: str, start: str, end: str) -> dict[str, Any]:
    day = {"day_of_week": "monday", "time_periods": [{"start_time": start, "end_time": end}]}
    title = {"translations": {"en": id_.title()}}
    return {"id": id_, "title": title, "service_availability": [day], "category_ids": ["c"]}


def kitchen(*menus: dict[str, Any]) -> dict[str, Any]:
    burger = {"id": "i", "title": {"translations": {"en": "Burger"}}, "price_info": {"price": 990}}
    return {
        "menus": list(menus),
        "categories": [{"id": "c", "title": {"translations": {"en": "Hot"}}, "entities": [{"id": "i"}]}],
        "items": [burger | {"product_info": {"gtin": "6408430000135"}}],
        "modifier_groups": [],
    }


def test_a_category_of_two_menus_is_sold_in_both_with_the_hours_of_each() -> None:
    reading = read(kitchen(menu("lunch", "11:00", "14:00"), menu("dinner", "17:00", "22:00")), ImportFormat.UBER_EATS)

    sold = [(one.name, one.hours, s.ref, i.ref, i.price, i.gtin) for one in reading.menus for s in one.sections for i in s.items]
    assert sold == [
        ("Lunch", "Mo 11:00-14:00", "c", "i", 990, "06408430000135"),
        ("Dinner", "Mo 17:00-22:00", "c (dinner)", "i (dinner)", 990, None),
    ]
    assert (reading.good_rows, reading.faults, reading.hopeless, layout_of(reading.menus)[1]) == (2, 0, False, [])
    (again,) = reading.remarks
    assert (again.path, again.code.value, again.value) == ("categories[0]", "REFERENCE_TWICE", "Hot")
    assert "in Dinner they are items of their own" in again.sentence


def test_an_item_twice_in_one_menu_is_still_taken_once() -> None:
    value = kitchen(menu("lunch", "11:00", "14:00"))
    value["categories"][0]["entities"] *= 2
    reading = read(value, ImportFormat.UBER_EATS)
    assert (reading.good_rows, [one.code.value for one in reading.remarks]) == (1, ["ROW_TWICE"])


def test_hours_that_cannot_be_read_are_named() -> None:
    uber = read(kitchen(menu("lunch", "11:00", "14:00"), menu("late", "25:00", "26:00")), ImportFormat.UBER_EATS)
    span = {"day_index": "TUE", "start_time": "08:00", "end_time": "25:00"}
    bowl = {"name": "Bowl", "price": 1, "merchant_supplied_id": "b"}
    one: dict[str, Any] = {"open_hours": [span | {"day_index": "MON", "end_time": "15:00"}, span]}
    one |= {"menu": {"name": "All", "categories": [{"name": "Bowls", "items": [bowl]}]}}
    doordash = [read(value, ImportFormat.DOORDASH) for value in (one, {"menus": [one]})]

    told = [(each.row, each.path, each.code.value, each.value) for reading in (uber, *doordash) for each in reading.remarks]
    assert told == [
        (0, "menus[1].service_availability", "FIELD_NOT_KEPT", "monday 25:00-26:00"),
        (0, "categories[0]", "REFERENCE_TWICE", "Hot"),
        (0, "open_hours[1]", "FIELD_NOT_KEPT", "TUE 08:00-25:00"),
        (0, "menus[0].open_hours[1]", "FIELD_NOT_KEPT", "TUE 08:00-25:00"),
    ]
    assert [reading.menus[0].hours for reading in doordash] == ["Mo 08:00-15:00"] * 2


@pytest.mark.parametrize(
    ("content", "name", "mapped", "kind"),
    [
        (b'{"menus": [\n{"name" 1}]}', "", False, ImportFormat.PANNIER_JSON),
        (b'\xef\xbb\xbf [{"name": 1},\n', "menu.txt", True, ImportFormat.MAPPED_JSON),
        (b'"menus": [\n', "Menu.JSON", False, ImportFormat.PANNIER_JSON),
    ],
)
def test_broken_json_is_told_as_json_with_its_place(content: bytes, name: str, mapped: bool, kind: ImportFormat) -> None:
    assert format_of(content, mapped=mapped, name=name) is kind
    for each in (kind, ImportFormat.UBER_EATS, ImportFormat.DOORDASH):
        reading = read(content, each)
        (fault,) = reading.remarks
        assert (fault.code.value, reading.hopeless) == ("FILE_NOT_READABLE", True)
        assert re.match(r"This is not JSON: .+ line \d+ column \d+", fault.sentence)


def test_a_table_whose_heading_begins_as_json_does_stays_a_table() -> None:
    assert format_of(b"[ref];[name]\n", mapped=False, name="range.csv") is ImportFormat.CSV
    assert format_of(b"ref;name\n", mapped=False) is ImportFormat.CSV
