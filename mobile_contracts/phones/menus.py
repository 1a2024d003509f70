"""A tablet that brings menus in and out of files, and tells stock and prices."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from mobile_contracts.phones.phone import Phone

Json = dict[str, Any]
PAGE = 100
OVER = {"PREVIEWED", "APPLIED", "REFUSED", "CANCELLED", "FAILED"}


@dataclass(frozen=True, slots=True)
class File:
    """What an owner picks on the tablet; `mapping` is JSON text that says which column is what."""

    content: bytes
    name: str = ""
    format: str | None = None
    mapping: str = ""


async def start_import(phone: Phone, file: File, *, dry_run: bool = False, take_good_rows: bool = False, key: str = "") -> Json:
    """Queue a file; answers the import. Raises Refused."""
    said = {
        "content": base64.b64encode(file.content).decode(),
        "isBase64": True,
        "format": file.format,
        "mapping": file.mapping,
        "fileName": file.name,
        "dryRun": dry_run,
        "takeGoodRows": take_good_rows,
        "key": key or str(uuid4()),
    }
    answer = await phone.ask("StartMenuImport", {"input": said})
    begun: Json = answer["menuImport"]
    return begun


async def followed(phone: Phone, menu_import: Json) -> Json:
    """Follow an import until it is over; answers how it stands then."""
    async with aclosing(phone.follow("MenuImportChanged", lambda: {"id": menu_import["id"]})) as steps:
        async for step in steps:
            if step["state"] in OVER:
                over: Json = step
                return over
    raise AssertionError("a subscription ended by itself")


async def apply_import(phone: Phone, menu_import: Json) -> Json:
    """Sell what a preview showed, and wait for it. Raises Refused."""
    answer = await phone.ask("ApplyMenuImport", {"input": {"importId": menu_import["id"]}})
    return await followed(phone, answer["menuImport"])


async def cancel_import(phone: Phone, menu_import: Json) -> Json:
    """Let an import go. Raises Refused."""
    cancelled: Json = (await phone.ask("CancelMenuImport", {"input": {"importId": menu_import["id"]}}))["menuImport"]
    return cancelled


async def remarks_of(phone: Phone, menu_import: Json, kind: str | None = None) -> AsyncIterator[Json]:
    """All that was told about an import's rows, page after page."""
    async for remark in _pages(phone, "MenuImportRemarks", {"importId": menu_import["id"], "kind": kind}):
        yield remark


async def changes_of(phone: Phone, menu_import: Json) -> AsyncIterator[Json]:
    """All that an import changes, page after page."""
    async for change in _pages(phone, "MenuImportChanges", {"importId": menu_import["id"]}):
        yield change


async def exported(phone: Phone) -> Json:
    """All that the store sells, as a file."""
    document: Json = await phone.ask("MenuExport")
    return document


async def feed_stock(phone: Phone, rows: Sequence[Json]) -> Json:
    """Tell counts of stock; answers what became of the rows. Raises Refused."""
    feed: Json = (await phone.ask("FeedStock", {"input": {"rows": list(rows)}}))["feed"]
    return feed


async def feed_prices(phone: Phone, currency: str, rows: Sequence[Json]) -> Json:
    """Tell prices; answers what became of the rows. Raises Refused."""
    feed: Json = (await phone.ask("FeedPrices", {"input": {"currency": currency, "rows": list(rows)}}))["feed"]
    return feed


async def _pages(phone: Phone, operation: str, said: Json) -> AsyncIterator[Json]:
    after = None
    while True:
        page = await phone.ask(operation, {"input": said | {"first": PAGE, "after": after}})
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
