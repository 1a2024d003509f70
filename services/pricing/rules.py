"""What a cart costs: every line rounded once, every store on its own, purchase-wide fees shared so that the parts add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from uuid import UUID

from services.kernel.money import half_even, percent, share
from services.pricing.delivery import Stop, fee_of_stops, small_basket_fee
from services.settings import FeeSchedule
from services.stores.rules import DeliveryFees


@dataclass(frozen=True, slots=True)
class ChosenOption:
    """A choice on an item: its price, how many choices of its group cost nothing, and its rate where that is its own."""

    group_id: UUID
    price: int
    free_count: int = 0
    tax_bps: int | None = None


@dataclass(frozen=True, slots=True)
class LineForPricing:
    """`unit` is what one costs without its choices, exactly: so many grams at a price per kilogram are a fraction."""

    line_id: UUID
    unit: int | Fraction
    options: tuple[ChosenOption, ...]
    quantity: int
    tax_bps: int


@dataclass(frozen=True, slots=True)
class BasketForPricing:
    """What one store fills, how far it is from the door, the rate that fees bear there, and its own fees where it has any."""

    store_id: UUID
    lines: tuple[LineForPricing, ...]
    distance_m: int
    fee_tax_bps: int
    prices_include_tax: bool = True
    own_fees: DeliveryFees | None = None


@dataclass(frozen=True, slots=True)
class CartForPricing:
    baskets: tuple[BasketForPricing, ...]
    currency: str
    tip: int = 0


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`unit_price` with its options as the store shows it; `total` is what is paid, of which `tax` is tax.

    `parts` tells total and tax by rate where choices have a rate of their own; else all of it is at `tax_bps`.
    """

    line_id: UUID
    unit_price: int
    quantity: int
    total: int
    tax: int
    tax_bps: int
    parts: "tuple[TaxPart, ...]" = ()


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What is paid at one rate, and the tax within it."""

    basis_points: int
    gross: int
    tax: int


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """One store's part of a purchase: its goods, and its share of what is asked for the purchase as a whole.

    `own_delivery_fee` is what the store itself asks for this basket alone; None where the house's fees hold. Two that ask the
    consumer for the same money are the same, whoever set the fees.
    """

    store_id: UUID
    distance_m: int
    fee_tax_bps: int
    lines: tuple[PricedLine, ...]
    small_basket_fee: int
    delivery_fee: int = 0
    service_fee: int = 0
    tip: int = 0
    own_delivery_fee: int | None = field(default=None, compare=False)

    @property
    def goods(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def stop(self) -> Stop:
        return Stop(self.distance_m, self.own_delivery_fee)

    @property
    def fees(self) -> int:
        return self.small_basket_fee + self.delivery_fee + self.service_fee

    @property
    def total(self) -> int:
        return self.goods + self.fees + self.tip

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        """Tax by rate, goods and fees together; a tip bears none."""
        goods = [part for line in self.lines for part in line.parts or (TaxPart(line.tax_bps, line.total, line.tax),)]
        fees = (self.small_basket_fee, self.delivery_fee, self.service_fee)
        return by_rate([*goods, *(TaxPart(self.fee_tax_bps, fee, tax_within(fee, self.fee_tax_bps)) for fee in fees if fee)])

    @property
    def tax(self) -> int:
        return sum(part.tax for part in self.taxes)


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The whole purchase; every figure is the sum of the same figure of its baskets."""

    baskets: tuple[PricedBasket, ...]
    currency: str

    @property
    def goods(self) -> int:
        return sum(basket.goods for basket in self.baskets)

    @property
    def small_basket_fee(self) -> int:
        return sum(basket.small_basket_fee for basket in self.baskets)

    @property
    def delivery_fee(self) -> int:
        return sum(basket.delivery_fee for basket in self.baskets)

    @property
    def service_fee(self) -> int:
        return sum(basket.service_fee for basket in self.baskets)

    @property
    def tip(self) -> int:
        return sum(basket.tip for basket in self.baskets)

    @property
    def total(self) -> int:
        return sum(basket.total for basket in self.baskets)

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        return by_rate(part for basket in self.baskets for part in basket.taxes)

    @property
    def tax(self) -> int:
        return sum(basket.tax for basket in self.baskets)


def charged_options(options: Iterable[ChosenOption]) -> list[ChosenOption]:
    """The choices that cost something; in each group the free ones are the dearest, whatever was tapped first."""
    groups: dict[UUID, list[ChosenOption]] = {}
    for option in options:
        groups.setdefault(option.group_id, []).append(option)
    return [
        option
        for chosen in groups.values()
        for option in sorted(chosen, key=_dearest_first)[max(option.free_count for option in chosen) :]
    ]


def _dearest_first(option: ChosenOption) -> tuple[int, int]:
    return -option.price, 1 if option.tax_bps is None else -option.tax_bps


