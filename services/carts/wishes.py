"""What consumers want in their carts, put there by one statement, however many of them wish at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from services.carts.queries import read_cart, tree_of
from services.carts.views import CartView
from services.catalog.known_items import KnownItem
from services.catalog.rules import ItemForSale
from services.kernel import clock, idempotency
from services.kernel.actors import Consumer
from services.kernel.database import Row, in_transaction, rows
from services.kernel.ids import new_id
from services.kernel.together import Together
from services.settings import settings


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


Asked: TypeAlias = tuple[Wish, KnownItem]


async def fulfil(wish: Wish, known: KnownItem) -> CartView | None:
    """The cart with these goods in it; None if it was not possible. Outside of a transaction it goes together with others'."""
    if in_transaction():
        return (await _put([(wish, known)]))[0]
    return await _together.done((wish, known))


def ids_text(ids: Iterable[UUID]) -> str:
    """Ids, in order, as PostgreSQL reads an array: an array of arrays of different lengths is nothing that it knows."""
    return "{" + ",".join(map(str, sorted(ids))) + "}"


def most_of(item: ItemForSale) -> int:
    """How many a line may hold: by the house's limit, and by what one person may buy of it on a day."""
    most = settings().limits.quantity_per_line
    return most if item.most_per_day is None else min(most, item.most_per_day)


async def _put(asked: Sequence[Asked]) -> list[CartView | None]:
    """Each one's cart; None where it was not possible, and for all but the first of several wishes for one cart."""
    firsts: dict[UUID, Asked] = {}
    for one in asked:
        firsts.setdefault(one[0].consumer.person_id, one)
    limits, at = settings().limits, clock.now()
    columns = zip(*(_values(wish, known) for wish, known in firsts.values()), strict=True)
    fixed = (at, at + clock.seconds(limits.cart_kept_for), limits.lines_per_cart, idempotency.kept_until(at))
    found = await rows(_PUT, *fixed, *map(list, columns))
    of_cart: dict[UUID, list[Row]] = defaultdict(list)
    for record in found:
        of_cart[record["consumer_id"]].append(record)
    return [_cart(of_cart.get(one[0].consumer.person_id)) if firsts[one[0].consumer.person_id] is one else None for one in asked]


def _values(wish: Wish, known: KnownItem) -> tuple[Any, ...]:
    item, tap = known.item, wish.tap
    return (
        wish.consumer.person_id,
        new_id(),
        new_id(),
        item.id,
        ids_text(wish.option_ids),
        wish.note,
        wish.quantity,
        item.store_id,
        item.currency,
        most_of(item),
        known.store_version,
        tap and tap.operation,
        tap and tap.key,
        tap and tap.fingerprint,
    )


def _cart(found: list[Row] | None) -> CartView | None:
    # A cart without a line was opened in place of one that was closed in this moment.
    return read_cart(found) if found and found[0]["line_id"] else None


_PUT_CARTS = """cart c
LEFT JOIN (lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON l.cart_id = c.id"""

