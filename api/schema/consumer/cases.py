"""Asking support for help, as the consumer sees it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.cases import CaseReason, CaseState
from api.schema.shared.ids import opaque
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem
from services.cases.queries import SupportCase as CaseFacts


@strawberry.type(description="Something that the consumer asked support about.")
class HelpCase:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as C-7K4M2X.")
    reason: CaseReason
    state: CaseState
    purchase_id: strawberry.ID
    order_id: strawberry.ID | None
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, case: CaseFacts) -> Self:
        return cls(
            id=opaque("HelpCase", case.id),
            number=case.number,
            reason=case.reason,
            state=case.state,
            purchase_id=opaque("Purchase", case.purchase_id),
            order_id=opaque("Order", case.order_id) if case.order_id else None,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
        )


@strawberry.input(description="Tell support that something about an order is wrong.")
class AskForHelpInput:
    order_id: strawberry.ID
    reason: CaseReason
    message: str
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")


@strawberry.type(description="Support looks into it.")
class AskForHelpSuccess:
    case: HelpCase


AskForHelpResult = Annotated[
    AskForHelpSuccess | KeyReusedProblem | OperationInProgressProblem,
    strawberry.union("AskForHelpResult", description="What came of asking for help."),
]
