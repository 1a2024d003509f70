"""What the verbs of purchases take and answer: inputs, successes, problems, and the unions of both."""

from typing import Annotated, Self

import strawberry

from api.schema.consumer.cart_results import (
    AddressMissingProblem,
    AddressOutOfReachProblem,
    BasketBelowMinimumProblem,
    CartEmptyProblem,
    ChoicesNotAllowedProblem,
    CurrencyNotAllowedProblem,
    ItemNotAvailableProblem,
    OptionSoldOutProblem,
    QuoteExpiredProblem,
    QuoteOutdatedProblem,
    StoreAtCapacityProblem,
    StoreClosedProblem,
)
from api.schema.consumer.orders import Order, Purchase
from api.schema.shared.ids import opaque
from api.schema.shared.orders import OrderStage, PaymentState
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from services.catalog.errors import ItemSoldOut
from services.orders.errors import OrderCannotMove
from services.payments.errors import PaymentNotAwaited


@strawberry.input(description="Buy what was quoted.")
class CheckOutInput:
    quote_id: strawberry.ID
    method: str = strawberry.field(description="The card network's token of a way to pay, never a card number.")
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")


@strawberry.input(description="Pass the consumer's confirmation on to their bank.")
class ConfirmPaymentInput:
    purchase_id: strawberry.ID
    answer: str


@strawberry.input(description="Call one store's part off.")
class CancelPurchaseOrderInput:
    order_id: strawberry.ID
    reason: str


@strawberry.input(description="Give up a purchase that is not paid for.")
class AbandonPurchaseInput:
    purchase_id: strawberry.ID


@strawberry.type(description="The purchase is made; its payment tells whether the bank wants something of the consumer.")
class CheckOutSuccess:
    purchase: Purchase


@strawberry.type(description="The bank has the confirmation; the purchase's payment tells what came of it.")
class ConfirmPaymentSuccess:
    purchase: Purchase


@strawberry.type(description="The order is called off, and its money goes back.")
class CancelPurchaseOrderSuccess:
    order: Order
    purchase: Purchase


@strawberry.type(description="The purchase is given up.")
class AbandonPurchaseSuccess:
    purchase: Purchase


@strawberry.type(description="Another took the last of it.")
class ItemSoldOutProblem(Problem):
    item_id: strawberry.ID
    name: str
    wanted: int
    left: int

    @classmethod
    def of(cls, refusal: ItemSoldOut) -> Self:
        item_id = opaque("Item", refusal.item_id)
        return cls(message=str(refusal), item_id=item_id, name=refusal.name, wanted=refusal.wanted, left=refusal.left)


@strawberry.type(description="This is not a way to pay.")
class CardMethodUnknownProblem(Problem):
    pass


@strawberry.type(description="The payment does not wait for a confirmation.")
class PaymentNotAwaitedProblem(Problem):
    state: PaymentState

    @classmethod
    def of(cls, refusal: PaymentNotAwaited) -> Self:
        return cls(message=str(refusal), state=refusal.state)


@strawberry.type(description="The bank did not accept the confirmation; a right one may still be given.")
class ConfirmationNotAcceptedProblem(Problem):
    pass


@strawberry.type(description="The order's present stage does not allow it.")
class OrderCannotMoveProblem(Problem):
    order_id: strawberry.ID
    stage: OrderStage
    not_yet_open: bool = strawberry.field(description="True where it will be possible in a later release.")

    @classmethod
    def of(cls, refusal: OrderCannotMove) -> Self:
        order_id = opaque("Order", refusal.order_id)
        return cls(message=str(refusal), order_id=order_id, stage=refusal.stage, not_yet_open=refusal.not_yet_open)


CheckOutResult = Annotated[
    CheckOutSuccess
    | KeyReusedProblem
    | OperationInProgressProblem
    | QuoteExpiredProblem
    | QuoteOutdatedProblem
    | ItemSoldOutProblem
    | ItemNotAvailableProblem
    | ChoicesNotAllowedProblem
    | OptionSoldOutProblem
    | StoreClosedProblem
    | AddressOutOfReachProblem
    | AddressMissingProblem
    | BasketBelowMinimumProblem
    | CartEmptyProblem
    | CurrencyNotAllowedProblem
    | CardMethodUnknownProblem
    | StoreAtCapacityProblem,
    strawberry.union("CheckOutResult", description="What came of buying."),
]
ConfirmPaymentResult = Annotated[
    ConfirmPaymentSuccess | PaymentNotAwaitedProblem | ConfirmationNotAcceptedProblem,
    strawberry.union("ConfirmPaymentResult", description="What came of confirming."),
]
CancelPurchaseOrderResult = Annotated[
    CancelPurchaseOrderSuccess | OrderCannotMoveProblem,
    strawberry.union("CancelPurchaseOrderResult", description="What came of calling an order off."),
]
AbandonPurchaseResult = Annotated[
    AbandonPurchaseSuccess | OrderCannotMoveProblem,
    strawberry.union("AbandonPurchaseResult", description="What came of giving a purchase up."),
]
