"""How the seed's files were made: sizes read, numbers checked, shelves found, hours judged, one-way streets kept."""

import pytest

from services.seeds.making.aisles import aisle_of
from services.seeds.making.cuisines import cuisines_inferred, cuisines_written
from services.seeds.making.dishes import tidy
from services.seeds.making.hours import hours_fault
from services.seeds.making.labels import allergens_of, diets_of
from services.seeds.making.products import check_digit_holds, local_number
from services.seeds.making.sizes import parsed_size
from services.seeds.making.streets import bicycle_direction, car_direction
from services.seeds.pools import DATA

EDGE = {"highway": "residential", "oneway": "", "oneway_bicycle": "", "bicycle": "", "access": ""}


@pytest.mark.parametrize(
    ("text", "fluid", "size"),
    [
        ("10 3/4 oz (305g)", False, (305, "G")),
        ("0,5L", True, (500, "ML")),
        ("33cl", True, (330, "ML")),
        ("12 fl oz", True, (355, "ML")),
        ("16 oz", True, (473, "ML")),
        ("16 oz", False, (454, "G")),
        ("12 oz/340 g", False, (340, "G")),
        ("20 x 500g", False, (10_000, "G")),
        ("24 bars", False, (24, "PIECE")),
        ("1/2 gallon", True, None),
        ("500mg", False, None),
        ("Medium", False, None),
        ("", False, None),
    ],
)
def test_sizes_as_printed(text: str, fluid: bool, size: tuple[int, str] | None) -> None:
    assert parsed_size(text, fluid=fluid) == size


def test_check_digits() -> None:
    assert check_digit_holds("00041250500735")
    assert not check_digit_holds("00041250500736")
    assert not check_digit_holds("00o27000382493")
    assert not check_digit_holds("41250500735")


def test_numbers_that_only_one_shop_knows() -> None:
    assert local_number("00000000959742")
    assert local_number("00000020759407")
    assert not local_number("00000042142195")
    assert not local_number("07310401033693")


@pytest.mark.parametrize(
    ("name", "aisle"),
    [
        ("Dove Deep Moisture Body Wash", "Personal care"),
        ("Arla Mellanmjölk", "Dairy and eggs"),
        ("Milka Milk chocolate", "Sweets and chocolate"),
        ("Seagram's Ginger Ale", "Soft drinks and energy"),
        ("Lagunitas IPA", "Beer and wine"),
        ("Heinz Tomato Ketchup", "Sauces, oils and spices"),
        ("Heet Gas Line Antifreeze & Water Remover", None),
        ("Pall Mall Red 100's", None),
        ("Apple iPhone 6", None),
        ("Ibuprofen 200mg", None),
    ],
)
def test_shelves(name: str, aisle: str | None) -> None:
    found = aisle_of(name)
    assert (found.name if found else None) == aisle


def test_cuisines_are_mended_or_read_from_the_name() -> None:
    assert cuisines_written("oraganic;Noodle; tex-mex") == ["organic", "noodle", "mexican"]
    assert cuisines_inferred("Barbarossa Pizza & Kebab", "restaurant") == ["pizza", "kebab"]
    assert cuisines_inferred("Kulma", "cafe") == ["coffee_shop"]
    assert cuisines_inferred("Loiste", "restaurant") == []


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        ("Mo-Fr 11:00-23:00; Sa-Su 12:00-23:00; PH off", None),
        ("24/7", None),
        ("Mo-Fr 16:00-, Sa 14:00-", "does not parse"),
        ('"for request only"', "names no hour"),
        ("2017 Jul 1 - 2017 Aug 8 off; PH off", "never open"),
    ],
)
def test_hours_of_use(hours: str, fault: str | None) -> None:
    assert hours_fault(hours) == fault


def test_labels_become_the_fourteen_and_diets_are_believed_only_when_nothing_contradicts() -> None:
    assert allergens_of({"WHEAT", "GLUTEN", "LACTOSE", "GARLIC"}) == ["GLUTEN", "MILK"]
    assert diets_of({"VEGAN", "SOY"}) == ["VEGAN", "VEGETARIAN"]
    assert diets_of({"VEGAN", "MILK"}) == ["VEGETARIAN"]
    assert diets_of({"VEGETARIAN", "PORK"}) == []


def test_dish_names_are_tidied() -> None:
    assert tidy("Pork salmon steak with paprika sauce (S from straw pig)") == "Pork salmon steak with paprika sauce"
    assert tidy("xxxstrawberry banana orange juice") == "Strawberry banana orange juice"
    assert tidy("Plaice fillet (MSC) breaded") == "Plaice fillet breaded"


@pytest.mark.parametrize(
    ("edge", "car", "bicycle"),
    [
        ({}, "both", "both"),
        ({"oneway": "yes"}, "forward", "forward"),
        ({"oneway": "-1"}, "backward", "backward"),
        ({"oneway": "yes", "oneway_bicycle": "no"}, "forward", "both"),
        ({"highway": "footway"}, "no", "no"),
        ({"highway": "footway", "bicycle": "designated"}, "no", "both"),
        ({"highway": "cycleway"}, "no", "both"),
        ({"highway": "steps", "bicycle": "yes"}, "no", "no"),
        ({"bicycle": "use_sidepath"}, "both", "no"),
        ({"access": "private"}, "no", "no"),
    ],
)
def test_who_may_go_where(edge: dict[str, str], car: str, bicycle: str) -> None:
    assert car_direction(EDGE | edge) == car
    assert bicycle_direction(EDGE | edge) == bicycle


def test_sources_and_licences_travel_with_the_data() -> None:
    sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in sources
    for file in DATA.iterdir():
        assert file.name in {"SOURCES.md", "licences"} or f"`{file.name}`" in sources
    for licence, words in {
        "ODbL-1.0.txt": "Open Database License",
        "CC0-1.0.txt": "CC0 1.0 Universal",
        "MIT-eat-api.txt": "Simon Rehwald",
        "MIT-tastyigniter.txt": "Samuel Adepoyigi",
    }.items():
        assert words in (DATA / "licences" / licence).read_text(encoding="utf-8")


def test_the_data_stays_small() -> None:
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 2_000_000
