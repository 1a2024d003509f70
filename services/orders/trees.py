"""A purchase with what hangs below it, read by one statement: what a consumer looks at again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.kernel.actors import Consumer
from services.kernel.database import in_transaction, rows
from services.kernel.errors import NotFound
from services.kernel.together import Together
from services.orders.queries import PURCHASES, Order, OrderLine, Purchase
from services.payments.queries import Payment


class Parts(NamedTuple):
    """What of a purchase is wanted beside itself; lines only with the orders."""

    orders: bool
    lines: bool
    payment: bool
    sequence: bool


@dataclass(frozen=True, slots=True)
class PurchaseTree:
    """A purchase and those of its parts that were wanted, all at one moment; None is what was not wanted."""

    purchase: Purchase
    orders: list[Order] | None
    lines: dict[UUID, list[OrderLine]] | None
    # None or one of them.
    payments: list[Payment] | None
    sequence: int | None


async def purchase_tree(consumer: Consumer, purchase_id: UUID, parts: Parts) -> PurchaseTree:
    """The consumer's own purchase with its parts; looks that come in together are read together. Raises NotFound."""
    asked = (purchase_id, consumer.person_id)
    if in_transaction():
        [found] = await purchase_trees([asked], parts)
    else:
        found = await _together(parts).done(asked)
    if found is None:
        raise NotFound("There is no such purchase.")
    return found


# Thousands may come back at once: what is read for so many at a time keeps no other waiting for long.
MOST_AT_ONCE = 16


@cache
def _together(parts: Parts) -> Together[tuple[UUID, UUID], PurchaseTree | None]:
    return Together(partial(purchase_trees, parts=parts), MOST_AT_ONCE)


async def purchase_trees(asked: Sequence[tuple[UUID, UUID]], parts: Parts) -> list[PurchaseTree | None]:
    """For each purchase and consumer the purchase with its parts, as both would get it; None where it is not theirs."""
    # Phones of one person, and several looks of one phone, are one purchase.
    wanted = list(dict.fromkeys(asked))
    found = await rows(_TREES, [one for one, _ in wanted], [person for _, person in wanted], *parts)
    trees = {(record["id"], record["consumer_id"]): _tree(dict(record)) for record in found}
    return [trees.get(one) for one in asked]


def _tree(columns: dict[str, Any]) -> PurchaseTree:
    orders, lines, payments, sequence = (columns.pop(f"tree_{name}") for name in Parts._fields)
    orders = None if orders is None else [Order.of(_named(_ORDER, one)) for one in orders]
    return PurchaseTree(
        Purchase.of(columns),
        orders,
        None if lines is None else _by_order(lines, orders or ()),
        None if payments is None else [Payment.of(_named(_PAYMENT, one)) for one in payments],
        sequence,
    )


def _by_order(lines: Sequence[tuple[Any, ...]], orders: Sequence[Order]) -> dict[UUID, list[OrderLine]]:
    found: dict[UUID, list[OrderLine]] = {order.id: [] for order in orders}
    for values in lines:
        line = OrderLine(*values)
        line.options = orjson.loads(values[_OPTIONS])
        found[line.order_id].append(line)
    return found


# JSON inside of a row comes as text.
_JSON = {"options", "next_action"}


def _named(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: orjson.loads(value) if name in _JSON and value is not None else value
        for name, value in zip(names, values, strict=True)
    }


def _columns(table: str, names: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}::text" if name in _JSON else f"{table}.{name}" for name in names)


_OF_PURCHASE = ("consumer_id", "currency", "fulfilment")
_ORDER = [field.name for field in fields(Order)]
_LINE = [field.name for field in fields(OrderLine)]
_OPTIONS = _LINE.index("options")
_PAYMENT = [field.name for field in fields(Payment)]
_ORDER_COLUMNS = ", ".join(f"{'p' if name in _OF_PURCHASE else 'o'}.{name}" for name in _ORDER)
_BELOW = f"""
SELECT own.*,
    CASE WHEN $3 THEN ARRAY(
        SELECT ROW({_ORDER_COLUMNS}) FROM orders o JOIN purchases p ON p.id = o.purchase_id
        WHERE o.purchase_id = own.id ORDER BY o.id
    ) END AS tree_orders,
    CASE WHEN $4 THEN ARRAY(
        SELECT ROW({_columns("l", _LINE)}) FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.purchase_id = own.id ORDER BY o.id, l.position
    ) END AS tree_lines,
    CASE WHEN $5 THEN ARRAY(
        SELECT ROW({_columns("y", _PAYMENT)}) FROM payments y WHERE y.purchase_id = own.id
    ) END AS tree_payment,
    CASE WHEN $6 THEN coalesce((SELECT s.last_sequence FROM streams s WHERE s.id = own.id), 0) END AS tree_sequence
"""  # noqa: S608 - our own columns
_TREES = f"""{_BELOW} FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, consumer_id)
CROSS JOIN LATERAL ({PURCHASES} WHERE p.id = asked.id AND p.consumer_id = asked.consumer_id) AS own
"""
