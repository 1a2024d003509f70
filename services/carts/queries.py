"""Carts as they are read: the whole tree in one statement, and the rows locked for checkout."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from services.carts.views import BasketStore, BasketView, CartView, LineView, OptionView
from services.catalog.rules.measures import price_of_one
from services.catalog.rules.windows import SellingHours, is_sold
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.places import Address
from services.pricing.rules import ChosenOption, unit_price


@dataclass(frozen=True, slots=True)
class LockedQuote:
    """A quote's row and how its cart stands, both held until the transaction ends."""

    columns: dict[str, Any]
    signature: str
    used_at: datetime | None
    present_version: int
    cart_is_open: bool


async def cart_of(consumer: Consumer) -> CartView | None:
    """The open cart of a consumer at present prices; None before anything was put in it."""
    found = await rows(_TREE, consumer.person_id, clock.now())
    return read_cart(found) if found else None


async def lock_quote(consumer: Consumer, quote_id: UUID) -> LockedQuote:
    """A consumer's quote, held together with its cart. Raises NotFound for a quote of somebody else."""
    found = await row(_LOCK_QUOTE, quote_id, consumer.person_id)
    if found is None:
        raise NotFound("There is no such quote.")
    columns = dict(found)
    signature, used_at = columns.pop("signature"), columns.pop("used_at")
    version, state = columns.pop("present_version"), columns.pop("state")
    return LockedQuote(columns, signature, used_at, version, state == "OPEN")


def read_cart(found: list[Row]) -> CartView:
    """The cart in the rows of a statement made by `tree_of`."""
    head = found[0]
    stores: dict[UUID, int] = {}
    with_lines = [record for record in found if record["line_id"]]
    for record in with_lines:
        stores.setdefault(record["store_id"], len(stores))
    with_lines.sort(key=lambda record: stores[record["store_id"]])
    return CartView(
        id=head["cart_id"],
        version=head["version"],
        address=Address(**head["address"]) if head["address"] else None,
        tip=head["tip"],
        updated_at=head["updated_at"],
        expires_at=head["expires_at"],
        baskets=tuple(_basket(lines) for _, lines in groupby(with_lines, key=lambda record: record["store_id"])),
    )


def _basket(lines: Iterable[Row]) -> BasketView:
    records = list(lines)
    head = records[0]
    store = BasketStore(head["store_id"], head["store_name"])
    return BasketView(store, tuple(_line(record) for record in records))


def _line(record: Row) -> LineView:
    columns = (
        record["chosen_ids"],
        record["chosen_groups"],
        record["chosen_names"],
        record["chosen_prices"],
        record["chosen_free"],
        record["chosen_taxes"],
    )
    options = tuple(OptionView(*values) for values in zip(*columns, strict=True)) if record["chosen_ids"] else ()
    return LineView(
        id=record["line_id"],
        item_id=record["item_id"],
        gtin=record["gtin"],
        name=record["item_name"],
        price=record["price"],
        currency=record["currency"],
        tax_class=record["tax_class"],
        stock=record["stock"],
        is_offered=record["is_offered"]
        and record["all_on_offer"] is not False
        and len(options) == len(record["option_ids"])
        and _is_sold(record),
        quantity=record["quantity"],
        note=record["note"],
        option_ids=tuple(record["option_ids"]),
        options=options,
        unit_price=_unit_price(record, options),
        grams=record["grams"],
        most_per_day=record["most_per_day"],
        preparation_minutes=record["preparation_minutes"],
    )


def _unit_price(record: Row, options: tuple[OptionView, ...]) -> int:
    if not options and record["grams"] is None:
        return int(record["price"])  # as most lines are: there is nothing to add and nothing to round
    chosen = [ChosenOption(option.group_id, option.price, option.free_count) for option in options]
    return unit_price(price_of_one(record["price"], record["grams"]), chosen)


def _is_sold(record: Row) -> bool:
    """Whether the item's menu is sold at the time asked for."""
    hours = record["selling_hours"]
    return not hours or is_sold(SellingHours(hours, record["time_zone"], record["country"]), record["read_at"])


def tree_of(source: str, at: str, also: str = "") -> str:
    """The statement that reads a cart's tree at a time, from what `source` calls c (cart), l (lines), i (items), s (stores)."""
    return f"""
SELECT {also}c.id AS cart_id, c.version, c.address, c.tip, c.updated_at, c.expires_at,
       l.id AS line_id, l.quantity, l.note, l.option_ids,
       i.id AS item_id, i.name AS item_name, i.price, i.currency, i.tax_class, i.stock, p.gtin, i.grams, i.most_per_day,
       i.preparation_minutes, i.selling_hours, s.time_zone, s.country, {at}::timestamptz AS read_at,
       i.removed_at IS NULL AND (i.unavailable_until IS NULL OR i.unavailable_until <= {at}) AND s.state = 'LIVE' AS is_offered,
       s.id AS store_id, s.name AS store_name, chosen.*
FROM {source}
LEFT JOIN products p ON p.id = i.product_id
LEFT JOIN LATERAL (
    SELECT array_agg(id) AS chosen_ids, array_agg(group_id) AS chosen_groups, array_agg(name) AS chosen_names,
           array_agg(price) AS chosen_prices, array_agg(free_count) AS chosen_free, array_agg(tax_class) AS chosen_taxes,
           bool_and(unavailable_until IS NULL OR unavailable_until <= {at}) AS all_on_offer
    FROM (
        SELECT o.id, o.group_id, o.name, o.price, o.unavailable_until, o.tax_class, g.free_count
        FROM options o JOIN option_groups g ON g.id = o.group_id
        WHERE o.id = ANY(l.option_ids)
        ORDER BY o.group_id, o.position
    ) in_order
) chosen ON true
ORDER BY l.position
"""  # noqa: S608 - our own words


_OPEN_CART = """(SELECT * FROM carts WHERE consumer_id = $1 AND state = 'OPEN') c
LEFT JOIN (cart_lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON l.cart_id = c.id"""
_TREE = tree_of(_OPEN_CART, at="$2")

_LOCK_QUOTE = """
SELECT q.*, c.version AS present_version, c.state
FROM quotes q JOIN carts c ON c.id = q.cart_id
WHERE q.id = $1 AND q.consumer_id = $2
FOR UPDATE
"""
