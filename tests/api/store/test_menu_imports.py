"""Files come in through the tablet's door: begun, followed, shown, applied, cancelled; feeds; and the way out."""

import base64
from typing import Any

import orjson
import pytest

from api.schema.shared.ids import opaque
from services.catalog.imports.running import run_menu_imports
from services.catalog.models import Item
from services.kernel.actors import StaffRole, StoreStaff
from services.stores.queries import store as read_store
from tests.api.apps import Doors, Told, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.imports import make_menu_preview
from tests.factories.stores import make_store

TABLE = "ref;name;price;stock\nA1;Hafermilch;1,95;4\nA2;Brot;3,20;\n"


async def manager() -> StoreStaff:
    return await make_staff((await make_store()).id, StaffRole.MANAGER)


def sent(**change: Any) -> dict[str, Any]:
    return {"input": {"content": TABLE, "fileName": "range.csv", "key": "k1", **change}}


async def applied(doors: Doors, staff: StoreStaff, **change: Any) -> dict[str, Any]:
    begun = (await doors.run("store", "StartMenuImport", sent(**change), actor=staff)).result()["menuImport"]
    await run_menu_imports()
    done: dict[str, Any] = (await doors.run("store", "MenuImport", {"id": begun["id"]}, actor=staff)).result()
    return done


async def test_a_file_is_queued_and_then_sold(doors: Doors) -> None:
    staff = await manager()

    begun = (await doors.run("store", "StartMenuImport", sent(), actor=staff)).result()
    again = (await doors.run("store", "StartMenuImport", sent(), actor=staff)).result()
    await run_menu_imports()
    done = (await doors.run("store", "MenuImports", actor=staff)).result()
    seen = (await doors.run("store", "StoreMenu", actor=staff)).result()

    assert (begun["__typename"], begun["menuImport"]["state"]) == ("StartMenuImportSuccess", "QUEUED")
    assert again["menuImport"]["id"] == begun["menuImport"]["id"]
    ((state, good, reason),) = [(one["state"], one["goodRows"], one["reason"]) for one in done]
    assert (state, good, reason) == ("APPLIED", 2, None)
    assert [item["name"] for item in seen["menus"][0]["sections"][0]["items"]] == ["Hafermilch", "Brot"]


async def test_legacy_bytes_travel_as_base64_with_their_own_columns(doors: Doors) -> None:
    staff = await manager()
    table = "Artikel;Preis\nBrötchen;0,45 €\n".encode("windows-1252")
    mapping = orjson.dumps({"fields": {"name": "Artikel", "price": "Preis"}}).decode()

    done = await applied(doors, staff, content=base64.b64encode(table).decode(), isBase64=True, mapping=mapping)

    assert (done["state"], done["warnings"]) == ("APPLIED", 1)
    (item,) = await Item.filter(store_id=staff.store_id)
    assert (item.name, item.price) == ("Brötchen", 45)