def options_price(options: Iterable[ChosenOption]) -> int:
    """What the choices of one piece cost."""
    return sum(option.price for option in charged_options(options))


def exact_price(unit: int | Fraction, options: Iterable[ChosenOption]) -> int | Fraction:
    """One piece with its choices, before it is rounded; a choice may lower a price, never below nothing."""
    return max(unit + options_price(options), 0)


def unit_price(unit: int | Fraction, options: Iterable[ChosenOption]) -> int:
    """One piece with its choices, as it is shown."""
    return half_even(exact_price(unit, options))


def total_of(unit: int | Fraction, options: Iterable[ChosenOption], quantity: int) -> int:
    """So many of them: rounded once, after multiplying."""
    return half_even(exact_price(unit, options) * quantity)


def tax_within(gross: int, basis_points: int) -> int:
    """The tax that an amount already includes, rounded half even."""
    return half_even(Fraction(gross * basis_points, 10_000 + basis_points))


def price_line(line: LineForPricing, *, prices_include_tax: bool = True) -> PricedLine:
    """One line: rounded once, after multiplying; its tax once for each rate."""
    shown = total_of(line.unit, line.options, line.quantity)
    parts = tuple(_taxed(rate, amount, prices_include_tax=prices_include_tax) for rate, amount in _by_own_rates(line, shown))
    total, tax = sum(part.gross for part in parts), sum(part.tax for part in parts)
    unit = unit_price(line.unit, line.options)
    return PricedLine(line.line_id, unit, line.quantity, total, tax, line.tax_bps, parts if len(parts) > 1 else ())


def _by_own_rates(line: LineForPricing, shown: int) -> list[tuple[int, int]]:
    """What is shown, by rate: choices with a rate of their own apart, the rest at the line's."""
    others: dict[int, int] = {}
    for option in charged_options(line.options):
        if option.tax_bps not in (None, line.tax_bps) and option.price:
            others[option.tax_bps] = others.get(option.tax_bps, 0) + option.price * line.quantity
    own = shown - sum(others.values())
    # A price that a choice has lowered to nothing has no parts.
    if own < 0 or any(amount < 0 for amount in others.values()):
        return [(line.tax_bps, shown)]
    return [(line.tax_bps, own), *sorted(others.items())]


def _taxed(rate: int, amount: int, *, prices_include_tax: bool) -> TaxPart:
    if prices_include_tax:
        return TaxPart(rate, amount, tax_within(amount, rate))
    tax = percent(amount, rate)
    return TaxPart(rate, amount + tax, tax)


def price_basket(basket: BasketForPricing, fees: FeeSchedule) -> PricedBasket:
    """A store's goods and small-basket fee, on their own: no other store's goods change them."""
    lines = tuple(price_line(line, prices_include_tax=basket.prices_include_tax) for line in basket.lines)
    goods, own = sum(line.total for line in lines), basket.own_fees
    return PricedBasket(
        basket.store_id,
        basket.distance_m,
        basket.fee_tax_bps,
        lines,
        small_basket_fee(goods, own or fees),
        own_delivery_fee=own.asked(basket.distance_m, goods) if own else None,
    )


def service_fee(goods: int, fees: FeeSchedule) -> int:
    """A percentage of the goods between a floor and a cap."""
    return min(max(percent(goods, fees.service_bps), fees.service_floor), fees.service_cap)


def price_cart(cart: CartForPricing, fees: FeeSchedule) -> PricedCart:
    """The whole purchase: its baskets in the order given, its fees and tip shared among them by the worth of their goods."""
    return _shared_out([price_basket(basket, fees) for basket in cart.baskets], cart.currency, cart.tip, fees)


def by_rate(parts: Iterable[TaxPart]) -> tuple[TaxPart, ...]:
    """Parts of the same rate added together, the lowest rate first."""
    sums: dict[int, tuple[int, int]] = {}
    for part in parts:
        gross, tax = sums.get(part.basis_points, (0, 0))
        sums[part.basis_points] = (gross + part.gross, tax + part.tax)
    return tuple(TaxPart(rate, *sums[rate]) for rate in sorted(sums))


def _shared_out(baskets: Sequence[PricedBasket], currency: str, tip: int, fees: FeeSchedule) -> PricedCart:
    if not baskets:
        return PricedCart((), currency)
    # Shares are dealt in the order of the stores' ids, so that it does not matter which basket was filled first.
    in_order = sorted(baskets, key=lambda basket: basket.store_id)
    weights = [basket.goods for basket in in_order]
    delivery = share(fee_of_stops([basket.stop for basket in baskets], fees), weights)
    service = share(service_fee(sum(weights), fees), weights)
    tips = share(tip, weights)
    dealt = {
        basket.store_id: replace(basket, delivery_fee=delivery[place], service_fee=service[place], tip=tips[place])
        for place, basket in enumerate(in_order)
    }
    return PricedCart(tuple(dealt[basket.store_id] for basket in baskets), currency)
