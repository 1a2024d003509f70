"""Pannier's menu document: nothing is lost between JSON and drafts, and what is odd is told row by row."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.rules import ItemDraft, MenuDraft
from services.catalog.rules.document_fields import GROUP, MEDIA, MENU, SECTION, item_fields, option_fields
from services.catalog.rules.documents import read, read_text, write
from services.catalog.rules.limits import menu_faults
from tests.unit.catalog.menu_drafts import several_menus

keys = st.sampled_from(["menus", "sections", "items", "groups", "options", "media", "name", "price", "hours", "names", "kind"])
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text() | keys, below, max_size=4),
    max_leaves=12,
)


def document(**item: Any) -> dict[str, Any]:
    section = {"name": "All", "items": [{"name": "Soup", "price": "9.50"} | item, {"name": "Bread", "price": 3}]}
    return {"format": "pannier-menu", "version": 1, "currency": "EUR", "menus": [{"name": "Lunch", "sections": [section]}]}


@settings(max_examples=60, deadline=None)
@given(several_menus, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_is_read_again_exactly(menus: tuple[MenuDraft, ...], currency: str) -> None:
    again = read_text(orjson.dumps(write(menus, currency)))

    assert (again.currency, again.menus, again.faults, again.good) == (currency, menus, (), menus)


@settings(max_examples=40, deadline=None)
@given(several_menus)
def test_what_is_drawn_keeps_every_limit(menus: tuple[MenuDraft, ...]) -> None:
    assert list(menu_faults(menus)) == []


@settings(max_examples=150, deadline=None)
@given(json, json)
def test_odd_values_are_told_and_never_raise(value: Any, price: Any) -> None:
    read(value)
    read({**document(price=price), "menus": value})
    read(document(price=price, groups=value, media=value, names=value))


def test_every_fault_is_told_with_its_path_and_the_good_rows_remain() -> None:
    odd = document(price=True, ref="A1", colour="red", groups=[{"name": "Size", "options": [{"price": "1.005"}]}])
    odd["menus"].append(7)

    found = read(odd)

    item = "menus[0].sections[0].items[0]"
    assert [(fault.row, fault.name, fault.ref, fault.fault) for fault in found.faults] == [
        (f"{item}.price", "Soup", "A1", 'a number is expected, such as 12.5 or "12.50"'),
        (f"{item}.colour", "Soup", "A1", "there is no such field"),
        (f"{item}.groups[0].options[0].price", "", "", "EUR has 2 digits after the point"),
        (f"{item}.groups[0].options[0]", "", "", "a name is missing"),
        ("menus[1]", "", "", "an object is expected"),
    ]
    [menu] = found.good
    assert menu.sections[0].items == (ItemDraft(name="Bread", price=300),)
    assert len(found.menus) == 2


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [
        ("12.50", "EUR", 1_250),
        (12.5, "EUR", 1_250),
        (0.1, "EUR", 10),
        (7, "JPY", 7),
        ("1.005", "KWD", 1_005),
        (19.99, "EUR", 1_999),
    ],
)
def test_an_amount_is_exact_however_it_is_written(price: Any, currency: str, minor: int) -> None:
    found = read(document(price=price) | {"currency": currency})

    assert (found.menus[0].sections[0].items[0].price, found.faults) == (minor, ())


def test_hours_may_be_windows() -> None:
    lunch = document()
    lunch["menus"][0]["hours"] = [
        {"days": ["MO", "TU"], "from": "07:00", "to": "10:30"},
        {"days": ["FR"], "from": "22:00", "to": "02:00"},
    ]

    assert read(lunch).menus[0].hours == "Mo,Tu 07:00-10:30, Fr 22:00-26:00"


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1, 2", b"nul", b"[" * 5_000])
def test_what_is_no_json_is_one_fault(data: bytes) -> None:
    found = read_text(data)

    assert (found.menus, len(found.faults), found.faults[0].row) == ((), 1, "")


def test_groups_without_end_are_one_fault() -> None:
    group: dict[str, Any] = {"name": "Deep", "options": []}
    for _ in range(200):
        group = {"name": "Deep", "options": [{"name": "More", "groups": [group]}]}

    found = read(document(groups=[group]))

    assert [fault.fault for fault in found.faults] == ["groups nest at most 6 deep"]


def test_the_page_that_describes_it_shows_a_document_that_can_be_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "menu-json.md").read_text("utf-8")
    shown = page.split("```json\n")[1].split("```")[0]

    found = read_text(shown)

    assert found.faults == ()
    assert list(menu_faults(found.menus)) == []
    assert [item.name for item in found.menus[0].sections[0].items] == ["Lohikeitto", "Kinkku"]


def test_the_page_names_every_field() -> None:
    page = (Path(__file__).parents[3] / "docs" / "menu-json.md").read_text("utf-8")
    fields = {*MENU, *SECTION, *GROUP, *MEDIA, *item_fields("EUR"), *option_fields("EUR")}

    assert {field for field in fields if f"`{field}`" not in page} == set()


def test_another_version_is_not_guessed_at() -> None:
    found = read(document() | {"version": 2, "format": "menu", "currency": "eur"})

    assert [fault.row for fault in found.faults] == ["format", "version", "currency"]
