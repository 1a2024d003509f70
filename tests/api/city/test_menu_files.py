"""A headless tablet brings menus in from files with shipped documents alone, looks at them first, and tells stock and prices."""

import asyncio
import random
from pathlib import Path

import pytest

from mobile_contracts.phones import menus
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.menus import File
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import owner_number
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Refused
from services.kernel import clock
from tests.api.city.conftest import SmallTown

ROOT = Path(__file__).parents[3]
FILES, MAPPINGS = ROOT / "tests" / "menu_files", ROOT / "bench" / "menu_files" / "mappings"
pytestmark = pytest.mark.timeout(120)
PATIENCE = 90.0


def file(name: str, mapping: str) -> File:
    kind = "CSV" if name.endswith(".csv") else "MAPPED_JSON"
    return File((FILES / name).read_bytes(), name, kind, (MAPPINGS / f"{mapping}.json").read_text("utf-8"))


async def test_real_files_come_in_through_the_tablet(town: SmallTown) -> None:
    async with asyncio.timeout(PATIENCE), reach(town.url, await Pace.taken(clock.now), random.Random(1)) as gateway:
        tablet = Phone(gateway, "store", owner_number(0), "Onni")
        groceries = file("datakick.csv", "datakick")

        refused = await menus.followed(tablet, await menus.start_import(tablet, groceries))
        faults = [(one["row"], one["code"]) async for one in menus.remarks_of(tablet, refused, "FAULT")]
        shown = await menus.followed(tablet, await menus.start_import(tablet, groceries, dry_run=True, take_good_rows=True))
        added = [
            one["name"] async for one in menus.changes_of(tablet, shown) if one["level"] == "ITEM" and one["kind"] == "ADDED"
        ]
        applied = await menus.apply_import(tablet, shown)

        assert (refused["state"], faults) == ("REFUSED", [(27, "BARCODE_NOT_VALID"), (28, "ROW_NOT_ALLOWED")])
        assert (shown["state"], len(added), applied["state"], applied["goodRows"]) == ("PREVIEWED", 25, "APPLIED", 25)
        ref = "00041250500735"
        counts = await menus.feed_stock(
            tablet, [{"ref": ref, "stock": 7, "version": "1"}, {"ref": "x", "stock": 1, "version": "1"}]
        )
        prices = await menus.feed_prices(tablet, "EUR", [{"gtin": ref, "price": "6.40", "version": "1"}])
        out = await menus.exported(tablet)
        assert (counts["taken"], [one["outcome"] for one in counts["left"]], prices["taken"]) == (1, ["UNKNOWN"], 1)
        assert '"price": "6.40"' in out["content"]

        kitchen = Phone(gateway, "store", owner_number(1), "Aino")
        week = await menus.start_import(kitchen, file("canteen_week.json", "canteens"), dry_run=True)
        seen = await menus.followed(kitchen, week)
        gone = await menus.cancel_import(kitchen, seen)
        assert (seen["goodRows"], gone["state"]) == (27, "CANCELLED")
        with pytest.raises(Refused):
            await menus.apply_import(kitchen, gone)
