"""The same again: what was bought before comes into the cart, and of each line it is told what changed since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, QuantityNotAllowed
from services.carts.putting_several import put_several
from services.carts.queries import cart_of
from services.carts.views import CartView, LineView
from services.carts.wishes import Wish
from services.catalog.errors import ChoicesNotAllowed, OptionSoldOut
from services.catalog.known_items import KnownItem
from services.catalog.queries import configured_items
from services.catalog.rules import GroupForSale, ItemForSale, Measure, available_at
from services.catalog.rules.measures import price_of_one, same_weight
from services.kernel import clock, idempotency
from services.kernel.actors import Consumer
from services.kernel.errors import Refusal, Unavailable
from services.kernel.unit_of_work import unit_of_work
from services.orders.queries import OrderLine, lines_of_orders, orders_of_purchases, purchase
from services.pricing.rules import unit_price
from services.settings import settings
from services.stores.queries import StoreCard, store_cards

_OPERATION = "order_again"
_TRIES = 3


class AgainChange(StrEnum):
    """What is not as it was."""

    PRICE = "PRICE"
    FEWER = "FEWER"
    GONE = "GONE"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    OPTION_GONE = "OPTION_GONE"
    STORE_CLOSED = "STORE_CLOSED"
    STORE_GONE = "STORE_GONE"
    NO_ROOM = "NO_ROOM"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainLine:
    """A line as it was bought, how many of it are in the cart now, and everything that changed.

    Of goods by weight, `quantity_put` and `unit_price_now` count in the steps of today.
    """

    line_id: UUID
    item_id: UUID
    store_name: str
    name: str
    quantity: int
    quantity_put: int
    unit_price: int
    unit_price_now: int | None
    changes: tuple[AgainChange, ...]
    opens_at: datetime | None
    currency: str


@dataclass(frozen=True, slots=True)
class Again:
    """The cart, and what became of each line in the order in which they were bought."""

    cart: CartView | None
    lines: tuple[AgainLine, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A line as it was bought, what would be put for it today, and what stands against it before the cart is looked at."""

    line: OrderLine
    store: StoreCard
    known: KnownItem
    wish: Wish
    asked: int
    hindrance: AgainChange | None


async def order_again(consumer: Consumer, purchase_id: UUID, *, key: str) -> Again:
    """Put what is still possible of a purchase into the cart, beside what is in it, and tell line by line what changed.

    Goods of a store that is closed are put, too: the cart can wait. A line one of whose options is gone is left out, for without
    it this would be another dish. Said again with the key, it was done once. It costs the same statements however many lines
    there are. Raises NotFound for another's purchase.
    """
    bought = await purchase(consumer, purchase_id)
    async with unit_of_work(consumer):
        earlier = await idempotency.once(consumer, _OPERATION, key, {"purchase": purchase_id})
        if earlier:
            return Again(await cart_of(consumer), tuple(_read(earlier.result)))
        again = await _put_all(consumer, purchase_id, bought.currency)
        await idempotency.keep(consumer, _OPERATION, key, {"lines": [asdict(line) for line in again.lines]})
        return again


async def _put_all(consumer: Consumer, purchase_id: UUID, currency: str) -> Again:
    orders = (await orders_of_purchases([purchase_id]))[purchase_id]
    lines = await lines_of_orders([order.id for order in orders])
    bought = [(line, order.store_id) for order in orders for line in lines[order.id]]
    for _ in range(_TRIES):
        plans = await _plans(consumer, bought)
        able = [plan for plan in plans if plan.hindrance is None]
        if put := await put_several(consumer, [(plan.wish, plan.known) for plan in able]):
            refused = dict(zip([plan.line.id for plan in able], put.refused, strict=True))
            return Again(put.cart, tuple([_told(plan, refused.get(plan.line.id), put.cart, currency) for plan in plans]))
    # A store, or a tap of the same person, changed something again and again.
    raise Unavailable


async def _plans(consumer: Consumer, bought: Sequence[tuple[OrderLine, UUID]]) -> list[_Plan]:
    """What is wanted of the goods as they are now."""
    # The stores come first: what is changed meanwhile is then newer than the version seen, and is not put.
    stores = {card.id: card for card in await store_cards(list({store_id for _, store_id in bought}), at=clock.now())}
    items = await configured_items([(line.item_id, ()) for line, _ in bought])
    return [_plan(consumer, line, item, stores[store_id]) for (line, store_id), item in zip(bought, items, strict=True)]


