"""What a cart may hold, what it costs, and when it can be promised: decisions without I/O."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.carts.errors import (
    AddressMissing,
    AddressOutOfReach,
    BasketBelowMinimum,
    CartEmpty,
    ChangeKind,
    CurrencyNotAllowed,
    ItemNotAvailable,
    LineChange,
    QuantityNotAllowed,
    Shortage,
    StoreClosed,
    TipNotAllowed,
)
from services.carts.quotes import Prices, Quote, QuotedBasket, QuotedLine, QuotedOption
from services.carts.views import BasketView, CartView, LineView
from services.kernel.errors import BadInput
from services.kernel.places import Address, on_earth
from services.pricing import taxes
from services.pricing.rules import (
    BasketForPricing,
    CartForPricing,
    ChosenOption,
    LineForPricing,
    PricedBasket,
    PricedLine,
    price_cart,
)
from services.settings import FeeSchedule, TravelTimes
from services.stores.queries import StoreCard
from services.stores.rules import distance_m, in_reach, own_fees, preparation_at, takes_orders, takes_orders_from

LONGEST_NOTE = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_quantity(quantity: int, most: int) -> None:
    """Raises QuantityNotAllowed for anything but 1 to `most` pieces."""
    if not 1 <= quantity <= most:
        raise QuantityNotAllowed(quantity, most)


def check_tip(tip: int, fees: FeeSchedule) -> None:
    """Raises TipNotAllowed for a negative tip and for one beyond the upper bound."""
    if not 0 <= tip <= fees.tip_at_most:
        raise TipNotAllowed(fees.tip_at_most, fees.currency)


def checked_note(note: str) -> str:
    """The note without its outer blanks. Raises BadInput where it is too long or not text."""
    if len(note.strip()) > LONGEST_NOTE or "\0" in note:
        raise BadInput(f"A note is text of at most {LONGEST_NOTE} characters.", field="note")
    return note.strip()


def checked_address(address: Address) -> Address:
    """The address as it is kept. Raises BadInput where it is not on the earth or not text."""
    if not on_earth(address.latitude, address.longitude):
        raise BadInput("This position is not on the earth.", field="address.position")
    if any("\0" in line for line in (address.street, address.city, address.postcode, address.note)):
        raise BadInput("An address is text.", field="address")
    # Minus zero is the same place, but another text; a signature is made over text.
    return replace(address, latitude=address.latitude + 0.0, longitude=address.longitude + 0.0)


def check_available(cart: CartView) -> None:
    """Raises ItemNotAvailable naming all that is not for sale now, or fewer than the cart's lines want together."""
    lines = [line for basket in cart.baskets for line in basket.lines]
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.item_id] += line.quantity
    short = {
        line.item_id: Shortage(line.item_id, line.name, line.most if line.is_offered else None)
        for line in lines
        if not line.is_offered or (line.most is not None and line.most < wanted[line.item_id])
    }
    if short:
        raise ItemNotAvailable(list(short.values()))


def check_stores(cart: CartView, address: Address, stores: Mapping[UUID, StoreCard], at: datetime) -> None:
    """Raises StoreClosed or AddressOutOfReach, naming the first store that cannot serve this cart."""
    for basket in cart.baskets:
        store = stores[basket.store.id]
        if not takes_orders(store, at):
            raise StoreClosed(store.id, store.name, takes_orders_from(store, at))
        if not in_reach(store, address.latitude, address.longitude):
            away = distance_m(store.latitude, store.longitude, address.latitude, address.longitude)
            drawn = store.delivery_area is not None
            raise AddressOutOfReach(store.id, store.name, store.delivery_radius_m, round(away), area_is_drawn=drawn)


def check_currencies(cart: CartView, fees: FeeSchedule) -> None:
    """Raises CurrencyNotAllowed for goods in another currency than the fees are in."""
    for basket in cart.baskets:
        for line in basket.lines:
            if line.currency != fees.currency:
                raise CurrencyNotAllowed(line.currency, fees.currency)


def travel_seconds(metres: int, travel: TravelTimes) -> int:
    """How long a bicycle needs for a straight line of so many metres, along streets."""
    return metres * travel.street_percent * 60 // (100 * travel.metres_per_minute)


def promise(stores: Sequence[tuple[int, int]], at: datetime, travel: TravelTimes) -> tuple[datetime, datetime]:
    """The promised window for stores of (preparation minutes, travel seconds): the slowest one, a stop for each, the door."""
    slowest = max(preparation * 60 + seconds for preparation, seconds in stores)
    earliest = at + timedelta(seconds=slowest + travel.per_stop * len(stores) + travel.at_the_door)
    begin = earliest + (_EPOCH - earliest) % timedelta(seconds=travel.rounded_to)
    return begin, begin + timedelta(seconds=travel.window)


