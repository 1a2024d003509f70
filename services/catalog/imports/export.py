"""The way out: what a store sells, as a document that brings it in again."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from services.catalog.published import published_menus
from services.catalog.rules.documents import write
from services.kernel.actors import StoreStaff, System
from services.kernel.errors import NotFound
from services.stores.queries import store


@dataclass(frozen=True, slots=True)
class ExportedMenu:
    """Pannier's own menu document as text, and what its file may be called."""

    content: str
    file_name: str


async def export_menu(actor: StoreStaff | System, store_id: UUID) -> ExportedMenu:
    """All that the store sells, every row with its reference: imported again it is the same, ids too. Raises NotFound."""
    if isinstance(actor, StoreStaff) and actor.store_id != store_id:
        raise NotFound("There is no such store.")
    card = await store(store_id)
    document = write(await published_menus(store_id), card.currency)
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    return ExportedMenu(content, f"{card.slug}.menu.json")
