"""What can be done with the catalogue: replace a menu, and set stock aside for a purchase."""

from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from datetime import datetime
from uuid import UUID

from services.catalog.errors import ItemSoldOut, MenuLimitExceeded
from services.catalog.models import HoldState
from services.catalog.publishing import checked_layout, put_on_sale
from services.catalog.queries import MenuTree, menu
from services.catalog.rules import MenuDraft
from services.catalog.rules.layout import Layout
from services.kernel import clock
from services.kernel.actors import StoreStaff, System
from services.kernel.database import rows, run
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.stores.operations import raise_version
from services.stores.queries import lock_store, lock_stores
from services.stores.rules import staff_may

ROWS_PER_CALL = 5_000


async def replace_menu(actor: StoreStaff | System, store_id: UUID, *menus: MenuDraft, currency: str | None = None) -> MenuTree:
    """From now on the store sells exactly this; rows that stay (by reference, else by name and place) keep their ids.

    Items that left keep their rows, marked as removed. All or nothing. It is kept as an edition, and what waited for its time
    is called off. Staff send at most 5,000 rows so: more take longer than a caller should wait, and are an import.
    Raises MenuLimitExceeded, MenuRowInvalid, Forbidden, NotFound, and BadInput where `currency` is said and not the store's.
    """
    if isinstance(actor, StoreStaff):
        _must_be_allowed(actor, "replace_menu")
        if actor.store_id != store_id:
            raise NotFound("There is no such store.")
    layout = checked_layout(menus)
    if isinstance(actor, StoreStaff):
        _must_fit_a_call(layout)
    async with unit_of_work(actor) as work:
        store = await lock_store(store_id)
        if currency not in (None, store.currency):
            raise BadInput(f"This store's currency is {store.currency}.", field="currency")
        at = clock.now()
        await put_on_sale(work, store, menus, layout, at=at)
    return await menu(store_id, at)


async def hold_stock(purchase_id: UUID, wanted: Iterable[tuple[UUID, UUID, int]], until: datetime) -> None:
    """Set aside (order, item, quantity) for a purchase, all or nothing; items that nobody counts need no hold.

    Raises ItemSoldOut naming the first item of which too little is left.
    """
    quantities: Counter[tuple[UUID, UUID]] = Counter()
    for order_id, item_id, quantity in wanted:
        quantities[order_id, item_id] += quantity
    async with unit_of_work() as work:
        shelves = await _lock_shelves([item_id for _, item_id in quantities])
        held = {key: quantity for key, quantity in quantities.items() if key[1] in shelves}
        if not held:
            return
        per_item: Counter[UUID] = Counter()
        for (_, item_id), quantity in held.items():
            per_item[item_id] += quantity
        for item_id, quantity in per_item.items():
            if quantity > shelves[item_id][1]:
                raise ItemSoldOut(item_id, shelves[item_id][0], quantity, shelves[item_id][1])
        await run(
            _HOLD,
            purchase_id,
            until,
            [new_id() for _ in held],
            [key[0] for key in held],
            [key[1] for key in held],
            list(held.values()),
        )
        await _move_stock(work, {item_id: -quantity for item_id, quantity in per_item.items()})


_HOLD = """
INSERT INTO stock_holds (id, purchase_id, order_id, item_id, quantity, held_until, state)
SELECT id, $1, order_id, item_id, quantity, $2, 'HELD'
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[]) AS h (id, order_id, item_id, quantity)
"""


async def take_stock(order_id: UUID) -> None:
    """What the order holds is sold: it will not come back to the shelf. Again changes nothing."""
    await run("UPDATE stock_holds SET state = $2 WHERE order_id = $1 AND state = 'HELD'", order_id, HoldState.TAKEN)


async def release_stock(order_id: UUID) -> None:
    """What the order holds goes back to the shelf; what was taken stays taken. Again changes nothing."""
    async with unit_of_work() as work:
        held = await rows("SELECT item_id FROM stock_holds WHERE order_id = $1 AND state = 'HELD'", order_id)
        if not held:
            return
        await _lock_shelves([record["item_id"] for record in held])
        freed = await rows(
            "UPDATE stock_holds SET state = 'RELEASED' WHERE order_id = $1 AND state = 'HELD' RETURNING item_id, quantity",
            order_id,
        )
        await _move_stock(work, {record["item_id"]: record["quantity"] for record in freed})


async def _lock_shelves(item_ids: Sequence[UUID]) -> dict[UUID, tuple[str, int]]:
    """Name and free stock of those items that are counted, locked: stores before items, each in the order of ids."""
    counted = await rows("SELECT DISTINCT store_id FROM items WHERE id = ANY($1) AND stock IS NOT NULL", list(item_ids))
    if not counted:
        return {}
    await lock_stores([record["store_id"] for record in counted])
    found = await rows(
        "SELECT id, name, stock FROM items WHERE id = ANY($1) AND stock IS NOT NULL ORDER BY id FOR NO KEY UPDATE", list(item_ids)
    )
    return {record["id"]: (record["name"], record["stock"]) for record in found}


async def _move_stock(work: UnitOfWork, changes: dict[UUID, int]) -> None:
    """Change locked shelves; a store's version rises where an item sells out or comes back, for only that is seen."""
    turned = await rows(_MOVE_STOCK, list(changes), list(changes.values()))
    stores = {record["store_id"] for record in turned if record["stock"] == 0 or record["stock"] == record["change"]}
    if stores:
        await raise_version(work, sorted(stores))


_MOVE_STOCK = """
UPDATE items SET stock = stock + c.change FROM unnest($1::uuid[], $2::int[]) AS c (id, change)
WHERE items.id = c.id AND items.stock IS NOT NULL RETURNING items.store_id, items.stock, c.change
"""


def _must_fit_a_call(layout: Layout) -> None:
    levels: tuple[Sized, ...] = (layout.menus, layout.sections, layout.items, layout.groups, layout.options)
    found = sum(map(len, levels))
    if found > ROWS_PER_CALL:
        told = f"A menu of {found} rows is too long for one call, which takes {ROWS_PER_CALL}: bring it in as an import."
        raise MenuLimitExceeded("menus", "", "rows per call", ROWS_PER_CALL, found, told=told)


def _must_be_allowed(staff: StoreStaff, right: str) -> None:
    if not staff_may(staff.role, right):
        raise Forbidden("Your role in this store does not allow it.")
