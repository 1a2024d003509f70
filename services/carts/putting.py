"""How goods come into a cart: by one statement, and where that does nothing, what stands in the way."""

from dataclasses import dataclass
from uuid import UUID

from services.carts import rules
from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, Shortage
from services.carts.queries import read_cart, tree_of
from services.carts.views import CartView
from services.catalog.known_items import KnownItem, forget_item, known_item, read_item
from services.catalog.rules import ItemForSale, available_at, check_choices
from services.kernel import clock, idempotency
from services.kernel.actors import Consumer
from services.kernel.database import constraint_of, row, rows, run
from services.kernel.errors import NotFound, Refusal, Unavailable
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Tap:
    """The key under which a phone says a wish, so that it happens once, and the fingerprint of all that it says."""

    operation: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a consumer wants in the cart."""

    consumer: Consumer
    item_id: UUID
    option_ids: tuple[UUID, ...]
    quantity: int
    note: str
    tap: Tap | None = None


async def put_at_once(wish: Wish) -> CartView | None:
    """Put it in by one statement that keeps the tap's key too; None where anything stands against it, which a repeat does."""
    known = known_item(wish.item_id) or await read_item(wish.item_id)
    if _refusal(wish, known):
        return None
    try:
        return await _put(wish, known)
    except Exception as broken:
        if constraint_of(broken) != "idempotency_keys_pkey":
            raise
        # A twin was quicker by less than this statement took.
        return None


async def put(wish: Wish) -> CartView:
    """Put it in, or raise the refusal that stands in the way."""
    known = known_item(wish.item_id)
    if known is None or _refusal(wish, known):
        known = await _item_on_sale(wish)
    # A statement alone needs no transaction of its own.
    if cart := await _put(wish, known):
        return cart
    forget_item(wish.item_id)
    return await _put_in_peace(wish)


async def _put_in_peace(wish: Wish) -> CartView:
    """Find out why nothing was put, and try again: the menu may have changed, a tap of the same person may have been quicker."""
    async with unit_of_work(wish.consumer):
        await run("SELECT FROM carts WHERE consumer_id = $1 AND state = 'OPEN' FOR NO KEY UPDATE", wish.consumer.person_id)
        for _ in range(_TRIES):
            known = await _item_on_sale(wish)
            if cart := await _put(wish, known):
                return cart
            await _refuse_to_put(wish, known)
    # Nothing stands against it but other changes, again and again.
    raise Unavailable


async def _item_on_sale(wish: Wish) -> KnownItem:
    known = await read_item(wish.item_id)
    if refused := _refusal(wish, known):
        raise refused
    return known


def _refusal(wish: Wish, known: KnownItem) -> Refusal | None:
    """What stands against these goods, whatever the cart holds."""
    item, at = known.item, clock.now()
    if not available_at(item, at):
        return ItemNotAvailable([Shortage(item.id, item.name, 0 if item.stock == 0 else None)])
    try:
        check_choices(item, wish.option_ids, at)
    except Refusal as refused:
        return refused
    return None


async def _put(wish: Wish, known: KnownItem) -> CartView | None:
    """The cart with these goods in it; None if it was not possible."""
    limits, at, item, tap = settings().limits, clock.now(), known.item, wish.tap
    found = await rows(
        _PUT,
        wish.consumer.person_id,
        new_id(),
        new_id(),
        at,
        at + clock.seconds(limits.cart_kept_for),
        item.id,
        sorted(wish.option_ids),
        wish.note,
        wish.quantity,
        item.store_id,
        item.currency,
        _most(known.item),
        limits.lines_per_cart,
        known.store_version,
        *((tap.operation, tap.key, tap.fingerprint, idempotency.kept_until(at)) if tap else (None, None, None, None)),
    )
    # A cart without a line was opened in place of one that was closed in this moment.
    return read_cart(found) if found and found[0]["line_id"] else None


