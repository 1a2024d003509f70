"""How several goods of one consumer come into their cart: what can be put by one statement, the others refused one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from services.carts import rules
from services.carts.errors import CartFull, CurrencyNotAllowed
from services.carts.putting import refusal_of
from services.carts.queries import cart_of, read_cart, tree_of
from services.carts.views import CartView
from services.carts.wishes import Asked, Wish, ids_text, most_of
from services.catalog.known_items import KnownItem
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import rows, run
from services.kernel.errors import Refusal
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings

# What makes a line: the same item with the same choices and the same note.
_Same: TypeAlias = tuple[UUID, tuple[UUID, ...], str]


@dataclass(frozen=True, slots=True)
class Put:
    """The cart afterwards, and of each wish what stood in its way; None where it was put."""

    cart: CartView | None
    refused: tuple[Refusal | None, ...]


@dataclass(slots=True)
class _Held:
    """The lines of the cart as they are to be, in their order, and the wishes that made them so."""

    lines: dict[_Same, tuple[UUID, int]]
    currencies: set[str]
    put: list[tuple[_Same, KnownItem]]


async def put_several(consumer: Consumer, asked: Sequence[Asked]) -> Put | None:
    """Put one after the other what can be put, in three statements however many; a refusal is one wish's.

    None, and nothing is put, where the cart or a store became another meanwhile: read the goods again and ask once more.
    """
    async with unit_of_work(consumer):
        await run("SELECT FROM carts WHERE consumer_id = $1 AND state = 'OPEN' FOR NO KEY UPDATE", consumer.person_id)
        cart = await cart_of(consumer)
        held = _held_by(cart)
        refused = tuple([_put(held, wish, known) for wish, known in asked])
        if held.put:
            cart = await _write(consumer, cart, held)
            if cart is None:
                return None
        return Put(cart, refused)


def _held_by(cart: CartView | None) -> _Held:
    lines = [line for basket in cart.baskets for line in basket.lines] if cart else []
    same = {(line.item_id, tuple(sorted(line.option_ids)), line.note): (line.id, line.quantity) for line in lines}
    return _Held(same, {line.currency for line in lines}, [])


def _put(held: _Held, wish: Wish, known: KnownItem) -> Refusal | None:
    """Put it in, or answer what stands in the way, in the order in which a single wish is told."""
    limits, item = settings().limits, known.item
    same = (item.id, tuple(sorted(wish.option_ids)), rules.checked_note(wish.note))
    line_id, had = held.lines.get(same, (None, 0))
    try:
        rules.check_quantity(wish.quantity, limits.quantity_per_line)
        if refused := refusal_of(wish, known):
            return refused
        if others := held.currencies - {item.currency}:
            return CurrencyNotAllowed(item.currency, max(others))
        rules.check_quantity(had + wish.quantity, most_of(item))
        if line_id is None and len(held.lines) >= limits.lines_per_cart:
            return CartFull(limits.lines_per_cart)
    except Refusal as refused:
        return refused
    held.lines[same] = (line_id or new_id(), had + wish.quantity)
    held.currencies.add(item.currency)
    held.put.append((same, known))
    return None


async def _write(consumer: Consumer, seen: CartView | None, held: _Held) -> CartView | None:
    """The cart as it is after these lines; None where it, or one of the stores, is not as it was seen."""
    at = clock.now()
    stores = {known.item.store_id: known.store_version for _, known in held.put}
    lines = [_values(same, *held.lines[same], place) for place, same in enumerate(dict(held.put), start=1)]
    found = await rows(
        _PUT,
        consumer.person_id,
        new_id(),
        at,
        at + clock.seconds(settings().limits.cart_kept_for),
        seen.version if seen else None,
        len(held.put),
        list(stores),
        list(stores.values()),
        *map(list, zip(*lines, strict=True)),
    )
    return read_cart(found) if found else None


def _values(same: _Same, line_id: UUID, quantity: int, place: int) -> tuple[Any, ...]:
    item_id, option_ids, note = same
    return line_id, item_id, ids_text(option_ids), note, quantity, place


_PUT_CART = """cart c
JOIN (lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON l.cart_id = c.id"""

# As with a single wish, the versions must be those seen: the cart's, so that the lines seen are all there are, and the stores',
# so that items and choices are as they were checked. The cart's is raised as often as something was put.
_PUT = f"""
WITH present AS (
    SELECT l.id, l.cart_id, l.item_id, l.option_ids, l.quantity, l.note, l.position
    FROM carts c JOIN cart_lines l ON l.cart_id = c.id WHERE c.consumer_id = $1 AND c.state = 'OPEN'
), cart AS (
    INSERT INTO carts AS c (id, consumer_id, state, tip, version, created_at, updated_at, expires_at)
    SELECT $2, $1, 'OPEN', 0, $6::bigint, $3, $3, $4
    WHERE NOT EXISTS (
        SELECT FROM unnest($7::uuid[], $8::bigint[]) AS w (id, version)
        WHERE NOT EXISTS (SELECT FROM stores s WHERE s.id = w.id AND s.state = 'LIVE' AND s.version = w.version))
    ON CONFLICT (consumer_id) WHERE state = 'OPEN' DO UPDATE SET version = c.version + $6, updated_at = $3, expires_at = $4
    WHERE c.version = $5::bigint
    RETURNING id, consumer_id, version, address, tip, updated_at, expires_at
), put AS (
    INSERT INTO cart_lines (id, cart_id, item_id, option_ids, quantity, note, position)
    SELECT w.id, cart.id, w.item_id, w.chosen::uuid[], w.quantity, w.note,
           w.place + coalesce((SELECT max(position) FROM present), 0)
    FROM cart, unnest($9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::int[], $14::int[])
        AS w (id, item_id, chosen, note, quantity, place)
    ON CONFLICT (id) DO UPDATE SET quantity = EXCLUDED.quantity
    RETURNING id, cart_id, item_id, option_ids, quantity, note, position
), lines AS (
    SELECT id, cart_id, item_id, option_ids, quantity, note, position FROM put
    UNION ALL
    SELECT id, cart_id, item_id, option_ids, quantity, note, position FROM present WHERE id NOT IN (SELECT id FROM put)
)
{tree_of(_PUT_CART, at="$3")}"""  # noqa: S608 - our own words
