"""What each order of a purchase is charged, and how the charges are dealt anew when an order falls away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.kernel.money import share
from services.pricing.delivery import Stop, fee_of_stops
from services.pricing.rules import service_fee, tax_within
from services.settings import FeeSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """One order's part of the money: its own goods and fee, and its share of what is asked for the purchase as a whole."""

    order_id: UUID
    goods: int
    goods_tax: int
    small_basket_fee: int
    delivery_fee: int
    service_fee: int
    tip: int
    fee_tax_bps: int
    distance_m: int
    own_delivery_fee: int | None = None

    @property
    def total(self) -> int:
        return self.goods + self.small_basket_fee + self.delivery_fee + self.service_fee + self.tip

    @property
    def tax(self) -> int:
        """Tax within goods and fees; a tip bears none."""
        fees = (self.small_basket_fee, self.delivery_fee, self.service_fee)
        return self.goods_tax + sum(tax_within(fee, self.fee_tax_bps) for fee in fees)


@dataclass(frozen=True, slots=True)
class Dealt:
    """The charges of the orders that still wait for their money, and what goes back to the consumer."""

    waiting: list[Charges]
    given_back: int


def deal_anew(falling: Charges, waiting: Sequence[Charges], fixed: Sequence[Charges], fees: FeeSchedule) -> Dealt:
    """Price the purchase without `falling`: `fixed` orders (handed over) keep their charges, those `waiting` share what is left.

    The further stop's surcharge and the service on the lost goods go back; the tip stays with whoever still brings something.
    Never more is charged than before; with nobody waiting, the falling order's whole charge goes back.
    """
    alive = [*waiting, *fixed]
    if not waiting:
        return Dealt([], falling.total)
    pools = {
        "delivery_fee": fee_of_stops([Stop(charges.distance_m, charges.own_delivery_fee) for charges in alive], fees),
        "service_fee": service_fee(sum(charges.goods for charges in alive), fees),
        "tip": sum(charges.tip for charges in (falling, *alive)),
    }
    dealt = list(waiting)
    for name, pool in pools.items():
        parts = share(_left(name, pool, falling, waiting, fixed), [charges.goods for charges in waiting])
        changes: list[dict[str, Any]] = [{name: part} for part in parts]
        dealt = [replace(charges, **change) for charges, change in zip(dealt, changes, strict=True)]
    before = falling.total + sum(charges.total for charges in waiting)
    return Dealt(dealt, before - sum(charges.total for charges in dealt))


def _left(name: str, pool: int, falling: Charges, waiting: Sequence[Charges], fixed: Sequence[Charges]) -> int:
    taken = sum(getattr(charges, name) for charges in fixed)
    at_hand = getattr(falling, name) + sum(getattr(charges, name) for charges in waiting)
    return int(min(max(pool - taken, 0), at_hand))
