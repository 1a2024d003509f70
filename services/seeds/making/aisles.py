"""The shelf an article stands on, told by the words of its name (words/aisles.json); what no shelf claims is left out."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

WORDS: dict[str, Any] = orjson.loads((Path(__file__).parent / "words" / "aisles.json").read_bytes())
NOTHING = r"(?!)"


@dataclass(frozen=True, slots=True)
class Aisle:
    """Prices are cents: by the kilo or litre, and for one piece where the size is not known."""

    name: str
    words: re.Pattern[str]
    unless: re.Pattern[str]
    tax_class: str
    cents_per_kilo: tuple[int, int]
    cents_each: tuple[int, int]
    fluid: bool


def _aisle(row: dict[str, Any]) -> Aisle:
    cheap, dear = row["cents_per_kilo"]
    low, high = row["cents_each"]
    words, unless = re.compile("|".join(row["words"])), re.compile("|".join(row["unless"]) or NOTHING)
    return Aisle(row["name"], words, unless, row["tax_class"], (cheap, dear), (low, high), row["fluid"])


NEVER = re.compile("|".join(WORDS["never"]))
AISLES = tuple(_aisle(row) for row in WORDS["aisles"])
"""The first that fits wins: soap before chocolate, crackers before cheese."""

POURED = {"Coffee, tea and cocoa", "Vitamins and supplements", "Fruit"}
"""What stands on these shelves in bottles is a drink, unless it is for cooking."""
FOR_COOKING = re.compile(r"coconut|lemon|lime|crushed|oil|pectin|pineapple|peach|pear|fruit")
SOFT_DRINKS = next(aisle for aisle in AISLES if aisle.name == "Soft drinks and energy")


def aisle_of(name: str) -> Aisle | None:
    plain = name.lower()
    if NEVER.search(plain):
        return None
    return next((aisle for aisle in AISLES if aisle.words.search(plain) and not aisle.unless.search(plain)), None)


def poured_aisle(aisle: Aisle, name: str, unit: str) -> Aisle:
    """The shelf once the size is known: iced tea is a soft drink, a packet of tea is not."""
    drink = aisle.name in POURED and unit == "ML" and not FOR_COOKING.search(name.lower())
    return SOFT_DRINKS if drink else aisle
