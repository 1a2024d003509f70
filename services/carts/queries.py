"""Carts as they are read: the whole tree in one statement, and the rows locked for checkout."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.carts.views import BasketStore, BasketView, CartView, LineView, OptionView
from services.catalog.rules.measures import price_of_one
from services.catalog.rules.windows import SellingHours, is_sold
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import Row, row
from services.kernel.errors import NotFound
from services.kernel.gathering import GatheredRead
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
    found = (await _carts.rows_of([consumer.person_id]))[consumer.person_id]
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
    cart_id, version, _, tip, updated_at, expires_at = found[0][_HEAD:_LINE]
    # The address stands in one of the rows.
    address = next((record["address"] for record in found if record["address"]), None)
    baskets: dict[UUID, tuple[BasketStore, list[LineView]]] = {}
    for record in found:
        if record["line_id"]:
            store_id = record["store_id"]
            if store_id not in baskets:
                baskets[store_id] = (BasketStore(store_id, record["store_name"]), [])
            baskets[store_id][1].append(_line(record))
    return CartView(
        id=cart_id,
        version=version,
        address=Address(**address) if address else None,
        tip=tip,
        updated_at=updated_at,
        expires_at=expires_at,
        baskets=tuple(BasketView(store, tuple(lines)) for store, lines in baskets.values()),
    )


def _line(record: Row) -> LineView:
    line_id, quantity, note, option_ids, item_id, name, price, currency, tax_class, stock, gtin, grams, most, minutes = record[
        _LINE:_AFTER
    ]
    options = _options(record) if record["chosen_ids"] else ()
    is_offered = (
        record["is_offered"] and record["all_on_offer"] is not False and len(options) == len(option_ids) and _is_sold(record)
    )
    return LineView(
        line_id,
        item_id,
        gtin,
        name,
        price,
        currency,
        tax_class,
        stock,
        is_offered,
        quantity,
        note,
        tuple(option_ids),
        options,
        _unit_price(price, grams, options),
        grams,
        most,
        minutes,
    )


def _options(record: Row) -> tuple[OptionView, ...]:
    return tuple(OptionView(*values) for values in zip(*record[_CHOSEN:-1], strict=True))


def _unit_price(price: int, grams: int | None, options: tuple[OptionView, ...]) -> int:
    if not options and grams is None:
        return price  # as most lines are: there is nothing to add and nothing to round
    chosen = [ChosenOption(option.group_id, option.price, option.free_count) for option in options]
    return unit_price(price_of_one(price, grams), chosen)


def _is_sold(record: Row) -> bool:
    """Whether the item's menu is sold at the time asked for."""
    hours = record["selling_hours"]
    return not hours or is_sold(SellingHours(hours, record["time_zone"], record["country"]), record["read_at"])


# Where in a row the cart's facts begin, a line's, what is behind them, and its choices; the last column tells whether all are on
# offer. Counted from the end, for whoever makes a statement may want columns of their own before them.
_HEAD, _LINE, _AFTER, _CHOSEN = -34, -28, -14, -7


def tree_of(source: str, at: str, also: str = "") -> str:
    """The statement that reads a cart's tree at a time, from what `source` calls c (cart), l (lines), i (items), s (stores)."""
    return f"""
SELECT {also}c.id AS cart_id, c.version,
       CASE WHEN row_number() OVER (PARTITION BY c.id) = 1 THEN c.address END AS address, c.tip, c.updated_at, c.expires_at,
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


_OPEN_CART = """(SELECT * FROM carts WHERE consumer_id = ANY($1::uuid[]) AND state = 'OPEN') c
LEFT JOIN (cart_lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON l.cart_id = c.id"""
_carts = GatheredRead(tree_of(_OPEN_CART, at="$2", also="c.consumer_id, "), by="consumer_id", also=lambda: [clock.now()])

_LOCK_QUOTE = """
SELECT q.*, c.version AS present_version, c.state
FROM quotes q JOIN carts c ON c.id = q.cart_id
WHERE q.id = $1 AND q.consumer_id = $2
FOR UPDATE
"""
