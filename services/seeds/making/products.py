"""Turns an open, volunteer-made list of articles into shelves: real barcodes and names, a composed price in euros."""

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

from services.seeds.making.aisles import Aisle, aisle_of, poured_aisle
from services.seeds.making.sizes import parsed_size
from services.seeds.making.streets import Row, rows_of, write_csv

HEADER = ["gtin", "name", "brand", "size_text", "quantity", "unit", "aisle", "tax_class", "price", "allergens", "diets"]
SWAPPED_SOURCES = ("05296849", "06096849", "06296849")
"""One bulk import with made-up numbers, names in the brand column and its own shipping texts."""
SHORTEST_NAME, LONGEST_NAME = 3, 110
SHORTEST_LABEL = 13
"""A list of ingredients shorter than this is somebody's typing exercise."""
HEAVIEST = 10_000
DEAREST = 4
"""Times the shelf's own dearest piece: a catering tub is not worth more to a home."""

ALLERGEN_WORDS = {
    "GLUTEN": r"wheat|weizen|vete|barley|gerste|\brye\b|roggen|gluten|\boats?\b|spelt|trigo",
    "CRUSTACEANS": r"shrimp|prawn|crab|lobster",
    "EGGS": r"\beggs?\b|\bei\b|\bägg|huevo",
    "FISH": r"\bfish|anchov|tuna|salmon|cod\b",
    "PEANUTS": r"peanut|erdn[uü]ss",
    "SOYBEANS": r"\bsoy|\bsoja",
    "MILK": r"milk|milch|mjölk|cheese|butter(?!fat-free)|whey|cream|leche|lait|yogurt|lactose",
    "NUTS": r"almond|hazelnut|haseln|walnut|cashew|pecan|pistachio|macadamia|mandel",
    "CELERY": r"celery|sellerie",
    "MUSTARD": r"mustard|senf\b|senap",
    "SESAME": r"sesam",
    "SULPHITES": r"sulphite|sulfite|sulfur dioxide",
    "LUPIN": r"lupin",
    "MOLLUSCS": r"mussel|oyster|squid|clam\b",
}


def check_digit_holds(gtin: str) -> bool:
    if not re.fullmatch(r"\d{14}", gtin):
        return False
    return sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(gtin)) % 10 == 0


def local_number(gtin: str) -> bool:
    """Numbers a shop gives out for itself; another shop may use the same for something else."""
    if gtin.startswith("000000"):
        return gtin[6] in "02"
    return gtin[1] == "2" or gtin[1:3] in {"02", "04"}


def title_of(row: Row) -> str:
    """The brand before the name, unless the name says it already."""
    name, brand = " ".join(row["name"].split()), " ".join(row["brand"].split())
    known = re.sub(r"\W", "", brand.lower())
    title = name if not brand or known in re.sub(r"\W", "", name.lower()) else f"{brand} {name}"
    return title[:1].upper() + title[1:]


def fault_of(row: Row) -> str | None:
    """Why an article is left out before anybody looks for its shelf."""
    if not check_digit_holds(row["gtin14"]):
        return "broken check digit"
    if row["gtin14"].startswith(SWAPPED_SOURCES):
        return "names and makers swapped"
    if local_number(row["gtin14"]):
        return "a shop's own number"
    name = row["name"].strip()
    if (
        len(name) < SHORTEST_NAME
        or name.isdigit()
        or len(title_of(row)) > LONGEST_NAME
        or re.search(r"INR|pages|\bgame\b|dvd", row["size"])
    ):
        return "no usable name"
    return None


def composed_price(gtin: str, aisle: Aisle, size: tuple[int, str] | None) -> int:
    """The same article always costs the same: its barcode draws a price within its shelf's range."""
    draw = int.from_bytes(hashlib.blake2b(gtin.encode(), digest_size=4).digest()) / 2**32
    low, high = aisle.cents_each
    if size and size[1] != "PIECE" and aisle.cents_per_kilo[1]:
        cheap, dear = aisle.cents_per_kilo
        # Big packs are cheaper by the kilo: the price grows with the size to the power of 0.8.
        cents = (cheap + (dear - cheap) * draw) * (size[0] / 1000) ** 0.8
        return int(min(max(59, round(cents / 10) * 10 - 1), DEAREST * high - 1))
    return round((low + (high - low) * draw) / 10) * 10 - 1


def allergens_in(text: str) -> list[str]:
    return [allergen for allergen, words in ALLERGEN_WORDS.items() if re.search(words, text.lower())]


def product_row(row: Row, aisle: Aisle, ingredients: str) -> list[str]:
    size = parsed_size(row["size"], fluid=aisle.fluid)
    title = title_of(row)
    diets = [
        diet
        for diet, words in {"VEGAN": r"\bvegan", "HALAL": r"\bhalal", "ORGANIC": r"organic|ekologisk|\bbio\b|biolog"}.items()
        if re.search(words, title.lower())
    ]
    fitting = size if size and size[0] <= HEAVIEST else None
    aisle = poured_aisle(aisle, title, fitting[1] if fitting else "")
    quantity, unit = (str(fitting[0]), fitting[1]) if fitting else ("", "")
    price = str(composed_price(row["gtin14"], aisle, fitting))
    printed = " ".join(row["size"].split())[:40]
    return [
        row["gtin14"],
        title,
        row["brand"].strip(),
        printed,
        quantity,
        unit,
        aisle.name,
        aisle.tax_class,
        price,
        " ".join(allergens_in(ingredients)),
        " ".join(diets),
    ]


def ingredients_by_gtin(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["gtin_upc"].zfill(14): row["ingredients"] for row in csv.DictReader(lines)}


def make_products(source: Path, target: Path) -> dict[str, int]:
    counts: Counter[str] = Counter()
    labels = ingredients_by_gtin(source / "usda_branded_foods.csv")
    kept: dict[str, list[str]] = {}
    for row in rows_of(source / "datakick_products.csv"):
        fault = fault_of(row)
        aisle = None if fault else aisle_of(title_of(row))
        if fault or aisle is None:
            counts[f"left out: {fault or 'no shelf'}"] += 1
            continue
        written = row["ingredients"] if len(row["ingredients"]) >= SHORTEST_LABEL else ""
        kept[row["gtin14"]] = product_row(row, aisle, written or labels.get(row["gtin14"], ""))
    write_csv(target / "products.csv", HEADER, [kept[gtin] for gtin in sorted(kept)])
    counts["with a parsed size"] = sum(bool(row[4]) for row in kept.values())
    counts["with allergens from a label"] = sum(bool(row[9]) for row in kept.values())
    return {"products": len(kept), **counts}
