"""Reads a size as people print it: "10 3/4 oz (305g)", "0,5L", "20 x 1,5g", "24 bars"."""

import re

GRAMS = {
    "g": 1.0,
    "gr": 1.0,
    "gm": 1.0,
    "gms": 1.0,
    "gram": 1.0,
    "grams": 1.0,
    "gramm": 1.0,
    "grs": 1.0,
    "kg": 1000.0,
    "kgs": 1000.0,
}
OUNCES = {"oz": 28.3495, "ounce": 28.3495, "ounces": 28.3495, "lb": 453.592, "lbs": 453.592}
LITRES = {"ml": 1.0, "cl": 10.0, "dl": 100.0, "l": 1000.0, "lt": 1000.0, "ltr": 1000.0}
LITRES |= {"liter": 1000.0, "liters": 1000.0, "litre": 1000.0, "litres": 1000.0, "litro": 1000.0, "cc": 1.0}
FLUID = {"fl oz": 29.5735, "floz": 29.5735, "pt": 473.176, "qt": 946.353, "gal": 3785.41, "gallon": 3785.41, "gallons": 3785.41}
PIECES: tuple[str, ...] = (
    "pieces",
    "piece",
    "pcs",
    "pc",
    "ct",
    "count",
    "caplets",
    "capsules",
    "caps",
    "tablets",
    "bars",
    "bags",
    "st",
    "stück",
    "wipes",
    "rolls",
    "eggs",
)
PIECES += ("pack", "pk", "softgels", "pads", "sheets", "stuks", "tissues")

METRIC = {**{unit: ("G", factor) for unit, factor in GRAMS.items()}, **{unit: ("ML", factor) for unit, factor in LITRES.items()}}
IMPERIAL = {
    **{unit: ("G", factor) for unit, factor in OUNCES.items()},
    **{unit: ("ML", factor) for unit, factor in FLUID.items()},
}
NUMBER = r"(?:(\d+) (\d+)/(\d+)|(\d*[.,]?\d+))"
TIMES = r"(?:(\d{1,2})\s*(?:x|-)\s*)?"


def _pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\d/)(?<![\w.,]){TIMES}{NUMBER}\s*({'|'.join(sorted(units, key=len, reverse=True))})\b\.?(?:\s*x\s*(\d{{1,2}})\b)?"
    )


PATTERNS = (
    (_pattern(tuple(METRIC)), METRIC),
    (_pattern(tuple(IMPERIAL)), IMPERIAL),
    (_pattern(PIECES), dict.fromkeys(PIECES, ("PIECE", 1.0))),
)


def parsed_size(text: str, *, fluid: bool) -> tuple[int, str] | None:
    """Quantity and unit (G, ML or PIECE); `fluid` says that a bare "oz" on this article is a fluid ounce."""
    plain = " ".join(text.lower().replace("fl. oz", "fl oz").replace("fluid ounce", "fl oz").split())
    if "mg" in plain or "each" in plain or re.search(r"\d,\d{3}", plain):
        return None
    for pattern, units in PATTERNS:
        if found := pattern.search(plain):
            times, whole, top, bottom, number, unit, again = found.groups()
            one = int(whole) + int(top) / int(bottom) if whole and int(bottom) else float((number or "0").replace(",", "."))
            kind, factor = ("ML", 29.5735) if fluid and unit in {"oz", "ounce", "ounces"} else units[unit]
            quantity = round(one * factor) * int(times or again or 1)
            return (quantity, kind) if quantity > 0 else None
    return None
