"""What bringing a store's goods costs: the house's fees or its own in their place, by distance and by what a basket holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from services.settings import FeeSchedule
from services.stores.rules.areas import LARGEST_RADIUS_M, SMALLEST_RADIUS_M

MOST_BANDS = 10
_EVERYWHERE = "*"


class FeeBand(NamedTuple):
    """Up to so many metres, so much."""

    up_to_m: int
    fee: int


@dataclass(frozen=True, slots=True)
class DeliveryFees:
    """Fees in minor units: by distance, nothing from a basket of so much on, and what a basket below so much is asked on top."""

    bands: tuple[FeeBand, ...]
    beyond: int
    free_from: int | None = None
    small_basket_below: int = 0
    small_basket_at_most: int = 0

    def asked(self, distance_m: int, goods: int) -> int:
        """For a basket of this store alone."""
        if self.free_from is not None and goods >= self.free_from:
            return 0
        return next((fee for up_to, fee in self.bands if distance_m <= up_to), self.beyond)


class FeesFault(StrEnum):
    """What is wrong with a store's own fees."""

    TOO_MANY_BANDS = "TOO_MANY_BANDS"
    BANDS_NOT_IN_ORDER = "BANDS_NOT_IN_ORDER"
    BAND_OUT_OF_REACH = "BAND_OUT_OF_REACH"
    FARTHER_IS_CHEAPER = "FARTHER_IS_CHEAPER"
    FEE_OUT_OF_BOUNDS = "FEE_OUT_OF_BOUNDS"
    SMALL_BASKET_OUT_OF_BOUNDS = "SMALL_BASKET_OUT_OF_BOUNDS"
    FREE_FROM_NOTHING = "FREE_FROM_NOTHING"


class FeeBounds(NamedTuple):
    """Between which amounts a store may choose, in minor units."""

    least: int
    most: int
    most_for_a_small_basket: int


def fees_fault(fees: DeliveryFees, bounds: FeeBounds, most: int) -> FeesFault | None:
    """What is wrong with these fees, no amount beyond `most`; None where they can be asked."""
    return next(_faults(fees, bounds, most), None)


def _faults(fees: DeliveryFees, bounds: FeeBounds, most: int) -> Iterator[FeesFault]:
    reaches = [band.up_to_m for band in fees.bands]
    asked = [*(band.fee for band in fees.bands), fees.beyond]
    if len(fees.bands) > MOST_BANDS:
        yield FeesFault.TOO_MANY_BANDS
    if any(one >= other for one, other in pairwise(reaches)):
        yield FeesFault.BANDS_NOT_IN_ORDER
    if any(not SMALLEST_RADIUS_M <= reach <= LARGEST_RADIUS_M for reach in reaches):
        yield FeesFault.BAND_OUT_OF_REACH
    if any(not bounds.least <= fee <= bounds.most for fee in asked):
        yield FeesFault.FEE_OUT_OF_BOUNDS
    if any(one > other for one, other in pairwise(asked)):
        yield FeesFault.FARTHER_IS_CHEAPER
    if not (0 <= fees.small_basket_below <= most and 0 <= fees.small_basket_at_most <= bounds.most_for_a_small_basket):
        yield FeesFault.SMALL_BASKET_OUT_OF_BOUNDS
    if (fees.small_basket_below == 0) != (fees.small_basket_at_most == 0):
        # One without the other asks nothing: whoever said it meant something.
        yield FeesFault.SMALL_BASKET_OUT_OF_BOUNDS
    if fees.free_from is not None and not 0 < fees.free_from <= most:
        yield FeesFault.FREE_FROM_NOTHING


def fees_text(fees: DeliveryFees | None) -> str:
    """A store's own fees as they are kept: `1000:190,*:490 free:2500 small:1000:200`; empty where the house's are asked."""
    if fees is None:
        return ""
    parts = [",".join([*(f"{up_to}:{fee}" for up_to, fee in fees.bands), f"{_EVERYWHERE}:{fees.beyond}"])]
    if fees.free_from is not None:
        parts.append(f"free:{fees.free_from}")
    if fees.small_basket_below:
        parts.append(f"small:{fees.small_basket_below}:{fees.small_basket_at_most}")
    return " ".join(parts)


@lru_cache(maxsize=4_096)
def own_fees(text: str) -> DeliveryFees | None:
    """The fees that a store asks itself; None where it asks what the house asks."""
    if not text:
        return None
    bands, *others = text.split(" ")
    *near, (_, beyond) = [band.split(":") for band in bands.split(",")]
    told = dict(other.split(":", 1) for other in others)
    below, at_most = (int(amount) for amount in told.get("small", "0:0").split(":"))
    return DeliveryFees(
        tuple(FeeBand(int(up_to), int(fee)) for up_to, fee in near),
        int(beyond),
        int(told["free"]) if "free" in told else None,
        below,
        at_most,
    )


@lru_cache(maxsize=64)
def house_fees(schedule: FeeSchedule) -> DeliveryFees:
    """What the house asks where a store asks nothing of its own."""
    return DeliveryFees(
        tuple(FeeBand(*band) for band in sorted(schedule.delivery_bands)),
        schedule.delivery_beyond_bands,
        None,
        schedule.small_basket_below,
        schedule.small_basket_at_most,
    )


def fees_tag(text: str) -> str:
    """A short name of what is kept, by which a tablet says what it saw last."""
    return sha256(text.encode()).hexdigest()[:16]
