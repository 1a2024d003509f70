"""Support cases as agents see them: what was said and done, and what the verbs of cases take and answer."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.cases import CaseReason, CaseState
from api.schema.shared.ids import opaque
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from api.schema.support.people import ActedAs, SupportActor, actors_of
from services.cases import errors, queries
from services.cases.queries import CaseAction as ActionFacts
from services.cases.queries import SupportCase as CaseFacts
from services.cases.rules import ActionKind

strawberry.enum(ActionKind, name="CaseActionKind", description="What was done about a case.")


@strawberry.type(description="One thing said or done about a case.")
class SupportCaseAction:
    kind: ActionKind
    text: str
    at: datetime
    acted_as: strawberry.Private[ActedAs]
    by: strawberry.Private[UUID | None]
    actor: SupportActor = batch(actors_of, description="Who did it.")

    @classmethod
    def of(cls, action: ActionFacts) -> Self:
        return cls(kind=action.kind, text=action.text, at=action.at, acted_as=ActedAs(action.actor_as), by=action.actor_id)


async def actions_of(cases: "list[SupportCase]") -> list[list[SupportCaseAction]]:
    """What was said and done about these cases, in one statement."""
    found = await queries.actions_of_cases([case.facts.id for case in cases])
    return [[SupportCaseAction.of(action) for action in found[case.facts.id]] for case in cases]


@strawberry.type(description="Something about a purchase that support looks into.")
class SupportCase:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as C-7K4M2X.")
    reason: CaseReason
    state: CaseState
    purchase_id: strawberry.ID
    purchase_number: str
    order_id: strawberry.ID | None = strawberry.field(description="Null where it is about the purchase as a whole.")
    opened_at: datetime
    closed_at: datetime | None
    facts: strawberry.Private[CaseFacts]
    acted_as: strawberry.Private[ActedAs]
    by: strawberry.Private[UUID | None]
    opened_by: SupportActor = batch(actors_of, description="Who opened it.")
    actions: list[SupportCaseAction] = batch(actions_of, description="What was said and done, oldest first.")

    @classmethod
    def of(cls, case: CaseFacts) -> Self:
        return cls(
            id=opaque("SupportCase", case.id),
            number=case.number,
            reason=case.reason,
            state=case.state,
            purchase_id=opaque("SupportPurchase", case.purchase_id),
            purchase_number=case.purchase_number,
            order_id=opaque("SupportOrder", case.order_id) if case.order_id else None,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            facts=case,
            acted_as=ActedAs(case.opened_as),
            by=case.opened_by,
        )


@strawberry.input(description="Begin to look into a purchase, or one of its orders.")
class OpenCaseInput:
    purchase_id: strawberry.ID
    order_id: strawberry.ID | None = None
    reason: CaseReason
    note: str
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")


@strawberry.input(description="Write something into an open case.")
class NoteOnCaseInput:
    case_id: strawberry.ID
    text: str
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")


@strawberry.input(description="Let a case rest.")
class CloseCaseInput:
    case_id: strawberry.ID
    outcome: str = strawberry.field(description="What came of it.")


@strawberry.type(description="The case is open.")
class OpenCaseSuccess:
    case: SupportCase


@strawberry.type(description="It is written down.")
class NoteOnCaseSuccess:
    case: SupportCase


@strawberry.type(description="The case rests.")
class CloseCaseSuccess:
    case: SupportCase


@strawberry.type(description="Nothing more is done for a closed case.")
class CaseAlreadyClosedProblem(Problem):
    closed_at: datetime | None

    @classmethod
    def of(cls, refusal: errors.CaseAlreadyClosed) -> Self:
        return cls(message=str(refusal), closed_at=refusal.closed_at)


OpenCaseResult = Annotated[
    OpenCaseSuccess | KeyReusedProblem | OperationInProgressProblem,
    strawberry.union("OpenCaseResult", description="What came of opening a case."),
]
NoteOnCaseResult = Annotated[
    NoteOnCaseSuccess | CaseAlreadyClosedProblem | KeyReusedProblem | OperationInProgressProblem,
    strawberry.union("NoteOnCaseResult", description="What came of writing into a case."),
]
CloseCaseResult = Annotated[CloseCaseSuccess, strawberry.union("CloseCaseResult", description="What came of closing a case.")]
