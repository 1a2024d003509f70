"""`python -m bench.menu_files FOLDER`: bring a folder of real files in through the doors of a running house, a store for each.

The house is one of `pannier up --no-city --stores 90`; the tablets are the headless ones, and say shipped operations only.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from mobile_contracts.phones import menus
from mobile_contracts.phones.gateway import Gateway, reach
from mobile_contracts.phones.menus import File, Json
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import owner_number
from mobile_contracts.phones.phone import Phone

MAPPINGS = Path(__file__).parent / "mappings"
GROCERIES = {
    "supermarket_es_consum.csv": "consum",
    "supermarket_es_dia.csv": "dia",
    "datakick_products.csv": "datakick",
    "usda_branded_foods.csv": "usda",
    "precios_claros_prices_2018-08-11.csv": "precios_claros_august",
    "precios_claros_prices_2018-04_05.csv": "precios_claros_spring",
}


@dataclass(slots=True)
class Tally:
    """What became of the files of one kind."""

    files: int = 0
    rows: int = 0
    good: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)


def files_in(folder: Path) -> Iterator[tuple[str, File]]:
    """Every file of the folder that has a mapping, with what it is counted as."""
    for name, mapping in GROCERIES.items():
        if (path := folder / "groceries" / name).exists():
            yield name, _file(path.read_bytes(), name, mapping)
    for path in sorted(folder.glob("canteen_menus/*/*/*.json")):
        yield "canteens' weeks", _file(path.read_bytes(), f"{path.parts[-3]}-{path.stem}.json", "canteens")
    sample = folder / "menu_samples"
    if sample.exists():
        whole = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(sample.glob("*.json"))}
        yield "vendor's sample menu", _file(orjson.dumps(whole), "menu_samples.json", "vendor_sample")


def _file(content: bytes, name: str, mapping: str) -> File:
    kind = "CSV" if name.endswith(".csv") else "MAPPED_JSON"
    return File(content, name, kind, (MAPPINGS / f"{mapping}.json").read_text("utf-8"))


async def bring_in(gateway: Gateway, store: int, file: File, tally: Tally) -> None:
    """Strictly first; where rows are at fault, once more without them."""
    phone = Phone(gateway, "store", owner_number(store), "Owner")
    began = time.monotonic()
    done = await menus.followed(phone, await menus.start_import(phone, file))
    if done["state"] == "REFUSED":
        async for fault in menus.remarks_of(phone, done, "FAULT"):
            tally.faults[fault["code"]] += 1
        done = await menus.followed(phone, await menus.start_import(phone, file, take_good_rows=True))
    tally.seconds += time.monotonic() - began
    async for warning in menus.remarks_of(phone, done, "WARNING"):
        tally.warnings[warning["code"]] += 1
    await _count(phone, done, tally)


async def _count(phone: Phone, done: Json, tally: Tally) -> None:
    tally.files += 1
    tally.rows += done["rowsInFile"]
    tally.states[done["state"]] += 1
    if done["state"] != "APPLIED":
        print(f"  {done['fileName']}: {done['state']}: {done['reason']}")
        return
    out = orjson.loads((await menus.exported(phone))["content"])
    shelf = sum(len(section.get("items", ())) for menu in out["menus"] for section in menu.get("sections", ()))
    tally.good += shelf
    if shelf != done["goodRows"]:
        raise SystemExit(f"{done['fileName']}: {done['goodRows']} rows are good and {shelf} on the shelf")


def _print(kind: str, tally: Tally) -> None:
    print(f"\n{kind}: {tally.files} files, {tally.rows} rows, {tally.good} on the shelf, {tally.seconds:.1f} s")
    print("  ended: " + ", ".join(f"{state} {count}" for state, count in tally.states.items()))
    for title, several in (("faults", tally.faults), ("warnings", tally.warnings)):
        if several:
            print(f"  {title}: " + ", ".join(f"{code} {count}" for code, count in several.most_common()))


async def main() -> None:
    """Bring everything in, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.menu_files", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000")
    chosen = parser.parse_args()
    tallies: dict[str, Tally] = {}
    pace = await Pace.taken(lambda: datetime.now(UTC))
    async with reach(chosen.gateway, pace, random.Random(1)) as gateway:
        for store, (kind, file) in enumerate(files_in(chosen.folder)):
            await bring_in(gateway, store, file, tallies.setdefault(kind, Tally()))
    for kind, tally in tallies.items():
        _print(kind, tally)


if __name__ == "__main__":
    asyncio.run(main())
