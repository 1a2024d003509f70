"""Goods that come into the cart once, however often a phone on a bad network says so."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from services.carts.operations import add_line, wish_for
from services.carts.putting import put_at_once
from services.carts.queries import cart_of
from services.carts.views import CartView
from services.carts.wishes import Tap
from services.kernel import idempotency
from services.kernel.actors import Consumer
from services.kernel.errors import BadInput, NotFound, Refusal
from services.kernel.unit_of_work import unit_of_work

_OPERATION = "add_cart_line"


async def add_line_once(
    consumer: Consumer, item_id: UUID, quantity: int, option_ids: Sequence[UUID] = (), note: str = "", *, key: str
) -> CartView:
    """Put goods into the cart as `add_line` does; said again with the key, the cart is answered as it stands by now.

    Raises what `add_line` raises, and then the key is still unused; KeyReusedWithOtherInput, OperationInProgress.
    """
    said = {"item": item_id, "quantity": quantity, "options": sorted(map(str, option_ids)), "note": note}
    tap = Tap(_OPERATION, key, idempotency.fingerprint_of(key, said))
    # What is refused, or was said before, is found out in order below.
    with suppress(Refusal, BadInput, NotFound):
        if at_once := await put_at_once(replace(wish_for(consumer, item_id, quantity, option_ids, note), tap=tap)):
            return at_once
    async with unit_of_work(consumer):
        if await idempotency.once(consumer, _OPERATION, key, said) is None:
            cart = await add_line(consumer, item_id, quantity, option_ids, note)
            await idempotency.keep(consumer, _OPERATION, key, {"cart_id": cart.id})
            return cart
    now = await cart_of(consumer)
    if now is None:
        raise NotFound("There is no cart.")
    return now
