"""Turns the map's list of places into the stores of the seed: kind, address, cuisines, hours."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from services.seeds.making.cuisines import cuisines_inferred, cuisines_written
from services.seeds.making.hours import assumed_hours, hours_fault
from services.seeds.making.streets import Row, postcode_of, rows_of

RESTAURANTS = {"restaurant", "cafe", "fast_food", "pub", "bar", "food_court"}
GROCERS = {"supermarket", "convenience", "deli", "butcher", "health_food"}
DIETS = ("vegan", "vegetarian", "gluten_free", "halal")
CLOSED_FOR_GOOD = {"closed"}


def kind_of(category: str) -> str:
    if category in RESTAURANTS:
        return "RESTAURANT"
    return "GROCER" if category in GROCERS else "SHOP"


def paces(lat: float, lon: float, row: Row) -> float:
    """Good enough to tell which of two doors in one city is nearer."""
    return math.hypot(lat - float(row["lat"]), (lon - float(row["lon"])) * math.cos(math.radians(lat)))


def address_of(store: Row, doors: list[Row]) -> dict[str, Any]:
    """The store's own address, or that of the nearest door, which is then flagged."""
    lat, lon = float(store["lat"]), float(store["lon"])
    own = {"street": store["addr_street"], "housenumber": store["addr_housenumber"]}
    if all(own.values()):
        near = min((d for d in doors if postcode_of(d["postcode"])), key=lambda door: paces(lat, lon, door))
        return {
            **own,
            "postcode": postcode_of(store["addr_postcode"]) or near["postcode"],
            "city": "Helsinki",
            "address_assumed": False,
        }
    door = min((d for d in doors if postcode_of(d["postcode"])), key=lambda door: paces(lat, lon, door))
    street = {"street": door["street"], "housenumber": door["housenumber"]}
    return {**street, "postcode": door["postcode"], "city": "Helsinki", "address_assumed": True}


def hours_of(store: Row, odd: list[tuple[str, str, str]]) -> dict[str, Any]:
    written = store["opening_hours"]
    fault = hours_fault(written) if written else "none written"
    if fault and written:
        odd.append((store["name"], written, fault))
    return {"opening_hours": assumed_hours(store["kind"]) if fault else written, "hours_assumed": bool(fault)}


def store_of(row: Row, doors: list[Row], odd: list[tuple[str, str, str]]) -> dict[str, Any]:
    cuisines = cuisines_written(row["cuisine"])
    inferred = [] if cuisines else cuisines_inferred(row["name"], row["kind"])
    return {
        "osm_id": row["osm_id"],
        "name": row["name"].strip(),
        "kind": kind_of(row["kind"]),
        "category": row["kind"],
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
        **address_of(row, doors),
        "cuisines": cuisines or inferred,
        "cuisines_inferred": bool(inferred),
        "diets": [diet.upper() for diet in DIETS if row[f"diet_{diet}"] in {"yes", "only"}],
        **hours_of(row, odd),
    }


def make_stores(source: Path, target: Path) -> tuple[dict[str, int], list[tuple[str, str, str]]]:
    """Writes stores.jsonl; gives the counts and the opening hours that could not be used."""
    doors = rows_of(source / "addresses.csv")
    odd: list[tuple[str, str, str]] = []
    named = [row for row in rows_of(source / "stores.csv") if row["name"].strip() and row["opening_hours"] not in CLOSED_FOR_GOOD]
    stores = sorted((store_of(row, doors, odd) for row in named), key=lambda store: str(store["osm_id"]))
    target.joinpath("stores.jsonl").write_bytes(b"".join(orjson.dumps(store) + b"\n" for store in stores))
    counts = Counter(str(store["kind"]) for store in stores)
    counts["addresses from the nearest door"] = sum(store["address_assumed"] for store in stores)
    counts["hours assumed"] = sum(store["hours_assumed"] for store in stores)
    counts["cuisines from name or kind"] = sum(store["cuisines_inferred"] for store in stores)
    counts["no cuisine"] = sum(store["kind"] == "RESTAURANT" and not store["cuisines"] for store in stores)
    return {"stores": len(stores), **counts}, odd
