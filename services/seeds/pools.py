"""The stock a city is composed from: places, dishes and articles as the data files hold them, and the option groups."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from services.seeds.shapes import SeedGroup, SeedItem, SeedOption, SeedSize

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A store of the map, before it has a menu."""

    osm_id: str
    name: str
    kind: str
    category: str
    lat: float
    lon: float
    street: str
    housenumber: str
    postcode: str
    city: str
    address_assumed: bool
    cuisines: tuple[str, ...]
    cuisines_inferred: bool
    diets: tuple[str, ...]
    opening_hours: str
    hours_assumed: bool


@dataclass(frozen=True, slots=True)
class Dish:
    """`fixed_price`: the source names this price in euros, so no store changes it."""

    item: SeedItem
    section: str
    kitchens: frozenset[str]
    fixed_price: bool


@dataclass(frozen=True, slots=True)
class Article:
    item: SeedItem
    aisle: str


@cache
def places() -> tuple[PlaceRow, ...]:
    rows = (orjson.loads(line) for line in (DATA / "stores.jsonl").read_bytes().splitlines())
    return tuple(PlaceRow(**{**row, "cuisines": tuple(row["cuisines"]), "diets": tuple(row["diets"])}) for row in rows)


@cache
def dishes() -> tuple[Dish, ...]:
    """Dishes of the sources first, then the composed ones; a name comes once."""
    known = (*_source_dishes(), *_composed_dishes())
    return tuple({dish.item.name.lower(): dish for dish in reversed(known)}.values())[::-1]


@cache
def articles() -> tuple[Article, ...]:
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_article(row) for row in csv.DictReader(lines))


@cache
def option_groups() -> dict[str, SeedGroup]:
    """Every group by its key, nested ones resolved; a group that opens itself would never end and fails here."""
    written = _option_file()["groups"]
    return {key: _group(key, written) for key in written}


@cache
def group_rules() -> tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(
        (re.compile(section), re.compile(name, re.IGNORECASE), tuple(keys)) for section, name, keys in _option_file()["rules"]
    )


def groups_for(section: str, name: str) -> tuple[SeedGroup, ...]:
    """What the dish asks for: the groups of every rule that its section and its name meet."""
    keys = [
        key for of_section, of_name, keys in group_rules() if of_section.search(section) and of_name.search(name) for key in keys
    ]
    return tuple(option_groups()[key] for key in dict.fromkeys(keys))


@cache
def _option_file() -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((DATA / "option_groups.json").read_bytes())
    return content


@cache
def _built_groups() -> dict[str, SeedGroup]:
    return {}


def _group(key: str, written: dict[str, Any]) -> SeedGroup:
    built = _built_groups()
    if key not in built:
        row = written[key]
        options = tuple(
            SeedOption(name, price, is_default, tuple(_group(child, written) for child in (children[0] if children else ())))
            for name, price, is_default, *children in row["options"]
        )
        built[key] = SeedGroup(row["name"], row["min"], row["max"], row["free"], options)
    return built[key]


def _source_dishes() -> list[Dish]:
    rows = [orjson.loads(line) for line in (DATA / "dishes.jsonl").read_bytes().splitlines()]
    return [
        Dish(
            SeedItem(
                row["name"],
                row["description"],
                row["price"],
                "FOOD",
                tuple(row["allergens"]),
                tuple(row["diets"]),
                groups=tuple(option_groups()[key] for key in row["groups"]) or groups_for(row["section"], row["name"]),
            ),
            row["section"],
            frozenset(row["cuisines"]),
            row["price_from"] != "composed",
        )
        for row in rows
    ]


def _composed_dishes() -> list[Dish]:
    with (DATA / "composed_dishes.csv").open(encoding="utf-8", newline="") as lines:
        return [_composed_dish(row) for row in csv.DictReader(lines)]


def _composed_dish(row: dict[str, str]) -> Dish:
    section, name = row["section"], row["name"]
    tax_class = "GENERAL" if row["kitchens"] == "florist" and "Basil" not in name else "FOOD"
    allergens, diets = tuple(sorted(row["allergens"].split())), tuple(sorted(row["diets"].split()))
    item = SeedItem(name, row["description"], int(row["price"]), tax_class, allergens, diets, groups=groups_for(section, name))
    return Dish(item, section, frozenset(row["kitchens"].split()), fixed_price=False)


def _article(row: dict[str, str]) -> Article:
    item = SeedItem(
        row["name"],
        "",
        int(row["price"]),
        row["tax_class"],
        tuple(row["allergens"].split()),
        tuple(row["diets"].split()),
        gtin=row["gtin"],
        brand=row["brand"] or None,
        size_text=row["size_text"] or None,
        size=SeedSize(int(row["quantity"]), row["unit"]) if row["quantity"] else None,
    )
    return Article(item, row["aisle"])
