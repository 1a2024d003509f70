"""Decisions about money that need no database: what a provider's word means for a payment, and who earns what of a capture."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.kernel.money import half_even, percent


class PaymentState(StrEnum):
    NONE = "NONE"
    AUTHORISED = "AUTHORISED"
    PARTLY_CAPTURED = "PARTLY_CAPTURED"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    FAILED = "FAILED"


class ProviderStatus(StrEnum):
    """What a card network says about an authorisation."""

    PENDING = "PENDING"
    NEEDS_CONFIRMATION = "NEEDS_CONFIRMATION"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    FAILED = "FAILED"


class MovementState(StrEnum):
    """Of a capture or a refund: asked for, done at the provider and in the ledger, or refused for good."""

    REQUESTED = "REQUESTED"
    DONE = "DONE"
    FAILED = "FAILED"


class LiableParty(StrEnum):
    PLATFORM = "PLATFORM"
    STORE = "STORE"
    COURIER = "COURIER"
    CONSUMER = "CONSUMER"


class Step(StrEnum):
    """What a provider's word makes of a payment."""

    NOTE = "NOTE"  # remember its name for the payment; nothing is decided
    ASK = "ASK"  # the consumer has to confirm
    AUTHORISE = "AUTHORISE"
    FAIL = "FAIL"
    LET_GO = "LET_GO"  # it holds money that nobody wants any more: void it there
    LOSE = "LOSE"  # the provider gave up what it still held
    NOTHING = "NOTHING"


_STEPS = {
    (PaymentState.NONE, ProviderStatus.PENDING): Step.NOTE,
    (PaymentState.NONE, ProviderStatus.NEEDS_CONFIRMATION): Step.ASK,
    (PaymentState.NONE, ProviderStatus.AUTHORISED): Step.AUTHORISE,
    (PaymentState.NONE, ProviderStatus.CAPTURED): Step.AUTHORISE,
    (PaymentState.NONE, ProviderStatus.VOIDED): Step.FAIL,
    (PaymentState.NONE, ProviderStatus.FAILED): Step.FAIL,
    (PaymentState.VOIDED, ProviderStatus.PENDING): Step.LET_GO,
    (PaymentState.VOIDED, ProviderStatus.NEEDS_CONFIRMATION): Step.LET_GO,
    (PaymentState.VOIDED, ProviderStatus.AUTHORISED): Step.LET_GO,
    (PaymentState.FAILED, ProviderStatus.AUTHORISED): Step.LET_GO,
    (PaymentState.AUTHORISED, ProviderStatus.VOIDED): Step.LOSE,
    (PaymentState.PARTLY_CAPTURED, ProviderStatus.VOIDED): Step.LOSE,
}


def step_for(state: PaymentState, heard: ProviderStatus) -> Step:
    """What a provider's word means now. Words come late, twice and out of order, so whatever does not lead forward is nothing."""
    return _STEPS.get((state, heard), Step.NOTHING)


def state_of(amount: int, captured: int, released: int) -> PaymentState:
    """The state of an authorised payment from its sums: all released is VOIDED, nothing left to take is CAPTURED."""
    if released == amount:
        return PaymentState.VOIDED
    if captured == 0:
        return PaymentState.AUTHORISED
    return PaymentState.CAPTURED if captured + released == amount else PaymentState.PARTLY_CAPTURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who earns what of one captured order; amounts in minor units, none negative.

    `goods` is what the consumer pays for the goods with tax, as picked; `commission` and its tax come out of it, and so does
    `goods_tax` where the platform and not the store pays it to the state. Fees are net, their tax is `fee_tax`. `promotion` is
    what the platform pays in the consumer's stead; a store's own promotion is already missing from `goods`.
    """

    store_id: UUID
    goods: int
    commission: int = 0
    commission_tax: int = 0
    goods_tax: int = 0
    delivery_fee: int = 0
    service_fee: int = 0
    small_basket_fee: int = 0
    fee_tax: int = 0
    tip: int = 0
    courier_id: UUID | None = None
    promotion: int = 0

    @property
    def total(self) -> int:
        """What is captured from the consumer."""
        fees = self.delivery_fee + self.service_fee + self.small_basket_fee + self.fee_tax
        return self.goods + fees + self.tip - self.promotion

    @property
    def store_earns(self) -> int:
        """What the platform owes the store for the order; negative where the commission is larger than the goods."""
        return self.goods - self.goods_tax - self.commission - self.commission_tax

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Split":
        """The split out of its JSON values."""
        courier_id = plain["courier_id"]
        return cls(**plain | {"store_id": UUID(plain["store_id"]), "courier_id": UUID(courier_id) if courier_id else None})


def included_tax(gross: int, basis_points: int) -> int:
    """The tax inside an amount that includes it: 25.5 % (2550) of 1255 gross is 255."""
    return gross - half_even(Fraction(gross * 10_000, 10_000 + basis_points))


def split_order(
    *,
    store_id: UUID,
    goods: int,
    commission_bps: int,
    tax_bps: int,
    delivery_fee: int = 0,
    service_fee: int = 0,
    small_basket_fee: int = 0,
    tip: int = 0,
    courier_id: UUID | None = None,
    promotion: int = 0,
) -> Split:
    """Divide an order: commission on the goods with its own tax; fees are given with tax and parted from the tax inside them."""
    commission = percent(goods, commission_bps)
    taxes = [included_tax(fee, tax_bps) for fee in (delivery_fee, service_fee, small_basket_fee)]
    return Split(
        store_id=store_id,
        goods=goods,
        commission=commission,
        commission_tax=percent(commission, tax_bps),
        delivery_fee=delivery_fee - taxes[0],
        service_fee=service_fee - taxes[1],
        small_basket_fee=small_basket_fee - taxes[2],
        fee_tax=sum(taxes),
        tip=tip,
        courier_id=courier_id,
        promotion=promotion,
    )