def _plan(consumer: Consumer, line: OrderLine, item: ItemForSale, store: StoreCard) -> _Plan:
    options, lost = chosen_again(line.options, item)
    asked, most = quantity_again(line, item), settings().limits.quantity_per_line
    wanted = min(bound for bound in (asked, most, item.stock) if bound is not None)
    wish = Wish(consumer, item.id, tuple(options), wanted, line.note)
    hindrance = _hindrance(item, store) or (AgainChange.OPTION_GONE if lost else None)
    return _Plan(line, store, KnownItem(item, store.version), wish, asked, hindrance)


def _told(plan: _Plan, refused: Refusal | None, cart: CartView | None, currency: str) -> AgainLine:
    line, store = plan.line, plan.store
    reason = plan.hindrance or (_reason(refused) if refused else None)
    now = _line_of(cart, plan.wish) if reason is None and cart else None
    return AgainLine(
        line_id=line.id,
        item_id=line.item_id,
        store_name=store.name,
        name=line.name,
        quantity=line.quantity,
        quantity_put=plan.wish.quantity if now else 0,
        unit_price=line.unit_price,
        unit_price_now=now.unit_price if now else None,
        changes=tuple(_changes(plan, reason, now)),
        opens_at=store.opens_at,
        currency=currency,
    )


def _changes(plan: _Plan, reason: AgainChange | None, now: LineView | None) -> Iterator[AgainChange]:
    if reason:
        yield reason
    if now and plan.wish.quantity < plan.asked:
        yield AgainChange.FEWER
    if now and _is_other_price(plan.line, plan.known.item, now):
        yield AgainChange.PRICE
    if plan.store.state == "LIVE" and not plan.store.takes_orders:
        yield AgainChange.STORE_CLOSED


def _hindrance(item: ItemForSale, store: StoreCard) -> AgainChange | None:
    if store.state != "LIVE":
        return AgainChange.STORE_GONE
    if item.removed_at is not None:
        return AgainChange.GONE
    return None if available_at(item, clock.now()) else AgainChange.OUT_OF_STOCK


def _reason(refused: Refusal) -> AgainChange:
    """What stood in the way of a line that seemed possible."""
    match refused:
        case ChoicesNotAllowed() | OptionSoldOut():
            return AgainChange.OPTION_GONE
        case ItemNotAvailable():
            return AgainChange.OUT_OF_STOCK
        case CartFull() | QuantityNotAllowed() | CurrencyNotAllowed():
            return AgainChange.NO_ROOM
    raise refused


def _line_of(cart: CartView, wish: Wish) -> LineView:
    lines = (line for basket in cart.baskets for line in basket.lines)
    return next(line for line in lines if line.item_id == wish.item_id and sorted(line.option_ids) == sorted(wish.option_ids))


def quantity_again(line: OrderLine, item: ItemForSale) -> int:
    """How many of today weigh what was bought, where goods are sold by weight; else as many as were bought."""
    if item.sold_by != Measure.WEIGHT or line.grams is None or item.grams is None:
        return line.quantity
    return same_weight(line.quantity, line.grams, item.grams)


def _is_other_price(line: OrderLine, item: ItemForSale, now: LineView) -> bool:
    """Whether it costs something else by now: of goods by weight, what was one step then is what is compared."""
    if item.sold_by != Measure.WEIGHT or line.grams is None or now.grams is None:
        return now.unit_price != line.unit_price
    return unit_price(price_of_one(now.price, line.grams), now.chosen) != line.unit_price


def chosen_again(bought: Sequence[Mapping[str, Any]], item: ItemForSale) -> tuple[list[UUID], list[str]]:
    """The options of a line as the item offers them now, and the names of those it does not offer any more.

    An option is known by its id; in lines of old, which have none, by its name.
    """
    offered = list(_options(item.groups))
    ids = {option_id for option_id, _ in offered}
    by_name = {name: option_id for option_id, name in reversed(offered)}
    found: list[UUID] = []
    lost: list[str] = []
    for option in bought:
        known = UUID(option["id"]) if "id" in option else by_name.get(option["name"])
        if known in ids and known is not None:
            found.append(known)
        else:
            lost.append(option["name"])
    return found, lost


def _options(groups: Sequence[GroupForSale]) -> Iterator[tuple[UUID, str]]:
    for group in groups:
        for option in group.options:
            yield option.id, option.name
            yield from _options(option.groups)


def _read(kept: Mapping[str, Any]) -> Iterator[AgainLine]:
    for line in kept["lines"]:
        told = dict(line) | {
            "line_id": UUID(line["line_id"]),
            "item_id": UUID(line["item_id"]),
            "changes": tuple(AgainChange(change) for change in line["changes"]),
            "opens_at": datetime.fromisoformat(line["opens_at"]) if line["opens_at"] else None,
        }
        yield AgainLine(**told)
