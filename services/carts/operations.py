"""What a consumer does with the cart, and how checkout takes the price it was promised."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from services.carts import putting, quotes, rules
from services.carts.capacity import Stores, check_capacity
from services.carts.errors import (
    QuoteExpired,
    QuoteNotGenuine,
    QuoteOutdated,
)
from services.carts.queries import cart_of, lock_quote
from services.carts.quotes import Prices, Quote, TakenQuote
from services.carts.views import CartView
from services.carts.wishes import Wish
from services.catalog.queries import configured_items
from services.catalog.rules import check_choices
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import row, run
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from services.kernel.places import Address
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from services.stores.queries import store_cards


async def add_line(consumer: Consumer, item_id: UUID, quantity: int, option_ids: Sequence[UUID] = (), note: str = "") -> CartView:
    """Put goods into the cart, beside what is there from other stores; the same goods with the same choices join their line."""
    return await putting.put(wish_for(consumer, item_id, quantity, option_ids, note))


def wish_for(consumer: Consumer, item_id: UUID, quantity: int, option_ids: Sequence[UUID], note: str) -> Wish:
    """What `add_line` is asked for. Raises QuantityNotAllowed, and BadInput for the note."""
    words = rules.checked_note(note)
    rules.check_quantity(quantity, settings().limits.quantity_per_line)
    return Wish(consumer, item_id, tuple(option_ids), quantity, words)


async def change_line(consumer: Consumer, line_id: UUID, quantity: int) -> CartView:
    """Let a line hold so many pieces. Raises NotFound for a line that is not in this consumer's open cart."""
    rules.check_quantity(quantity, settings().limits.quantity_per_line)
    at = clock.now()
    # One statement changes it: a transaction around it and the reading would cost as much again, for nothing.
    if not await row(_CHANGE, consumer.person_id, line_id, at, _kept_until(at), quantity):
        raise NotFound("There is no such line.")
    return await _cart(consumer)


async def remove_line(consumer: Consumer, line_id: UUID) -> CartView:
    """Take a line out of the cart. Raises NotFound for a line that is not in this consumer's open cart."""
    at = clock.now()
    if not await row(_REMOVE, consumer.person_id, line_id, at, _kept_until(at)):
        raise NotFound("There is no such line.")
    return await _cart(consumer)


async def set_address(consumer: Consumer, address: Address) -> CartView:
    """Say where the cart goes; whether every store reaches it is told by the quote."""
    return await _set(consumer, address=asdict(rules.checked_address(address)))


async def set_tip(consumer: Consumer, amount: int) -> CartView:
    """Say what the courier gets on top, in minor units of the fees' currency; 0 takes it back."""
    rules.check_tip(amount, settings().fees)
    return await _set(consumer, tip=amount)


async def quote_cart(consumer: Consumer, check: Callable[[Quote], Awaitable[None]] | None = None) -> Quote:
    """Price the cart, promise a window, and freeze both under a signature for ten minutes; what `check` refuses is not kept."""
    async with unit_of_work(consumer):
        cart, at = await _cart_or_nothing(consumer), clock.now()
        prices, address, stores = await _priced(cart, at)
        begin, end = rules.promise(
            [(basket.preparation_minutes, basket.travel_seconds) for basket in prices.baskets], at, settings().travel
        )
        await check_capacity(prices, stores, begin)
        quote = Quote(
            id=new_id(),
            cart_id=cart.id,
            consumer_id=consumer.person_id,
            cart_version=cart.version,
            address=address,
            prices=prices,
            promised_from=begin,
            promised_until=end,
            created_at=at,
            expires_at=at + clock.seconds(settings().limits.quote_valid_for),
        )
        if check:
            await check(quote)
        await _keep(quote)
        return quote


async def take_quote(consumer: Consumer, quote_id: UUID) -> TakenQuote:
    """Hold quote and cart, and answer the quote if all of it is still true; it can be taken once.

    Call it inside the unit of work that makes the purchase: the locks and the mark are that transaction's. Raises QuoteExpired,
    QuoteOutdated, and whatever would refuse a new quote of the same cart now.
    """
    async with unit_of_work(consumer):
        quote = await _genuine(consumer, quote_id)
        cart, at = await _cart_or_nothing(consumer), clock.now()
        present, address, _ = await _priced(cart, at)
        if cart.version != quote.cart_version or address != quote.address or not rules.same_money(quote, present):
            raise QuoteOutdated(
                rules.changes(quote, present),
                quoted_total=quote.priced.total,
                present_total=sum(basket.total for basket in present.baskets),
                currency=present.currency,
            )
        await run("UPDATE quotes SET used_at = $2 WHERE id = $1", quote.id, at)
        return quote


