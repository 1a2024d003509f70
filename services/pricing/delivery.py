"""What bringing a purchase costs: one full fee however many stores fill it, by the house's fees or by a store's own."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from services.settings import FeeSchedule
from services.stores.rules import DeliveryFees, house_fees, own_fees


class Stop(NamedTuple):
    """A store that something is fetched from: how far it is from the door, and what it asks itself; None: what the house asks."""

    distance_m: int
    own_fee: int | None = None


def fee_of_stops(stops: Sequence[Stop], fees: FeeSchedule) -> int:
    """One full fee, the highest, and a surcharge for each further stop; a store's own fee bounds what its stop costs.

    So goods of one more store never cost more to bring than an order of their own would.
    """
    if not stops:
        return 0
    further = [_further(stop, fees) for stop in stops]
    # Which of them bears the full fee: the one for which that makes the most.
    return sum(further) + max(_alone(stop, fees) - one for stop, one in zip(stops, further, strict=True))


def delivery_fee(distances: Collection[int], fees: FeeSchedule) -> int:
    """The same for stores without fees of their own: by the band of the farthest."""
    return fee_of_stops([Stop(distance) for distance in distances], fees)


def fee_alone(kept: str, distance_m: int, fees: FeeSchedule) -> int:
    """What bringing goods of one store costs, before any are chosen; `kept` is what its row says of its own fees."""
    return (own_fees(kept) or house_fees(fees)).asked(distance_m, 0)


def small_basket_fee(goods: int, fees: DeliveryFees | FeeSchedule) -> int:
    """What a basket lacks to be worth a stop, up to a most: adding goods never makes the purchase cheaper to leave small."""
    return min(max(fees.small_basket_below - goods, 0), fees.small_basket_at_most)


def _alone(stop: Stop, fees: FeeSchedule) -> int:
    return house_fees(fees).asked(stop.distance_m, 0) if stop.own_fee is None else stop.own_fee


def _further(stop: Stop, fees: FeeSchedule) -> int:
    return fees.further_stop if stop.own_fee is None else min(fees.further_stop, stop.own_fee)
