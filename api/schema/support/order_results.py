"""What agents' verbs about orders take and answer: inputs, successes, problems, and the unions of both."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.deliveries import DeliveryState
from api.schema.shared.orders import LiableParty, OrderStage
from api.schema.shared.places import Address
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from api.schema.support.cases import CaseAlreadyClosedProblem
from api.schema.support.deliveries import SupportDelivery
from api.schema.support.orders import SupportOrder, SupportPurchase
from services.cases.operations import Revealed
from services.cases.rules import Contact
from services.dispatch.errors import DeliveryCannotMove
from services.orders.errors import OrderCannotMove

strawberry.enum(Contact, name="ContactKind", description="What of a consumer is masked until it is asked for.")


@strawberry.input(description="See what is masked of a consumer; who, what and why are written down for good.")
class RevealContactInput:
    purchase_id: strawberry.ID
    what: Contact
    reason: str
    case_id: strawberry.ID | None = None


@strawberry.input(description="Call an order off for its consumer.")
class CancelOrderForConsumerInput:
    order_id: strawberry.ID
    reason: str
    liable_party: LiableParty = strawberry.field(description="Who bears the cost.")
    case_id: strawberry.ID | None = None


@strawberry.input(description="Take a delivery from its courier before the first pick-up.")
class ReleaseCourierInput:
    delivery_id: strawberry.ID
    reason: str
    case_id: strawberry.ID | None = None
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")


@strawberry.type(description="What was masked; the app forgets it when it expires.")
class RevealContactSuccess:
    what: Contact
    phone: str | None
    address: Address | None
    expires_at: datetime

    @classmethod
    def of(cls, shown: Revealed) -> Self:
        address = Address.of(shown.address) if shown.address else None
        return cls(what=shown.what, phone=shown.phone, address=address, expires_at=shown.expires_at)


@strawberry.type(description="The order is called off, and its money goes back.")
class CancelOrderForConsumerSuccess:
    order: SupportOrder
    purchase: SupportPurchase


@strawberry.type(description="The courier is released, and another is sought.")
class ReleaseCourierSuccess:
    delivery: SupportDelivery


@strawberry.type(description="The order's present stage does not allow it.")
class SupportOrderCannotMoveProblem(Problem):
    stage: OrderStage

    @classmethod
    def of(cls, refusal: OrderCannotMove) -> Self:
        return cls(message=str(refusal), stage=refusal.stage)


@strawberry.type(description="The delivery's present state does not allow it: nobody rides yet, or goods are on board.")
class CourierNotReleasableProblem(Problem):
    state: DeliveryState

    @classmethod
    def of(cls, refusal: DeliveryCannotMove) -> Self:
        return cls(message=str(refusal), state=refusal.state)


RevealContactResult = Annotated[
    RevealContactSuccess | CaseAlreadyClosedProblem,
    strawberry.union("RevealContactResult", description="What came of asking for what is masked."),
]
CancelOrderForConsumerResult = Annotated[
    CancelOrderForConsumerSuccess | SupportOrderCannotMoveProblem | CaseAlreadyClosedProblem,
    strawberry.union("CancelOrderForConsumerResult", description="What came of calling an order off."),
]
ReleaseCourierResult = Annotated[
    ReleaseCourierSuccess
    | CourierNotReleasableProblem
    | CaseAlreadyClosedProblem
    | KeyReusedProblem
    | OperationInProgressProblem,
    strawberry.union("ReleaseCourierResult", description="What came of releasing a courier."),
]
