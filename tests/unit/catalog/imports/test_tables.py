"""Tables of goods: what is read, what is told, and nothing guessed silently."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.imports.barcodes import read_barcode
from services.catalog.imports.csv_file import read_csv
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import Reading, RemarkCode, RemarkKind
from services.catalog.rules import ItemDraft

FILES = Path(__file__).parents[3] / "menu_files"
MAPPINGS = Path(__file__).parents[4] / "bench" / "menu_files" / "mappings"
C = RemarkCode


def read(content: str | bytes, **mapping: Any) -> Reading:
    data = content.encode() if isinstance(content, str) else content
    return read_csv(data, read_mapping(mapping), "EUR")


def items(reading: Reading) -> list[ItemDraft]:
    return [item for menu in reading.menus for section in menu.sections for item in section.items]


def told(reading: Reading, kind: RemarkKind | None = None) -> list[tuple[int, str, str]]:
    return [(one.row, one.path, one.code.value) for one in reading.remarks if kind is None or one.kind is kind]


def test_columns_that_are_called_as_our_fields_need_no_mapping() -> None:
    text = "REF;Name;Price;Brand;GTIN;Size;Stock;Section;tax_class;Allergens;Colour\n"
    text += "A1;Oat milk;1,95;Kaura;6408430000135;1 l;12;Milk;FOOD;gluten, nuts;white\n"

    reading = read(text)

    (item,) = items(reading)
    assert (item.ref, item.name, item.price, item.brand, item.gtin) == ("A1", "Oat milk", 195, "Kaura", "06408430000135")
    assert (item.size_text, item.stock, item.allergens, item.tax_class) == ("1 l", 12, ("GLUTEN", "NUTS"), "FOOD")
    assert reading.menus[0].sections[0].name == "Milk"
    assert told(reading) == [(1, "Colour", "COLUMN_NOT_READ")]


def test_a_grocer_s_further_columns_are_kept() -> None:
    text = "name;price;aisle;shelf;age_limit;most_per_day;preparation_minutes;energy_kcal;energyKj;image\n"
    text += "Cider;3,00;Drinks;B2;18;6;0;45;188;https://pictures.example/cider.jpg\nPear;1,00;;;old;;;;;\n"

    reading = read(text)

    (item,) = items(reading)
    assert (item.aisle, item.shelf, item.age_limit, item.most_per_day, item.preparation_minutes) == ("Drinks", "B2", 18, 6, 0)
    assert (item.energy_kcal, item.energy_kj, item.media[0].url) == (45, 188, "https://pictures.example/cider.jpg")
    assert told(reading) == [(3, "ageLimit", "NUMBER_NOT_READABLE")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_encodings_are_found(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["name", "price"]) + "\r\n" + delimiter.join(["Brötchen", '"0,45"']) + "\r\n"
    reading = read(text.encode(encoding))
    assert [(item.name, item.price) for item in items(reading)] == [("Brötchen", 45)]
    assert told(reading) == []


def test_bytes_that_are_not_utf_8_are_read_as_what_spreadsheets_write_and_that_is_told() -> None:
    reading = read("name;price\nBrötchen;0,45\n".encode("windows-1252"))
    assert items(reading)[0].name == "Brötchen"
    assert told(reading) == [(0, "", "ENCODING_ASSUMED")]


def test_each_fault_names_its_row_and_its_column() -> None:
    text = (
        "ref;name;price;gtin;stock;tax_class\n"
        "1;;1,00;;;\n"
        "2;No price;;;;\n"
        "3;Odd price;dear;;;\n"
        "4;Pounds;£ 2;;;\n"
        "5;Bad barcode;1,00;6408430000136;;\n"
        "6;Bad stock;1,00;;some;\n"
        "7;Bad class;1,00;;;TOBACCO\n"
        "8;Good;1,00;;;GENERAL\n"
        "8;Other;2,00;;;\n"
        "9;Short\n"
        f"10;{'x' * 201};1,00;;;\n"
    )
    reading = read(text)
    assert sorted(told(reading, RemarkKind.FAULT)) == [
        (2, "name", "NAME_MISSING"),
        (3, "price", "PRICE_MISSING"),
        (4, "price", "PRICE_NOT_READABLE"),
        (5, "price", "CURRENCY_DIFFERS"),
        (6, "gtin", "BARCODE_NOT_VALID"),
        (7, "stock", "STOCK_NOT_READABLE"),
        (8, "taxClass", "TAX_CLASS_UNKNOWN"),
        (10, "row 10", "REFERENCE_TWICE"),
        (11, "", "ROW_NOT_READABLE"),
        (12, "row 12", "ROW_NOT_ALLOWED"),
    ]
    assert (reading.rows, reading.good_rows, reading.faults, reading.hopeless) == (11, 1, 10, False)
    assert [item.name for item in items(reading)] == ["Good"]


def test_a_price_that_may_mean_two_things_is_a_fault_unless_other_rows_tell() -> None:
    alone = read("name;price\nA;1,234\n")
    among = read("name;price\nA;1.234\nB;2,50\n")
    mixed = read("name;price\nA;1,234\nB;2,50\nC;2.50\n")

    assert told(alone) == [(2, "price", "PRICE_AMBIGUOUS"), (0, "", "FILE_HAS_NO_ROWS")]
    assert [item.price for item in items(among)] == [123_400, 250]
    assert told(among) == [(2, "price", "PRICE_READ_LIKE_OTHERS")]
    assert told(mixed) == [(0, "price", "PRICES_MIX_SEPARATORS"), (2, "price", "PRICE_AMBIGUOUS")]
    assert [item.price for item in items(read("name;price\nA;1,234\n", decimal="."))] == [123_400]


def test_repeats_are_told_and_taken_once() -> None:
    reading = read(
        "name;price;gtin\nMilk;1,00;6408430000135\nMilk;1,00;6408430000135\nCream;2,00;6408430000135\nTea;1,00;\nTea;2,00;\n"
    )
    assert told(reading) == [
        (3, "row 3", "ROW_TWICE"),
        (4, "row 4", "BARCODE_TWICE"),
        (6, "row 6", "NAME_TWICE"),
    ]
    assert [(item.name, item.price) for item in items(reading)] == [("Milk", 100), ("Tea", 100), ("Tea", 200)]


def test_the_owner_says_which_column_is_what() -> None:
    text = "sku,Artikel,Gruppe,Hersteller,EAN\n7,Apfel,Obst/Kernobst,k. A.,12\n8,Birne,Obst/Kernobst,Hof,\n9,Sekt,Wein,Gut,\n"
    reading = read(
        text,
        fields={
            "ref": "sku",
            "name": ["Hersteller", "Artikel"],
            "brand": "Hersteller",
            "gtin": "EAN",
            "section": {"column": "Gruppe", "part": 2},
            "menu": {"column": "Gruppe", "part": 1},
        },
        constants={"price": "0,99", "section": "Andere"},
        missing=["k. A."],
        brokenBarcodes="LEAVE_OUT",
        where={"sku": "7"},
    )
    assert [(menu.name, [s.name for s in menu.sections]) for menu in reading.menus] == [("Obst", ["Kernobst"])]
    assert [(item.name, item.brand, item.price, item.gtin) for item in items(reading)] == [("Apfel", "", 99, None)]
    assert told(reading) == [(2, "gtin", "BARCODE_LEFT_OUT"), (2, "brand", "BRAND_MISSING")]


def test_a_column_that_is_not_there_is_told_before_any_row() -> None:
    reading = read("name;price\nA;1\n", fields={"name": "name", "price": "Preis"})
    assert (told(reading, RemarkKind.FAULT), reading.hopeless, reading.menus) == ([(1, "Preis", "COLUMN_MISSING")], True, ())


def test_a_section_that_is_too_long_is_split_and_told() -> None:
    reading = read("name;price\n" + "".join(f"Article {number};1,00\n" for number in range(601)))
    assert [(s.name, len(s.items)) for s in reading.menus[0].sections] == [("All (1)", 300), ("All (2)", 300), ("All (3)", 1)]
    assert told(reading) == [(0, "All", "SECTION_SPLIT")]


def test_what_is_sold_by_weight_is_priced_by_the_kilogram_unless_a_portion_is_said() -> None:
    text = "name;price;per100;unit\nSalad;0;0,90;100g\nSoup;1,00;0,33;100g\nBun;0,80;;\n"
    fields = {"name": "name", "price": "price"}
    loose = read(text, fields=fields, byWeight={"price": "per100", "unit": "unit"})
    portions = read(text, fields=fields, byWeight={"price": "per100", "unit": "unit", "portionGrams": 350})

    assert [(i.name, i.price, i.priced_by, i.step_grams) for i in items(loose)] == [
        ("Salad", 900, "WEIGHT", 50),
        ("Bun", 80, "PIECE", None),
    ]
    assert told(loose) == [(3, "per100", "PRICE_IN_TWO_PARTS")]
    assert [(i.name, i.price, i.priced_by) for i in items(portions)] == [
        ("Salad", 315, "PIECE"),
        ("Soup", 216, "PIECE"),
        ("Bun", 80, "PIECE"),
    ]
    assert told(portions) == [(2, "price", "PRICE_OF_A_PORTION"), (3, "price", "PRICE_OF_A_PORTION")]


@pytest.mark.parametrize(
    ("file", "mapping", "currency", "good", "faults"),
    [
        (
            "datakick.csv",
            "datakick",
            "USD",
            25,
            [(27, "gtin", C.BARCODE_NOT_VALID), (28, "row 28", C.ROW_NOT_ALLOWED)],
        ),
        (
            "usda.csv",
            "usda",
            "USD",
            20,
            [
                (18, "gtin", C.BARCODE_NOT_VALID),
                (22, "gtin", C.BARCODE_NOT_VALID),
                (23, "gtin", C.BARCODE_NOT_VALID),
                (19, "row 19", C.BARCODE_TWICE),
                (26, "row 26", C.BARCODE_TWICE),
                (27, "row 27", C.BARCODE_TWICE),
            ],
        ),
        (
            "precios_claros.csv",
            "precios_claros_august",
            "ARS",
            7,
            [(26, "price", C.PRICE_NOT_READABLE), (32, "price", C.PRICE_NOT_READABLE), (33, "price", C.PRICE_NOT_READABLE)],
        ),
    ],
)
def test_real_files_give_their_good_rows_and_name_the_broken(
    file: str, mapping: str, currency: str, good: int, faults: list[tuple[int, str, RemarkCode]]
) -> None:
    words = read_mapping((MAPPINGS / f"{mapping}.json").read_text("utf-8"))
    reading = read_csv((FILES / file).read_bytes(), words, currency)
    assert [(one.row, one.path, one.code) for one in reading.remarks if one.kind is RemarkKind.FAULT] == faults
    assert (reading.good_rows, len(items(reading)), reading.hopeless) == (good, good, False)


@pytest.mark.parametrize(
    ("text", "gtin", "completed"),
    [
        ("6408430000135", "06408430000135", False),
        ("64-0843 0000135", "06408430000135", False),
        ("51000224637", "00051000224637", True),
        ("51000224637.0", "00051000224637", True),
        ("51000224638", None, True),
        ("00o27000382493", None, False),
        ("12", None, False),
    ],
)
def test_leading_zeros_that_a_spreadsheet_dropped_come_back_where_the_check_digit_agrees(
    text: str, gtin: str | None, completed: bool
) -> None:
    assert read_barcode(text) == (gtin, completed)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_nothing_is_raised(content: bytes) -> None:
    reading = read(content)
    assert reading.good_rows == len(items(reading))


WILD = st.text(alphabet=st.sampled_from('name;price,gtin"\n0123456789€.\t\x00é'), max_size=200)


@given(WILD)
def test_whatever_the_table_nothing_is_raised(text: str) -> None:
    reading = read("name;price;gtin\n" + text)
    assert reading.good_rows <= max(reading.rows, 0)
