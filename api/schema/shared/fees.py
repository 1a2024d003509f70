"""What bringing a store's goods costs, as everybody sees it: by distance, by what a basket holds, by whose fees."""

from functools import lru_cache

import strawberry

from api.schema.shared.money import Money
from services.settings import FeeSchedule, settings
from services.stores import rules


@strawberry.type(description="Up to so many metres from the store, so much.")
class DeliveryFeeBand:
    up_to_m: int
    fee: Money


@strawberry.type(
    description="What bringing goods of a store alone costs. Goods of several stores cost the highest of their fees once, and a "
    "surcharge for each further stop."
)
class DeliveryFees:
    is_own: bool = strawberry.field(description="Whether the store asks them itself; else they are Pannier's.")
    bands: list[DeliveryFeeBand] = strawberry.field(description="The nearest first; the first that holds the distance counts.")
    beyond: Money = strawberry.field(description="Farther than all bands, or everywhere where there are none.")
    free_from: Money | None = strawberry.field(description="From goods of so much on it costs nothing; null: never.")
    small_basket_below: Money = strawberry.field(description="A basket of less is asked for what it lacks to this.")
    small_basket_at_most: Money = strawberry.field(description="The most that a small basket is asked for.")

    @staticmethod
    def of(kept: str, currency: str) -> "DeliveryFees":
        """What a store's row says of its fees; the house's where it says nothing."""
        return _shown(kept, currency) if kept else _shown_of_house(settings().fees)


@lru_cache(maxsize=2_048)
def _shown(kept: str, currency: str) -> DeliveryFees:
    fees = rules.own_fees(kept)
    if fees is None:
        raise ValueError("these are no fees of a store's own")
    return _noun(fees, currency, is_own=True)


@lru_cache(maxsize=16)
def _shown_of_house(schedule: FeeSchedule) -> DeliveryFees:
    return _noun(rules.house_fees(schedule), schedule.currency, is_own=False)


def _noun(fees: rules.DeliveryFees, currency: str, *, is_own: bool) -> DeliveryFees:
    return DeliveryFees(
        is_own=is_own,
        bands=[DeliveryFeeBand(up_to_m=band.up_to_m, fee=Money.minor(band.fee, currency)) for band in fees.bands],
        beyond=Money.minor(fees.beyond, currency),
        free_from=Money.minor(fees.free_from, currency) if fees.free_from is not None else None,
        small_basket_below=Money.minor(fees.small_basket_below, currency),
        small_basket_at_most=Money.minor(fees.small_basket_at_most, currency),
    )