async def close_cart(cart_id: UUID) -> None:
    """The cart became a purchase; the consumer's next goods open a new one. Closing it again changes nothing."""
    async with unit_of_work():
        await run(
            "UPDATE carts SET state = 'CHECKED_OUT', updated_at = $2 WHERE id = $1 AND state = 'OPEN'", cart_id, clock.now()
        )


async def expire_idle_carts() -> int:
    """Let carts go that nobody touched for a week; answers how many."""
    async with unit_of_work():
        return await run(_EXPIRE, clock.now())


async def _set(consumer: Consumer, *, address: dict[str, object] | None = None, tip: int | None = None) -> CartView:
    at = clock.now()
    await run(_SET, consumer.person_id, new_id(), at, _kept_until(at), address, tip)
    return await _cart(consumer)


async def _cart(consumer: Consumer) -> CartView:
    cart = await cart_of(consumer)
    if cart is None:
        raise NotFound("There is no cart.")
    return cart


async def _cart_or_nothing(consumer: Consumer) -> CartView:
    """The open cart; a consumer without one has an empty one."""
    at = clock.now()
    return await cart_of(consumer) or CartView(new_id(), 0, None, 0, at, at, ())


async def _priced(cart: CartView, at: datetime) -> tuple[Prices, Address, Stores]:
    """The present prices of a cart whose choices are still allowed, where it goes, and the stores that fill it."""
    stores = {store.id: store for store in await store_cards([basket.store.id for basket in cart.baskets], at=at)}
    prices, address = rules.price(cart, stores, at, settings().fees, settings().travel)
    lines = [line for basket in cart.baskets for line in basket.lines]
    wanted = [(line.item_id, list(line.option_ids)) for line in lines]
    items = {item.id: item for item in await configured_items(wanted)}
    for line in lines:
        check_choices(items[line.item_id], line.option_ids, at)
    return prices, address, stores


async def _keep(quote: Quote) -> None:
    plain = quotes.plain(quote)
    times = (quote.promised_from, quote.promised_until, quote.created_at, quote.expires_at)
    signature = quotes.sign(quote, settings().quote_key.get_secret_value())
    owner = (quote.id, quote.cart_id, quote.consumer_id, quote.cart_version)
    await run(_KEEP, *owner, plain["address"], plain["prices"], *times, signature)


async def _genuine(consumer: Consumer, quote_id: UUID) -> Quote:
    locked, at = await lock_quote(consumer, quote_id), clock.now()
    quote = quotes.read(locked.columns)
    if not quotes.is_genuine(quote, locked.signature, settings().quote_key.get_secret_value()):
        raise QuoteNotGenuine(at)
    if at >= quote.expires_at or locked.used_at or not locked.cart_is_open:
        raise QuoteExpired(min(quote.expires_at, at))
    return quote


def _kept_until(at: datetime) -> datetime:
    return at + clock.seconds(settings().limits.cart_kept_for)


_TOUCH = """
WITH cart AS (
    UPDATE carts SET version = version + 1, updated_at = $3, expires_at = $4
    WHERE consumer_id = $1 AND state = 'OPEN' AND EXISTS (SELECT FROM cart_lines l WHERE l.id = $2 AND l.cart_id = carts.id)
    RETURNING id
)
"""
_CHANGE = f"{_TOUCH} UPDATE cart_lines l SET quantity = $5 FROM cart WHERE l.id = $2 AND l.cart_id = cart.id RETURNING l.id"  # noqa: S608 - ours
_REMOVE = f"{_TOUCH} DELETE FROM cart_lines l USING cart WHERE l.id = $2 AND l.cart_id = cart.id RETURNING l.id"  # noqa: S608 - ours

_SET = """
INSERT INTO carts AS c (id, consumer_id, state, address, tip, version, created_at, updated_at, expires_at)
VALUES ($2, $1, 'OPEN', $5, coalesce($6, 0), 1, $3, $3, $4)
ON CONFLICT (consumer_id) WHERE state = 'OPEN' DO UPDATE
SET address = coalesce($5, c.address), tip = coalesce($6, c.tip), version = c.version + 1, updated_at = $3, expires_at = $4
"""

_KEEP = """
INSERT INTO quotes (id, cart_id, consumer_id, cart_version, address, prices, promised_from, promised_until,
                    created_at, expires_at, signature)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

_EXPIRE = """
UPDATE carts SET state = 'EXPIRED', updated_at = $1
WHERE id IN (SELECT id FROM carts WHERE state = 'OPEN' AND expires_at <= $1 ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED)
"""
