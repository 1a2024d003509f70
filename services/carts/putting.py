"""How goods come into a cart: by one statement, and where that does nothing, what stands in the way."""

from services.carts import rules
from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, Shortage
from services.carts.views import CartView
from services.carts.wishes import Wish, fulfil, most_of
from services.catalog.known_items import KnownItem, forget_item, known_item, read_item
from services.catalog.rules import available_at, check_choices
from services.kernel import clock
from services.kernel.database import constraint_of, row, run
from services.kernel.errors import NotFound, Refusal, Unavailable
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings

_TRIES = 3


async def put_at_once(wish: Wish) -> CartView | None:
    """Put it in by one statement that keeps the tap's key too; None where anything stands against it, which a repeat does."""
    known = known_item(wish.item_id) or await read_item(wish.item_id)
    if refusal_of(wish, known):
        return None
    try:
        return await fulfil(wish, known)
    except Exception as broken:
        if constraint_of(broken) != "idempotency_keys_pkey":
            raise
        # A twin was quicker by less than this statement took.
        return None


async def put(wish: Wish) -> CartView:
    """Put it in, or raise the refusal that stands in the way."""
    known = known_item(wish.item_id)
    if known is None or refusal_of(wish, known):
        known = await _item_on_sale(wish)
    # A statement alone needs no transaction of its own.
    if cart := await fulfil(wish, known):
        return cart
    forget_item(wish.item_id)
    return await _put_in_peace(wish)


async def _put_in_peace(wish: Wish) -> CartView:
    """Find out why nothing was put, and try again: the menu may have changed, a tap of the same person may have been quicker."""
    async with unit_of_work(wish.consumer):
        await run("SELECT FROM carts WHERE consumer_id = $1 AND state = 'OPEN' FOR NO KEY UPDATE", wish.consumer.person_id)
        for _ in range(_TRIES):
            known = await _item_on_sale(wish)
            if cart := await fulfil(wish, known):
                return cart
            await _refuse_to_put(wish, known)
    # Nothing stands against it but other changes, again and again.
    raise Unavailable


async def _item_on_sale(wish: Wish) -> KnownItem:
    known = await read_item(wish.item_id)
    if refused := refusal_of(wish, known):
        raise refused
    return known


def refusal_of(wish: Wish, known: KnownItem) -> Refusal | None:
    """What stands against these goods, whatever the cart holds."""
    item, at = known.item, clock.now()
    if not available_at(item, at):
        return ItemNotAvailable([Shortage(item.id, item.name, 0 if item.stock == 0 else None)])
    try:
        check_choices(item, wish.option_ids, at)
    except Refusal as refused:
        return refused
    return None


async def _refuse_to_put(wish: Wish, known: KnownItem) -> None:
    limits, item = settings().limits, known.item
    held = await row(_HELD, wish.consumer.person_id, item.id, sorted(wish.option_ids), wish.note, item.store_id, item.currency)
    if held is None:
        raise RuntimeError("an aggregate without a row")
    if not held["is_live"]:
        raise NotFound("There is no such item.")
    if held["other_currency"]:
        raise CurrencyNotAllowed(item.currency, held["other_currency"])
    rules.check_quantity(held["quantity"] + wish.quantity, most_of(item))
    if not held["quantity"] and held["lines"] >= limits.lines_per_cart:
        raise CartFull(limits.lines_per_cart)


_HELD = """
WITH present AS (
    SELECT l.item_id, l.option_ids, l.note, l.quantity, i.currency
    FROM carts c JOIN cart_lines l ON l.cart_id = c.id JOIN items i ON i.id = l.item_id
    WHERE c.consumer_id = $1 AND c.state = 'OPEN'
)
SELECT count(*) AS lines, max(currency) FILTER (WHERE currency <> $6) AS other_currency,
       coalesce(max(quantity) FILTER (WHERE item_id = $2 AND option_ids = $3::uuid[] AND note = $4), 0) AS quantity,
       EXISTS (SELECT FROM stores WHERE id = $5 AND state = 'LIVE') AS is_live
FROM present
"""
