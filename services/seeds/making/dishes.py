"""Turns seventy-two weekly canteen menus and one demo menu into dishes with a section, a price, labels and cuisines."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from services.seeds.making.dish_words import (
    CUISINES,
    DROPPED,
    PORTION_GRAMS,
    PRICES_WITHOUT_SOURCE,
    SECTIONS,
    SECTIONS_BY_TYPE,
    TIDIED,
)
from services.seeds.making.labels import allergens_of, diets_of

Dish = dict[str, Any]
CHEAPEST_MAIN = 6


def tidy(name: str) -> str:
    for pattern, instead in TIDIED:
        name = re.sub(pattern, instead, name, flags=re.IGNORECASE)
    name = " ".join(name.split()).strip(" ,")
    return name[:1].upper() + name[1:]


def section_of(name: str, dish_types: Counter[str]) -> str:
    """The name decides first (a mousse sold as a side is a dessert), then the source's own heading."""
    for pattern, section in SECTIONS:
        if re.search(pattern, name, re.IGNORECASE):
            return section
    known = [SECTIONS_BY_TYPE[kind] for kind, _ in dish_types.most_common() if kind in SECTIONS_BY_TYPE]
    return known[0] if known else "Mains"


def cuisines_of(name: str, section: str) -> list[str]:
    return [cuisine for pattern, cuisine in CUISINES if re.search(pattern, f"{name} · {section}", re.IGNORECASE)] or ["european"]


def price_of(section: str, guest_prices: list[dict[str, Any]]) -> tuple[int, str]:
    """Minor units, and whether the source names the price, names it by weight, or names none."""
    fixed = [price["base_price"] for price in guest_prices if not price["price_per_unit"]]
    if fixed:
        return round(median(fixed) * 100), "source"
    by_weight = [price["base_price"] + price["price_per_unit"] * PORTION_GRAMS[section] / 100 for price in guest_prices]
    if by_weight:
        return round(median(by_weight) * 20) * 5, "source, by weight"
    return PRICES_WITHOUT_SOURCE[section], "composed"


def canteen_dishes(source: Path) -> list[Dish]:
    seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for week in sorted(source.glob("*/*/*.json")):
        for day in orjson.loads(week.read_bytes())["days"]:
            for dish in day["dishes"]:
                if not re.search(DROPPED, dish["name"], re.IGNORECASE):
                    seen[tidy(dish["name"]).lower()].append(dish)
    return [canteen_dish(sightings) for _, sightings in sorted(seen.items())]


def canteen_dish(sightings: list[dict[str, Any]]) -> Dish:
    name = tidy(sightings[0]["name"])
    section = section_of(name, Counter(dish["dish_type"] for dish in sightings))
    labels = {label for dish in sightings for label in dish["labels"]}
    price, price_from = price_of(section, [dish["prices"]["guests"] for dish in sightings if dish["prices"]["guests"]])
    return {
        "name": name,
        "description": "",
        "section": section,
        "price": price,
        "price_from": price_from,
        "cuisines": cuisines_of(name, section),
        "allergens": allergens_of(labels),
        "diets": diets_of(labels),
        "groups": [],
        "source": "eat-api",
    }


def sample_dishes(source: Path) -> list[Dish]:
    """The demo menu names no currency; its figures are read as euros."""
    return [
        {
            "name": row["menu_name"].capitalize() if row["menu_name"].isupper() else row["menu_name"],
            "description": row["menu_description"],
            "section": "Starters" if row["menu_price"] < CHEAPEST_MAIN else "Mains",
            "price": round(row["menu_price"] * 100),
            "price_from": "source",
            "cuisines": ["african"],
            "allergens": [],
            "diets": [],
            "groups": [f"tastyigniter {group.lower()}" for group in row.get("menu_options", [])],
            "source": "tastyigniter",
        }
        for row in orjson.loads((source / "menus.json").read_bytes())
        if row["menu_status"]
    ]


def make_dishes(source: Path, target: Path) -> dict[str, int]:
    dishes = canteen_dishes(source / "canteen_menus") + sample_dishes(source / "menu_samples")
    target.joinpath("dishes.jsonl").write_bytes(b"".join(orjson.dumps(dish) + b"\n" for dish in dishes))
    return {"dishes": len(dishes), **Counter(f"dishes, price {dish['price_from']}" for dish in dishes)}
