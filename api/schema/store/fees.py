"""What a store asks for bringing its goods, as its staff say it."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.fees import DeliveryFees
from api.schema.shared.money import Money, MoneyInput
from api.schema.shared.problems import Problem
from api.schema.store.hours import StoreProfile
from services.stores import rules
from services.stores.errors import DeliveryFeesChanged, DeliveryFeesNotAllowed

strawberry.enum(rules.FeesFault, name="DeliveryFeesFault", description="What is wrong with delivery fees.")


@strawberry.input(description="Up to so many metres from the store, so much.")
class DeliveryFeeBandInput:
    up_to_m: int = strawberry.field(description="100 to 30000.")
    fee: MoneyInput


@strawberry.input(description="Fees of the store's own: all of them, as they are to be from now on.")
class DeliveryFeesInput:
    bands: list[DeliveryFeeBandInput] = strawberry.field(
        default_factory=list, description="At most ten, the nearest first; farther never costs less."
    )
    beyond: MoneyInput = strawberry.field(description="Farther than all bands, or everywhere where there are none.")
    free_from: MoneyInput | None = strawberry.field(default=None, description="Nothing from goods of so much on; null: never.")
    small_basket_below: MoneyInput | None = strawberry.field(
        default=None, description="A basket of less is asked for what it lacks; null: none is."
    )
    small_basket_at_most: MoneyInput | None = strawberry.field(default=None, description="But for no more than this.")

    def read(self, currency: str) -> rules.DeliveryFees:
        """The fees in minor units. Raises BadInput for another currency than the store's."""
        free = self.free_from
        return rules.DeliveryFees(
            tuple(rules.FeeBand(band.up_to_m, band.fee.read(currency, "fees.bands")) for band in self.bands),
            self.beyond.read(currency, "fees.beyond"),
            free.read(currency, "fees.freeFrom") if free else None,
            _amount(self.small_basket_below, currency, "fees.smallBasketBelow"),
            _amount(self.small_basket_at_most, currency, "fees.smallBasketAtMost"),
        )


@strawberry.input(description="What bringing goods costs from now on.")
class ChangeDeliveryFeesInput:
    fees: DeliveryFeesInput | None = strawberry.field(default=None, description="Null: as Pannier asks.")
    tag: str | None = strawberry.field(
        default=None,
        description="`deliveryFeesTag` as it was seen last: refused where somebody changed them since; null: whatever they are.",
    )


@strawberry.type(description="Bringing goods costs this.")
class ChangeDeliveryFeesSuccess:
    store: StoreProfile


@strawberry.type(description="These fees cannot be asked; nothing was changed.")
class DeliveryFeesNotAllowedProblem(Problem):
    fault: rules.FeesFault
    most_bands: int
    least_fee: Money
    most_fee: Money
    most_small_basket_fee: Money

    @classmethod
    def of(cls, refusal: DeliveryFeesNotAllowed) -> Self:
        least, most, small = (Money.minor(amount, refusal.currency) for amount in refusal.bounds)
        return cls(
            message=str(refusal),
            fault=refusal.fault,
            most_bands=rules.MOST_BANDS,
            least_fee=least,
            most_fee=most,
            most_small_basket_fee=small,
        )


@strawberry.type(description="Somebody else of the store changed the fees meanwhile: here they are; nothing was changed.")
class DeliveryFeesChangedProblem(Problem):
    delivery_fees: DeliveryFees
    delivery_fees_tag: str

    @classmethod
    def of(cls, refusal: DeliveryFeesChanged) -> Self:
        fees = DeliveryFees.of(refusal.kept, refusal.currency)
        return cls(message=str(refusal), delivery_fees=fees, delivery_fees_tag=rules.fees_tag(refusal.kept))


def _amount(said: MoneyInput | None, currency: str, field: str) -> int:
    return said.read(currency, field) if said else 0


ChangeDeliveryFeesResult = Annotated[
    ChangeDeliveryFeesSuccess | DeliveryFeesNotAllowedProblem | DeliveryFeesChangedProblem,
    strawberry.union("ChangeDeliveryFeesResult", description="What bringing goods costs, or why not."),
]
