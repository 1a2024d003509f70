"""The same again: what was bought before comes into the cart, and of each line it is told what changed since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, QuantityNotAllowed
from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.carts.views import CartView, LineView
from services.catalog.errors import ChoicesNotAllowed, OptionSoldOut
from services.catalog.queries import configured_items
from services.catalog.rules import GroupForSale, ItemForSale, Measure, available_at
from services.catalog.rules.measures import price_of_one, same_weight
from services.kernel import clock, idempotency
from services.kernel.actors import Consumer
from services.kernel.errors import NotFound
from services.kernel.unit_of_work import unit_of_work
from services.orders.queries import OrderLine, lines_of_orders, orders_of_purchases, purchase
from services.pricing.rules import unit_price
from services.settings import settings
from services.stores.queries import StoreCard, store_cards

_OPERATION = "order_again"


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


async def order_again(consumer: Consumer, purchase_id: UUID, *, key: str) -> Again:
    """Put what is still possible of a purchase into the cart, beside what is in it, and tell line by line what changed.

    Goods of a store that is closed are put, too: the cart can wait. A line one of whose options is gone is left out, for without
    it this would be another dish. Said again with the key, it was done once. Raises NotFound for another's purchase.
    """
    bought = await purchase(consumer, purchase_id)
    async with unit_of_work(consumer):
        earlier = await idempotency.once(consumer, _OPERATION, key, {"purchase": purchase_id})
        lines = tuple(_read(earlier.result)) if earlier else await _put_all(consumer, purchase_id, bought.currency)
        if not earlier:
            await idempotency.keep(consumer, _OPERATION, key, {"lines": [asdict(line) for line in lines]})
        return Again(await cart_of(consumer), lines)


async def _put_all(consumer: Consumer, purchase_id: UUID, currency: str) -> tuple[AgainLine, ...]:
    orders = (await orders_of_purchases([purchase_id]))[purchase_id]
    lines = await lines_of_orders([order.id for order in orders])
    stores = {card.id: card for card in await store_cards([order.store_id for order in orders], at=clock.now())}
    bought = [(line, stores[order.store_id]) for order in orders for line in lines[order.id]]
    items = {item.id: item for item in await configured_items([(line.item_id, ()) for line, _ in bought])}
    return tuple([await _put(consumer, line, items[line.item_id], store, currency) for line, store in bought])


async def _put(consumer: Consumer, line: OrderLine, item: ItemForSale, store: StoreCard, currency: str) -> AgainLine:
    options, lost = chosen_again(line.options, item)
    reason = _hindrance(item, store) or (AgainChange.OPTION_GONE if lost else None)
    changes: list[AgainChange] = [reason] if reason else []
    put, now = 0, None
    if reason is None:
        put, now, reason = await _try(consumer, line, item, options)
        changes += [reason] if reason else []
        changes += [AgainChange.PRICE] if now and _is_other_price(line, item, now) else []
    if store.state == "LIVE" and not store.takes_orders:
        changes.append(AgainChange.STORE_CLOSED)
    return AgainLine(
        line_id=line.id,
        item_id=line.item_id,
        store_name=store.name,
        name=line.name,
        quantity=line.quantity,
        quantity_put=put,
        unit_price=line.unit_price,
        unit_price_now=now.unit_price if now else None,
        changes=tuple(changes),
        opens_at=store.opens_at,
        currency=currency,
    )


def _hindrance(item: ItemForSale, store: StoreCard) -> AgainChange | None:
    if store.state != "LIVE":
        return AgainChange.STORE_GONE
    if item.removed_at is not None:
        return AgainChange.GONE
    return None if available_at(item, clock.now()) else AgainChange.OUT_OF_STOCK


async def _try(
    consumer: Consumer, line: OrderLine, item: ItemForSale, options: Sequence[UUID]
) -> tuple[int, LineView | None, AgainChange | None]:
    """How many came into the cart as which line, and what stood in the way of more."""
    asked, most = quantity_again(line, item), settings().limits.quantity_per_line
    wanted = min(bound for bound in (asked, most, item.stock) if bound is not None)
    try:
        async with unit_of_work():
            cart = await add_line(consumer, item.id, wanted, options, line.note)
    except (ChoicesNotAllowed, OptionSoldOut):
        return 0, None, AgainChange.OPTION_GONE
    except (ItemNotAvailable, NotFound):
        return 0, None, AgainChange.OUT_OF_STOCK
    except (CartFull, QuantityNotAllowed, CurrencyNotAllowed):
        return 0, None, AgainChange.NO_ROOM
    now = next(
        one
        for basket in cart.baskets
        for one in basket.lines
        if one.item_id == item.id and sorted(one.option_ids) == sorted(options)
    )
    return wanted, now, AgainChange.FEWER if wanted < asked else None


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