def price(
    cart: CartView, stores: Mapping[UUID, StoreCard], at: datetime, fees: FeeSchedule, travel: TravelTimes
) -> tuple[Prices, Address]:
    """The cart's prices and where it goes, or the first refusal that stands in the way; the same at quote and at checkout."""
    if not cart.baskets:
        raise CartEmpty
    if cart.address is None:
        raise AddressMissing
    check_available(cart)
    check_stores(cart, cart.address, stores, at)
    check_currencies(cart, fees)
    asked = CartForPricing(
        tuple(_for_pricing(basket, cart.address, stores, at) for basket in cart.baskets), fees.currency, cart.tip
    )
    priced = price_cart(asked, fees)
    for basket in priced.baskets:
        store = stores[basket.store_id]
        if basket.goods < store.minimum_basket:
            raise BasketBelowMinimum(store.id, store.name, basket.goods, store.minimum_basket, fees.currency)
    pairs = zip(cart.baskets, priced.baskets, strict=True)
    return Prices(fees.currency, tuple(_quoted(view, one, stores[one.store_id], at, travel) for view, one in pairs)), cart.address


def changes(quote: Quote, present: Prices) -> list[LineChange]:
    """What differs between a quote and the present prices, line by line, in the order of the quote and then of the cart."""
    quoted = {line.line_id: line for basket in quote.baskets for line in basket.lines}
    now = {line.line_id: line for basket in present.baskets for line in basket.lines}
    found = (_change(quoted.get(line_id), now.get(line_id)) for line_id in [*quoted, *(now.keys() - quoted.keys())])
    return [change for change in found if change]


def same_money(quote: Quote, present: Prices) -> bool:
    """Whether everything still costs what was quoted, store by store and line by line."""
    return [basket.priced for basket in quote.baskets] == [basket.priced for basket in present.baskets]


def _change(quoted: QuotedLine | None, now: QuotedLine | None) -> LineChange | None:
    line = now or quoted
    if line is None or (quoted and now and (quoted.quantity, quoted.total) == (now.quantity, now.total)):
        return None
    if quoted and now:
        kind = ChangeKind.PRICE if quoted.quantity == now.quantity else ChangeKind.QUANTITY
    else:
        kind = ChangeKind.ADDED if now else ChangeKind.REMOVED
    totals = quoted.total if quoted else None, now.total if now else None
    return LineChange(line.line_id, line.item_id, line.name, kind, *totals)


def _for_pricing(basket: BasketView, address: Address, stores: Mapping[UUID, StoreCard], at: datetime) -> BasketForPricing:
    store = stores[basket.store.id]
    day = at.astimezone(ZoneInfo(store.time_zone)).date()
    lines = tuple(
        LineForPricing(
            line.id,
            line.price if line.grams is None else line.exact_price,
            _chosen(line, store.country, day),
            line.quantity,
            taxes.rate(store.country, line.tax_class, day),
        )
        for line in basket.lines
    )
    away = round(distance_m(store.latitude, store.longitude, address.latitude, address.longitude))
    rate = taxes.rate(store.country, taxes.CLASS_OF_FEES, day)
    return BasketForPricing(store.id, lines, away, rate, store.prices_include_tax, own_fees(store.delivery_fees))


def _chosen(line: LineView, country: str, day: date) -> tuple[ChosenOption, ...]:
    """The choices with their own rates, where they have one."""
    return tuple(
        replace(one, tax_bps=taxes.rate(country, option.tax_class, day)) if option.tax_class else one
        for one, option in zip(line.chosen, line.options, strict=True)
    )


def _quoted(view: BasketView, priced: PricedBasket, store: StoreCard, at: datetime, travel: TravelTimes) -> QuotedBasket:
    return QuotedBasket(
        store_id=store.id,
        store_name=store.name,
        distance_m=priced.distance_m,
        preparation_minutes=max(preparation_at(store, at), *(line.preparation_minutes or 0 for line in view.lines)),
        travel_seconds=travel_seconds(priced.distance_m, travel),
        fee_tax_bps=priced.fee_tax_bps,
        lines=tuple(_quoted_line(line, one) for line, one in zip(view.lines, priced.lines, strict=True)),
        small_basket_fee=priced.small_basket_fee,
        delivery_fee=priced.delivery_fee,
        service_fee=priced.service_fee,
        tip=priced.tip,
        own_delivery_fee=priced.own_delivery_fee,
    )


def _quoted_line(line: LineView, priced: PricedLine) -> QuotedLine:
    return QuotedLine(
        line_id=line.id,
        item_id=line.item_id,
        gtin=line.gtin,
        name=line.name,
        note=line.note,
        tax_class=line.tax_class,
        options=tuple(QuotedOption(option.id, option.name, option.price) for option in line.options),
        unit_price=priced.unit_price,
        quantity=line.quantity,
        total=priced.total,
        tax=priced.tax,
        tax_bps=priced.tax_bps,
        grams=line.grams,
        most_per_day=line.most_per_day,
        tax_parts=priced.parts,
    )