# What stands in each cart is read, the cart is opened or its version raised, the line is put or grows, and all of it is answered
# as of one moment. The versions must be those seen: the cart's, so that two taps at once cannot both pass the limits, and so
# that the lines seen are all there are; the store's, so that item and choices are as they were checked. A cart that somebody
# holds is left out: nobody waits for a neighbour's.
_PUT = f"""
WITH wish AS (
    SELECT consumer_id, cart_id, line_id, item_id, chosen::uuid[] AS option_ids, note, quantity, store_id, currency, most,
           store_version, operation, key, fingerprint
    FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::int[], $12::uuid[], $13::text[],
                $14::int[], $15::bigint[], $16::text[], $17::text[], $18::text[])
        AS w (consumer_id, cart_id, line_id, item_id, chosen, note, quantity, store_id, currency, most,
              store_version, operation, key, fingerprint)
), seen AS (
    SELECT c.consumer_id, c.id, c.version FROM wish JOIN carts c ON c.consumer_id = wish.consumer_id AND c.state = 'OPEN'
), free AS (
    SELECT id FROM carts WHERE id IN (SELECT id FROM seen) FOR NO KEY UPDATE SKIP LOCKED
), present AS (
    SELECT seen.consumer_id, l.cart_id, l.id, l.item_id, l.option_ids, l.quantity, l.note, l.position, i.currency
    FROM seen JOIN cart_lines l ON l.cart_id = seen.id JOIN items i ON i.id = l.item_id
), same AS (
    SELECT DISTINCT ON (p.consumer_id) p.consumer_id, p.id, p.quantity
    FROM present p JOIN wish w ON w.consumer_id = p.consumer_id AND w.item_id = p.item_id
    WHERE p.option_ids = w.option_ids AND p.note = w.note
), sums AS (
    SELECT p.consumer_id, count(*) AS lines, max(p.position) AS last, bool_or(p.currency <> w.currency) AS are_mixed
    FROM present p JOIN wish w ON w.consumer_id = p.consumer_id GROUP BY p.consumer_id
), held AS (
    SELECT w.*, seen.id AS seen_id, seen.version AS seen_version, same.id AS same_id, coalesce(same.quantity, 0) AS had,
           coalesce(sums.lines, 0) AS lines, coalesce(sums.last, 0) AS last, sums.are_mixed
    FROM wish w LEFT JOIN seen ON seen.consumer_id = w.consumer_id LEFT JOIN same ON same.consumer_id = w.consumer_id
        LEFT JOIN sums ON sums.consumer_id = w.consumer_id
), cart AS (
    INSERT INTO carts AS c (id, consumer_id, state, tip, version, created_at, updated_at, expires_at)
    SELECT cart_id, consumer_id, 'OPEN', 0, 1, $1, $1, $2 FROM held h
    WHERE are_mixed IS NOT TRUE AND had + quantity <= most AND (had > 0 OR lines < $3)
        AND (seen_id IS NULL OR seen_id IN (SELECT id FROM free))
        AND EXISTS (SELECT FROM stores WHERE id = h.store_id AND state = 'LIVE' AND version = h.store_version)
        AND NOT EXISTS (
            SELECT FROM idempotency_keys k WHERE k.person_id = h.consumer_id AND k.operation = h.operation AND k.key = h.key)
    -- In one order, so that two processes wait for one another, and not each for the other.
    ORDER BY consumer_id
    ON CONFLICT (consumer_id) WHERE state = 'OPEN' DO UPDATE SET version = c.version + 1, updated_at = $1, expires_at = $2
    WHERE c.version = (SELECT h.seen_version FROM held h WHERE h.consumer_id = c.consumer_id)
    RETURNING id, consumer_id, version, address, tip, updated_at, expires_at
), put AS (
    INSERT INTO cart_lines (id, cart_id, item_id, option_ids, quantity, note, position)
    SELECT coalesce(h.same_id, h.line_id), cart.id, h.item_id, h.option_ids, h.had + h.quantity, h.note, h.last + 1
    FROM cart JOIN held h ON h.consumer_id = cart.consumer_id
    WHERE cart.id = coalesce(h.seen_id, cart.id)
    ON CONFLICT (id) DO UPDATE SET quantity = EXCLUDED.quantity
    RETURNING id, cart_id, item_id, option_ids, quantity, note, position
), kept AS (
    INSERT INTO idempotency_keys (person_id, operation, key, fingerprint, result, created_at, kept_until)
    SELECT w.consumer_id, w.operation, w.key, w.fingerprint, jsonb_build_object('cart_id', cart.id), $1, $4
    FROM cart JOIN put ON put.cart_id = cart.id JOIN wish w ON w.consumer_id = cart.consumer_id WHERE w.key IS NOT NULL
), lines AS (
    SELECT cart_id, id, item_id, option_ids, quantity, note, position FROM put
    UNION ALL
    SELECT cart_id, id, item_id, option_ids, quantity, note, position FROM present
    WHERE cart_id IN (SELECT cart_id FROM put) AND id NOT IN (SELECT id FROM put)
)
{tree_of(_PUT_CARTS, at="$1", also="c.consumer_id, ")}"""  # noqa: S608 - our own words

# A tap that finds no other on its way goes at once; what comes within these milliseconds goes together.
_together = Together(_put, most=32, apart=0.003, again=False)
