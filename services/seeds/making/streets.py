"""Turns the OpenStreetMap street table into the couriers' graph and the address table into people's doors."""

import csv
import re
from collections import defaultdict
from pathlib import Path

Row = dict[str, str]

NOT_FOR_CARS = {"footway", "cycleway", "pedestrian", "steps", "path"}
MAY_RIDE = {"yes", "designated", "permissive", "destination"}
CLOSED = {"no", "private"}
POSTCODE = re.compile(r"\d{5}")


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def car_direction(edge: Row) -> str:
    """`both`, `forward`, `backward` or `no`, as a car may drive it."""
    if edge["highway"] in NOT_FOR_CARS or edge["access"] in CLOSED:
        return "no"
    return {"yes": "forward", "-1": "backward"}.get(edge["oneway"], "both")


def bicycle_direction(edge: Row) -> str:
    """The same for somebody riding a bicycle: pavements only where a sign allows it."""
    allowed = edge["bicycle"] in MAY_RIDE
    barred = edge["highway"] == "steps" or edge["bicycle"] in {"no", "use_sidepath"} or edge["access"] in CLOSED
    if barred or (edge["highway"] == "footway" and not allowed):
        return "no"
    oneway = edge["oneway_bicycle"] or edge["oneway"]
    return {"yes": "forward", "-1": "backward"}.get(oneway, "both")


def largest_part(edges: list[Row]) -> set[str]:
    """The nodes of the largest piece that hangs together, one-way streets read as both ways."""
    beside: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        beside[edge["from_node"]].add(edge["to_node"])
        beside[edge["to_node"]].add(edge["from_node"])
    largest: set[str] = set()
    left = set(beside)
    while left:
        part, border = set[str](), [min(left)]
        while border:
            node = border.pop()
            if node not in part:
                part.add(node)
                border.extend(beside[node] - part)
        left -= part
        largest = max(largest, part, key=len)
    return largest


def write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def via_of(edge: Row) -> str:
    """The points between, a tenth of a metre fine."""
    points = [point.split() for point in edge["via"].split(";") if point]
    return ";".join(f"{float(lat):.6f} {float(lon):.6f}" for lat, lon in points)


def make_streets(source: Path, target: Path) -> dict[str, int]:
    edges = rows_of(source / "street_edges.csv")
    kept = largest_part(edges)
    edges = [edge for edge in edges if edge["from_node"] in kept]
    nodes = [row for row in rows_of(source / "street_nodes.csv") if row["node"] in kept]
    write_csv(target / "street_nodes.csv", ["node", "lat", "lon"], [[n["node"], n["lat"], n["lon"]] for n in nodes])
    write_csv(
        target / "street_edges.csv",
        ["from_node", "to_node", "length_m", "highway", "car", "bicycle", "name", "via"],
        [
            [
                e["from_node"],
                e["to_node"],
                e["length_m"],
                e["highway"],
                car_direction(e),
                bicycle_direction(e),
                e["name"],
                via_of(e),
            ]
            for e in edges
        ],
    )
    return {"street nodes": len(nodes), "street edges": len(edges)}


def postcode_of(text: str) -> str:
    """Helsinki's postcodes have five digits; anything else typed there is left out."""
    return text if POSTCODE.fullmatch(text) else ""


def make_addresses(source: Path, target: Path) -> dict[str, int]:
    rows = rows_of(source / "addresses.csv")
    write_csv(
        target / "addresses.csv",
        ["osm_id", "lat", "lon", "street", "housenumber", "unit", "postcode", "city"],
        [
            [r["osm_id"], r["lat"], r["lon"], r["street"], r["housenumber"], r["unit"], postcode_of(r["postcode"]), "Helsinki"]
            for r in rows
        ],
    )
    return {"addresses": len(rows)}


def make_arrivals(source: Path, target: Path) -> dict[str, int]:
    """Keeps the days of the Meal Delivery Routing Problem; shares are written anew from the counts."""
    rows = [r for r in rows_of(source / "orders_per_5_minutes.csv") if r["source"].startswith("mdrp/")]
    days = sorted({r["source"] for r in rows})
    write_csv(
        target / "arrivals.csv",
        ["day", "minute", "orders"],
        [[r["source"].removeprefix("mdrp/"), r["minute"], r["orders"]] for r in rows],
    )
    return {"arrival days": len(days), "arrival rows": len(rows)}
