"""The accounts of the ledger, and the entries that each fact about money makes in them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from services.payments.rules import LiableParty, Split

_NAMESPACE = UUID("6b0c8c0e-5f0e-5d0a-9a51-1ed9e4acc0de")


class AccountKind(StrEnum):
    PROVIDER_CLEARING = "PROVIDER_CLEARING"  # what the card network owes us
    CONSUMER_CREDIT = "CONSUMER_CREDIT"
    STORE_PAYABLE = "STORE_PAYABLE"
    COURIER_PAYABLE = "COURIER_PAYABLE"
    COURIER_COST = "COURIER_COST"
    REVENUE_COMMISSION = "REVENUE_COMMISSION"
    REVENUE_DELIVERY = "REVENUE_DELIVERY"
    REVENUE_SERVICE = "REVENUE_SERVICE"
    REVENUE_SMALL_BASKET = "REVENUE_SMALL_BASKET"
    TAX_PAYABLE = "TAX_PAYABLE"
    PROMOTION_COST_PLATFORM = "PROMOTION_COST_PLATFORM"
    PROMOTION_COST_STORE = "PROMOTION_COST_STORE"
    LOSS_PLATFORM = "LOSS_PLATFORM"
    LOSS_STORE = "LOSS_STORE"
    LOSS_COURIER = "LOSS_COURIER"
    LOSS_CONSUMER = "LOSS_CONSUMER"


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `owner_id` is the store or courier it belongs to, None for the platform's own."""

    kind: AccountKind
    currency: str
    owner_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The same for the same account everywhere, so that nobody has to look it up."""
        return uuid5(_NAMESPACE, f"{self.kind}:{self.owner_id}:{self.currency}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A debit (positive) or a credit (negative) of an account, in minor units."""

    account: Account
    amount: int


def sums_to_zero(entries: list[Entry]) -> bool:
    """Whether the entries balance in every currency."""
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.account.currency] = sums.get(entry.account.currency, 0) + entry.amount
    return not any(sums.values())


def entries_of_capture(split: Split, currency: str) -> list[Entry]:
    """A captured order: the provider owes us its total, and we owe everybody their part. Sums to zero for every split."""
    own = [
        (AccountKind.PROVIDER_CLEARING, split.total),
        (AccountKind.PROMOTION_COST_PLATFORM, split.promotion),
        (AccountKind.REVENUE_COMMISSION, -split.commission),
        (AccountKind.REVENUE_DELIVERY, -split.delivery_fee),
        (AccountKind.REVENUE_SERVICE, -split.service_fee),
        (AccountKind.REVENUE_SMALL_BASKET, -split.small_basket_fee),
        (AccountKind.TAX_PAYABLE, -(split.commission_tax + split.fee_tax + split.goods_tax)),
    ]
    entries = [Entry(Account(kind, currency), amount) for kind, amount in own]
    entries.append(Entry(Account(AccountKind.STORE_PAYABLE, currency, split.store_id), -split.store_earns))
    entries.append(Entry(Account(AccountKind.COURIER_PAYABLE, currency, split.courier_id), -split.tip))
    return [entry for entry in entries if entry.amount]


def entries_of_refund(amount: int, currency: str, liable_party: LiableParty, store_id: UUID | None) -> list[Entry]:
    """Money given back: the provider owes us less, and the liable party bears it.

    A store bears it in what it is owed (a negative balance is netted in its next payout); what falls to a courier or a consumer
    stays a loss laid at their door until somebody decides to ask it of them.
    """
    bearer = {
        LiableParty.PLATFORM: Account(AccountKind.LOSS_PLATFORM, currency),
        LiableParty.STORE: Account(AccountKind.STORE_PAYABLE if store_id else AccountKind.LOSS_STORE, currency, store_id),
        LiableParty.COURIER: Account(AccountKind.LOSS_COURIER, currency),
        LiableParty.CONSUMER: Account(AccountKind.LOSS_CONSUMER, currency),
    }[liable_party]
    return [Entry(bearer, amount), Entry(Account(AccountKind.PROVIDER_CLEARING, currency), -amount)]


def entries_of_courier_pay(amount: int, currency: str, courier_id: UUID) -> list[Entry]:
    """A courier earned the pay of a delivery: our cost, and what we owe them."""
    return [
        Entry(Account(AccountKind.COURIER_COST, currency), amount),
        Entry(Account(AccountKind.COURIER_PAYABLE, currency, courier_id), -amount),
    ]