async def _refuse_to_put(wish: Wish, known: KnownItem) -> None:
    limits, item = settings().limits, known.item
    held = await row(_HELD, wish.consumer.person_id, item.id, sorted(wish.option_ids), wish.note, item.store_id, item.currency)
    if held is None:
        raise RuntimeError("an aggregate without a row")
    if not held["is_live"]:
        raise NotFound("There is no such item.")
    if held["other_currency"]:
        raise CurrencyNotAllowed(item.currency, held["other_currency"])
    rules.check_quantity(held["quantity"] + wish.quantity, _most(item))
    if not held["quantity"] and held["lines"] >= limits.lines_per_cart:
        raise CartFull(limits.lines_per_cart)


def _most(item: ItemForSale) -> int:
    """How many a line may hold: by the house's limit, and by what one person may buy of it on a day."""
    most = settings().limits.quantity_per_line
    return most if item.most_per_day is None else min(most, item.most_per_day)


_PUT_CART = """cart c
LEFT JOIN (lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON EXISTS (SELECT FROM put)"""

# What stands in the cart is read, the cart is opened or its version raised, the line is put or grows, and all of it is answered
# as of one moment. The versions must be those seen: the cart's, so that two taps at once cannot both pass the limits, and so
# that the lines seen are all there are; the store's, so that item and choices are as they were checked.
_PUT = f"""
WITH seen AS (
    SELECT id, version FROM carts WHERE consumer_id = $1 AND state = 'OPEN'
), present AS (
    SELECT l.id, l.item_id, l.option_ids, l.quantity, l.note, l.position, i.currency
    FROM seen JOIN cart_lines l ON l.cart_id = seen.id JOIN items i ON i.id = l.item_id
), same AS (
    SELECT id, quantity FROM present WHERE item_id = $6 AND option_ids = $7::uuid[] AND note = $8 LIMIT 1
), held AS (
    SELECT count(*) AS lines, coalesce(max(position), 0) AS last, bool_or(currency <> $11) AS are_mixed,
           coalesce((SELECT quantity FROM same), 0) AS quantity
    FROM present
), cart AS (
    INSERT INTO carts AS c (id, consumer_id, state, tip, version, created_at, updated_at, expires_at)
    SELECT $2, $1, 'OPEN', 0, 1, $4, $4, $5 FROM held
    WHERE are_mixed IS NOT TRUE AND quantity + $9 <= $12 AND (quantity > 0 OR lines < $13)
        AND EXISTS (SELECT FROM stores WHERE id = $10 AND state = 'LIVE' AND version = $14)
        AND NOT EXISTS (SELECT FROM idempotency_keys WHERE person_id = $1 AND operation = $15::text AND key = $16::text)
    ON CONFLICT (consumer_id) WHERE state = 'OPEN'
    DO UPDATE SET version = c.version + 1, updated_at = $4, expires_at = $5 WHERE c.version = (SELECT version FROM seen)
    RETURNING id, version, address, tip, updated_at, expires_at
), put AS (
    INSERT INTO cart_lines (id, cart_id, item_id, option_ids, quantity, note, position)
    SELECT coalesce((SELECT id FROM same), $3), cart.id, $6, $7, held.quantity + $9, $8, held.last + 1 FROM cart, held
    WHERE cart.id = coalesce((SELECT id FROM seen), cart.id)
    ON CONFLICT (id) DO UPDATE SET quantity = EXCLUDED.quantity
    RETURNING id, item_id, option_ids, quantity, note, position
), kept AS (
    INSERT INTO idempotency_keys (person_id, operation, key, fingerprint, result, created_at, kept_until)
    SELECT $1, $15, $16, $17, jsonb_build_object('cart_id', cart.id), $4, $18 FROM cart, put WHERE $16::text IS NOT NULL
), lines AS (
    SELECT id, item_id, option_ids, quantity, note, position FROM put
    UNION ALL
    SELECT id, item_id, option_ids, quantity, note, position FROM present WHERE id NOT IN (SELECT id FROM put)
)
{tree_of(_PUT_CART, at="$4")}"""  # noqa: S608 - our own words

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