async def test_faults_are_listed_in_pages_and_nothing_is_sold(doors: Doors) -> None:
    staff = await manager()
    done = await applied(doors, staff, content=TABLE + ";;1\n;;2\n;X;dear\n")
    assert (done["state"], done["faults"]) == ("REFUSED", 3)

    first: dict[str, Any] = {"importId": done["id"], "kind": "FAULT", "first": 2}
    page = (await doors.run("store", "MenuImportRemarks", {"input": first}, actor=staff)).result()
    rest = first | {"after": page["pageInfo"]["endCursor"]}
    second = (await doors.run("store", "MenuImportRemarks", {"input": rest}, actor=staff)).result()

    told = [(edge["node"]["row"], edge["node"]["code"]) for edge in (*page["edges"], *second["edges"])]
    assert told == [(4, "ROW_NOT_READABLE"), (5, "ROW_NOT_READABLE"), (6, "ROW_NOT_READABLE")]
    assert (page["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert await Item.filter(store_id=staff.store_id).count() == 0
    assert (await read_store(staff.store_id)).version == 1


async def test_a_preview_is_looked_at_and_applied(doors: Doors, clock: TestClock) -> None:
    staff = await manager()
    shown = await applied(doors, staff, dryRun=True)
    input_ = {"input": {"importId": shown["id"]}}
    changes = (await doors.run("store", "MenuImportChanges", input_, actor=staff)).result()

    one = (await doors.run("store", "ApplyMenuImport", input_, actor=staff)).result()
    await run_menu_imports()
    done = (await doors.run("store", "MenuImport", {"id": shown["id"]}, actor=staff)).result()

    assert (shown["state"], shown["added"]) == ("PREVIEWED", 4)
    levels = [(edge["node"]["kind"], edge["node"]["level"], edge["node"]["name"]) for edge in changes["edges"]]
    assert levels[2:] == [("ADDED", "ITEM", "Hafermilch"), ("ADDED", "ITEM", "Brot")]
    assert (one["menuImport"]["state"], done["state"]) == ("QUEUED", "APPLIED")


async def test_each_refusal_is_told_by_its_type(doors: Doors, clock: TestClock) -> None:
    staff = await manager()
    first = (await doors.run("store", "StartMenuImport", sent(), actor=staff)).result()["menuImport"]["id"]
    busy = (await doors.run("store", "StartMenuImport", sent(key="k2"), actor=staff)).result()
    other = (await doors.run("store", "StartMenuImport", sent(dryRun=True), actor=staff)).result()
    await run_menu_imports()
    soon = (await doors.run("store", "StartMenuImport", sent(key="k2"), actor=staff)).result()
    over = (await doors.run("store", "CancelMenuImport", {"input": {"importId": first}}, actor=staff)).result()

    assert (busy["__typename"], busy["importId"]) == ("MenuImportInProgressProblem", first)
    assert other["__typename"] == "KeyReusedProblem"
    assert (soon["__typename"], soon["retryAt"]) == ("MenuImportTooSoonProblem", "2026-06-10T09:01:00.000Z")
    assert (over["__typename"], over["state"]) == ("MenuImportCannotMoveProblem", "APPLIED")


@pytest.mark.parametrize(
    ("said", "code"), [({"mapping": "[1]"}, "BAD_REQUEST"), ({"content": "?", "isBase64": True}, "BAD_REQUEST")]
)
async def test_what_cannot_be_meant_is_bad_and_nothing_is_queued(doors: Doors, said: dict[str, Any], code: str) -> None:
    staff = await manager()
    assert (await doors.run("store", "StartMenuImport", sent(**said), actor=staff)).codes == [code]
    assert (await doors.run("store", "MenuImports", actor=staff)).result() == []


async def test_a_tablet_follows_its_import(doors: Doors, address: str) -> None:
    staff = await manager()
    begun = (await doors.run("store", "StartMenuImport", sent(), actor=staff)).result()["menuImport"]["id"]

    async with line_to(address, "store") as line:
        await line.open(staff)
        await line.subscribe("s", document("store", "MenuImportChanged"), {"id": begun})
        states = [await heard(line)]
        await run_menu_imports()
        while states[-1] != "APPLIED":
            states.append(await heard(line))

    assert states[0] == "QUEUED"


async def heard(line: Any) -> str:
    state: str = (await line.hear())["payload"]["data"]["menuImportChanged"]["state"]
    return state


async def test_feeds_tell_what_became_of_their_rows(doors: Doors) -> None:
    item = await make_item(name="Milk", price=150, stock=0, ref="A1")
    staff = await make_staff(item.store_id, StaffRole.OWNER)
    counts = [{"ref": "A1", "stock": 8, "version": "1781082000000"}, {"gtin": "96385074", "stock": 1, "version": "1"}]
    prices = {"currency": "EUR", "rows": [{"ref": "A1", "price": "1.79", "version": "2"}]}

    stock: Told = await doors.run("store", "FeedStock", {"input": {"rows": counts}}, actor=staff)
    price: Told = await doors.run("store", "FeedPrices", {"input": prices}, actor=staff)
    again: Told = await doors.run("store", "FeedPrices", {"input": prices}, actor=staff)

    feed = stock.result()["feed"]
    assert (feed["taken"], feed["left"]) == (1, [{"place": 1, "ref": "", "gtin": "96385074", "outcome": "UNKNOWN"}])
    assert [one.result()["feed"]["taken"] for one in (price, again)] == [1, 0]
    found = await Item.get(id=item.id)
    assert (found.stock, found.price) == (8, 179)
    assert (await doors.run("store", "FeedPrices", {"input": prices | {"currency": "SEK"}}, actor=staff)).codes == ["BAD_REQUEST"]


async def test_a_price_in_parts_of_a_cent_is_its_rows_fault_alone(doors: Doors) -> None:
    item = await make_item(name="Milk", price=150, ref="A1")
    staff = await make_staff(item.store_id, StaffRole.OWNER)
    rows = [{"ref": "A1", "price": "1.005", "version": "9"}, {"ref": "A1", "price": "1.790", "version": "2"}]

    told: Told = await doors.run("store", "FeedPrices", {"input": {"currency": "EUR", "rows": rows}}, actor=staff)

    feed = told.result()["feed"]
    assert (feed["taken"], feed["left"]) == (1, [{"place": 0, "ref": "A1", "gtin": "", "outcome": "NOT_ALLOWED"}])
    assert (await Item.get(id=item.id)).price == 179


async def test_five_thousand_rows_are_one_call_and_one_more_is_refused(doors: Doors, statements: Statements) -> None:
    staff = await manager()
    rows = [{"ref": f"B{number}", "stock": 1, "version": "1"} for number in range(5_001)]
    statements.clear()

    fits = (await doors.run("store", "FeedStock", {"input": {"rows": rows[1:]}}, actor=staff)).result()
    counted = await statements.count()
    over = (await doors.run("store", "FeedStock", {"input": {"rows": rows}}, actor=staff)).result()

    assert (fits["feed"]["taken"], len(fits["feed"]["left"])) == (0, 5_000)
    assert counted == 2
    assert (over["__typename"], over["allowed"], over["found"]) == ("FeedTooLongProblem", 5_000, 5_001)


async def test_what_goes_out_comes_in_again_as_it_was(doors: Doors, clock: TestClock) -> None:
    staff = await manager()
    await applied(doors, staff)
    out = (await doors.run("store", "MenuExport", actor=staff)).result()
    ids = {item.id for item in await Item.filter(store_id=staff.store_id)}
    clock.move(minutes=2)

    done = await applied(doors, staff, content=out["content"], key="back")
    once_more = (await doors.run("store", "MenuExport", actor=staff)).result()

    assert (done["state"], done["format"], done["added"], done["changed"]) == ("APPLIED", "PANNIER_JSON", 0, 0)
    assert once_more == out
    assert {item.id for item in await Item.filter(store_id=staff.store_id)} == ids
    assert out["fileName"].endswith(".menu.json")


async def test_imports_of_another_store_are_not_found(doors: Doors) -> None:
    theirs = opaque("MenuImport", await make_menu_preview(await manager()))
    staff = await manager()
    asked: dict[str, dict[str, Any]] = {
        "MenuImport": {"id": theirs},
        "MenuImportRemarks": {"input": {"importId": theirs}},
        "MenuImportChanges": {"input": {"importId": theirs}},
        "ApplyMenuImport": {"input": {"importId": theirs}},
        "CancelMenuImport": {"input": {"importId": theirs}},
    }
    for operation, said in asked.items():
        assert (await doors.run("store", operation, said, actor=staff)).codes == ["NOT_FOUND"], operation


async def test_what_each_operation_asks_of_the_database(doors: Doors, statements: Statements) -> None:
    staff = await manager()
    preview = {"input": {"importId": opaque("MenuImport", await make_menu_preview(staff))}}
    counts = {}
    asked: dict[str, dict[str, Any] | None] = {
        "MenuImport": {"id": preview["input"]["importId"]},
        "MenuImports": None,
        "MenuImportRemarks": preview,
        "MenuImportChanges": preview,
        "MenuExport": None,
        "ApplyMenuImport": preview,
        "CancelMenuImport": preview,
        "StartMenuImport": sent(),
    }
    for operation, said in asked.items():
        counts[operation] = await statements.of(doors.run("store", operation, said, actor=staff))

    assert counts == {
        "MenuImport": 1,
        "MenuImports": 1,
        "MenuImportRemarks": 2,
        "MenuImportChanges": 2,
        "MenuExport": 9,
        "ApplyMenuImport": 5,
        "CancelMenuImport": 3,
        "StartMenuImport": 7,
    }
