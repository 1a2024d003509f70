"""The limits of a menu: each names its row, its key and its figures, and all rows at fault are told up to a bound."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid
from services.catalog.rules import GroupDraft, ItemDraft, Measure, MediaDraft, MediaKind, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.limits import FAULTS_TOLD, check_menus, menu_faults

SOUP = ItemDraft(name="Soup", price=950, ref="A1")
PICTURE = MediaDraft(kind=MediaKind.IMAGE, url="https://pictures.example/soup.jpg")
PIECE_BY_WEIGHT: dict[str, Any] = {"priced_by": Measure.WEIGHT, "nominal_grams": 180}
ITEM = "menus[0].sections[0].items[0]"


def group(levels: int = 1, *, ref: str = "", options: int = 1) -> GroupDraft:
    below = (group(levels - 1),) if levels > 1 else ()
    return GroupDraft(name="Group", ref=ref, options=tuple(OptionDraft(name=f"O{n}", groups=below) for n in range(options)))


def menu(*items: ItemDraft, **facts: Any) -> MenuDraft:
    return MenuDraft(name="Lunch", sections=(SectionDraft(name="Hot", items=items or (SOUP,)),), **facts)


@pytest.mark.parametrize(
    ("menus", "row", "limit", "allowed", "found"),
    [
        ([menu()] * 21, "menus", "menus", 20, 21),
        ([replace(menu(), sections=menu().sections * 101)], "menus[0]", "sections", 100, 101),
        ([menu(*[SOUP] * 301)], "menus[0].sections[0]", "items", 300, 301),
        ([menu(replace(SOUP, groups=(group(),) * 31))], ITEM, "groups", 30, 31),
        ([menu(replace(SOUP, groups=(group(options=101),)))], f"{ITEM}.groups[0]", "options", 100, 101),
        ([menu(replace(SOUP, media=(PICTURE,) * 11))], ITEM, "media", 10, 11),
        ([menu(hours=", ".join(["Mo 07:00-08:00"] * 21))], "menus[0]", "windows", 20, 21),
        (
            [menu(replace(SOUP, groups=(group(7),)))],
            f"{ITEM}.groups[0]" + ".options[0].groups[0]" * 6,
            "levels",
            6,
            7,
        ),
    ],
)
def test_a_limit_names_its_row_and_its_figures(menus: list[MenuDraft], row: str, limit: str, allowed: int, found: int) -> None:
    with pytest.raises(MenuLimitExceeded) as refused:
        check_menus(menus)

    told = refused.value
    assert (told.row, told.limit, told.allowed, told.found) == (row, limit, allowed, found)


def test_rows_of_a_store_have_a_limit_however_they_are_spread() -> None:
    wide = replace(SOUP, groups=tuple(group(options=100) for _ in range(30)))

    [fault] = list(menu_faults([menu(*[wide] * 4)]))

    assert (fault.row, fault.limit, fault.allowed, fault.found) == ("menus", "rows", 12_000, 12_126)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"price": -1}, "a price is not negative"),
        ({"stock": -1}, "a stock is not negative"),
        ({"gtin": "4006381333932"}, "not a GTIN"),
        ({"allergens": ("SHELLFISH",)}, "SHELLFISH is not one of the allergens GLUTEN,"),
        ({"diets": ("PALEO",)}, "PALEO is not one of the diets"),
        ({"energy_kcal": -5}, "energy"),
        ({"age_limit": 99}, "an age limit is 1 to 25 years"),
        ({"most_per_day": 0}, "a most per day"),
        ({"preparation_minutes": 9_999}, "preparation takes"),
        ({"media": (replace(PICTURE, url="http://pictures.example/a.jpg"),)}, "https"),
        ({"media": (replace(PICTURE, url="https://user@evil.example"),)}, "https"),
        ({"media": (replace(PICTURE, width=0),)}, "a size is at least 1"),
        ({"names": {"suomi, ehkä": "Keitto"}}, "is not a language"),
        ({"descriptions": {"fi": "\x00"}}, "control character"),
        ({"name": "\ud800"}, "control character"),
        ({"sold_by": Measure.WEIGHT}, "priced by weight"),
        ({"priced_by": Measure.WEIGHT}, "tells what a piece weighs"),
        (PIECE_BY_WEIGHT | {"nominal_grams": 0}, "a weight is 1 to"),
        ({"step_grams": 50}, "has a step in grams"),
        ({"content": Decimal(500)}, "a number and a unit"),
    ],
)
def test_a_row_that_cannot_be_meant_says_why(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(MenuRowInvalid) as refused:
        check_menus([menu(replace(SOUP, **change))])

    assert refused.value.row.startswith(ITEM)
    assert fault in refused.value.fault
    assert refused.value.ref == "A1"


def test_every_row_at_fault_is_told_in_order_up_to_a_bound() -> None:
    bad = [replace(SOUP, ref=f"R{number}", price=-1) for number in range(150)]

    with pytest.raises(MenuRowInvalid) as few:
        check_menus([menu(SOUP, *bad[:2]), menu(replace(SOUP, age_limit=0), language="?")])
    with pytest.raises(MenuRowInvalid) as many:
        check_menus([menu(*bad)])

    assert [(fault.row, fault.ref) for fault in few.value.rows] == [
        ("menus[0].sections[0].items[1]", "R0"),
        ("menus[0].sections[0].items[2]", "R1"),
        ("menus[1]", ""),
        ("menus[1].sections[0].items[0]", "A1"),
    ]
    assert len(many.value.rows) == FAULTS_TOLD


def test_marks_are_words_however_they_are_spelled() -> None:
    check_menus([menu(replace(SOUP, allergens=("milk", "Gluten"), diets=("gluten-free",), **PIECE_BY_WEIGHT))])
