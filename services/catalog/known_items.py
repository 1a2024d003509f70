"""Items as this process read them last, each with its store's version: good for whoever makes sure that the version still stands.

Whatever changes what a store sells raises its version, so an item's facts and choices need not be read again for every tap.
"""

from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from services.catalog.queries import configured_items
from services.catalog.rules import ItemForSale
from services.kernel.database import in_transaction, row
from services.kernel.errors import NotFound

# Some kilobytes each, with their options.
MOST = 2_000


class KnownItem(NamedTuple):
    """An item with all its choices, as of this version of its store or of a newer one."""

    item: ItemForSale
    store_version: int


_known: OrderedDict[UUID, KnownItem] = OrderedDict()


def known_item(item_id: UUID) -> KnownItem | None:
    """The item as it was read last; None if it was not, or not lately."""
    return _known.get(item_id)


async def read_item(item_id: UUID) -> KnownItem:
    """The item as it is now, removed ones too. Raises NotFound for an id that never was an item."""
    # The version comes first: what is changed meanwhile is then newer than the version, and nobody takes it for settled.
    found = await row("SELECT s.version FROM items i JOIN stores s ON s.id = i.store_id WHERE i.id = $1", item_id)
    if found is None:
        raise NotFound("There is no such item.")
    read = KnownItem((await configured_items([(item_id, ())]))[0], found["version"])
    # What a transaction sees may be its own, and never become true.
    if not in_transaction():
        _keep(read)
    return read


def forget_item(item_id: UUID) -> None:
    """Have the item read again when it is next asked for."""
    _known.pop(item_id, None)


def _keep(read: KnownItem) -> None:
    _known[read.item.id] = read
    _known.move_to_end(read.item.id)
    if len(_known) > MOST:
        _known.popitem(last=False)
