"""Second act, at the desk: a menu goes out into a file and comes back in, and the till tells stock and prices."""

import asyncio
from uuid import uuid4

import orjson

from mobile_contracts.phones.phone import moment
from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device, PlayStopped
from mobile_contracts.rehearsal.notes import Json

PAGE = 20
TRIES = 10
OVER = {"PREVIEWED", "APPLIED", "REFUSED", "CANCELLED", "FAILED"}


async def bring_menu_in(cast: Cast) -> None:
    """Everything a file can go through; the menu ends as it began."""
    tablet = cast.tablets[0]
    document = orjson.loads((await tablet.ask("MenuExport"))["content"])
    bun = document["menus"][0]["sections"][0]["items"][1]
    await _look_first(tablet, document)
    await _tell_stock_and_prices(tablet, bun)
    applied = await _carried_out(tablet, await _begin(tablet, document))
    await tablet.refused("ApplyMenuImport", "MenuImportCannotMoveProblem", importId=await _refused_file(tablet))
    await tablet.refused("CancelMenuImport", "MenuImportCannotMoveProblem", importId=applied["id"])
    await tablet.ask("MenuImports")


async def _look_first(tablet: Device, document: Json) -> None:
    """A dry run of a menu with a dearer bun; it is applied, and a second one is not wanted after all."""
    dearer = orjson.loads(orjson.dumps(document))
    dearer["menus"][0]["sections"][0]["items"][1]["price"] = "4.20"
    shown = await _carried_out(tablet, await _begin(tablet, dearer, dryRun=True))
    await tablet.ask("MenuImport", id=shown["id"])
    await tablet.ask("MenuImportChanges", input={"importId": shown["id"], "first": PAGE, "after": None})
    await tablet.say("CancelMenuImport", importId=shown["id"])
    again = await _carried_out(tablet, await _begin(tablet, document, dryRun=True))
    await tablet.say("ApplyMenuImport", importId=again["id"])
    await _carried_out(tablet, again)
    soon = await tablet.refused("StartMenuImport", "MenuImportTooSoonProblem", **_file(document))
    await tablet.stage.gateway.pace.sleep_until(moment(soon["retryAt"]))
    await _come_too_early(tablet, document)


async def _come_too_early(tablet: Device, document: Json) -> None:
    """A second file while the first is read; a worker that was quicker is given another one."""
    for _ in range(TRIES):
        begun = await _begin(tablet, document, dryRun=True)
        try:
            await tablet.refused("StartMenuImport", "MenuImportInProgressProblem", **_file(document), dryRun=True)
        except PlayStopped:
            await asyncio.sleep(1)  # until that one is read, too
            continue
        await _carried_out(tablet, begun)
        return
    raise PlayStopped("The worker was quicker than the tablet every time.")


async def _refused_file(tablet: Device) -> str:
    """A table with a row at fault; answers the import that was refused."""
    table = "name;price\nCinnamon bun;3,90\nLiquorice;dear\n"
    refused = await _carried_out(tablet, await _begin(tablet, table, dryRun=True))
    said = {"importId": refused["id"], "kind": "FAULT", "first": PAGE, "after": None}
    await tablet.ask("MenuImportRemarks", input=said)
    import_id: str = refused["id"]
    return import_id


async def _tell_stock_and_prices(tablet: Device, bun: Json) -> None:
    unknown = {"ref": "not-ours", "version": "1"}
    named = {"ref": bun["ref"], "version": "1"}
    await tablet.say("FeedStock", rows=[named | {"stock": bun["stock"]}, unknown | {"stock": 1}])
    await tablet.say("FeedPrices", currency="EUR", rows=[named | {"price": bun["price"]}, unknown | {"price": "1.00"}])


async def _begin(tablet: Device, content: Json | str, **more: bool) -> Json:
    begun: Json = (await tablet.say("StartMenuImport", **_file(content), **more))["menuImport"]
    return begun


def _file(content: Json | str) -> Json:
    text = content if isinstance(content, str) else orjson.dumps(content).decode()
    return {"content": text, "fileName": "menu.csv" if isinstance(content, str) else "menu.json", "key": str(uuid4())}


async def _carried_out(tablet: Device, begun: Json) -> Json:
    """Follow it to its end."""
    async with tablet.following("MenuImportChanged", id=begun["id"]) as next_one:
        step: Json = await next_one()
        while step["state"] not in OVER:
            step = await next_one()
    return step
