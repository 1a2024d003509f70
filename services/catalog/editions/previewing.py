"""How an edition would look: it is written for real, read as a consumer reads it, and taken back."""

from typing import NoReturn
from uuid import UUID

from services.catalog.editions.drafting import menus_of
from services.catalog.editions.queries import EditionCard, edition, edition_by_preview_key
from services.catalog.editions.standing import leave_what_was_fed
from services.catalog.queries import MenuTree, menu
from services.catalog.rules.counts import counted_as_before
from services.catalog.rules.layout import Layout, lay_out
from services.catalog.stock_counts import stock_by_ref
from services.catalog.writing import write_menus
from services.kernel import clock
from services.kernel.actors import StoreStaff, System
from services.kernel.unit_of_work import unit_of_work
from services.stores.queries import StoreCard, lock_store

_REHEARSAL = System("menu preview")


class _TakenBack(Exception):
    """Nothing of what was written stays; it carries what was seen meanwhile."""

    def __init__(self, store: StoreCard, tree: MenuTree) -> None:
        super().__init__()
        self.store = store
        self.tree = tree


async def preview(staff: StoreStaff, edition_id: UUID) -> tuple[StoreCard, MenuTree]:
    """What the store would sell if this edition were published; ids of rows that are new in it are not yet theirs."""
    return await _rehearsed(await edition(staff, edition_id))


async def preview_by_key(key: str) -> tuple[StoreCard, MenuTree]:
    """The same for whoever was handed the edition's preview key, until it is published or dropped. Raises NotFound."""
    return await _rehearsed(await edition_by_preview_key(key))


async def _rehearsed(card: EditionCard) -> tuple[StoreCard, MenuTree]:
    layout = lay_out(await menus_of(card))
    try:
        await _write_and_look(card, layout)
    except _TakenBack as seen:
        return seen.store, seen.tree


async def _write_and_look(card: EditionCard, layout: Layout) -> NoReturn:
    async with unit_of_work(_REHEARSAL):
        store, at = await lock_store(card.store_id), clock.now()
        await leave_what_was_fed(layout, card)
        counted_as_before(layout, await stock_by_ref(card.store_id))
        await write_menus(card.store_id, store.currency, layout, at)
        raise _TakenBack(store, await menu(card.store_id, max(card.publish_at or at, at)))
