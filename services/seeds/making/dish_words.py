"""The words by which a dish finds its section and its cuisines, and what the canteen's price by weight stands for."""

from pathlib import Path
from typing import Any

import orjson

WORDS: dict[str, Any] = orjson.loads((Path(__file__).parent / "words" / "dishes.json").read_bytes())

DROPPED: str = "|".join(WORDS["dropped"])
TIDIED: list[tuple[str, str]] = [(pattern, instead) for pattern, instead in WORDS["tidied"]]
SECTIONS: list[tuple[str, str]] = [("|".join(row["words"]), row["section"]) for row in WORDS["sections"]]
CUISINES: list[tuple[str, str]] = [("|".join(row["words"]), row["cuisine"]) for row in WORDS["cuisines"]]

SECTIONS_BY_TYPE: dict[str, str] = WORDS["sections_by_type"]
PORTION_GRAMS: dict[str, int] = WORDS["portion_grams"]
PRICES_WITHOUT_SOURCE: dict[str, int] = WORDS["prices_without_source"]
