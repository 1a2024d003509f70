"""Cases: what agents can do about them."""

import strawberry

from api.context import SupportInfo
from api.schema.shared.ids import read_opaque, read_optional
from api.schema.shared.paging import Connection
from api.schema.support.cases import (
    CloseCaseInput,
    CloseCaseResult,
    CloseCaseSuccess,
    NoteOnCaseInput,
    NoteOnCaseResult,
    NoteOnCaseSuccess,
    OpenCaseInput,
    OpenCaseResult,
    OpenCaseSuccess,
    SupportCase,
)
from services.cases import operations, queries
from services.kernel.paging import PageRequest


@strawberry.type
class CaseQueries:
    @strawberry.field(description="The open cases, the longest waiting first.")
    async def support_case_queue(self, info: SupportInfo, first: int = 20, after: str | None = None) -> Connection[SupportCase]:
        page = await queries.case_queue(info.context.actor, PageRequest(first, after))
        return Connection.of(page, SupportCase.of, after=after)


@strawberry.type
class CaseMutations:
    @strawberry.mutation(description="Begin to look into a purchase, or one of its orders.")
    async def open_case(self, info: SupportInfo, input: OpenCaseInput) -> OpenCaseResult:
        actor, purchase_id = info.context.actor, read_opaque("SupportPurchase", input.purchase_id, "purchaseId")
        order_id = read_optional("SupportOrder", input.order_id, "orderId")
        case = await operations.open_case(actor, purchase_id, order_id, input.reason, input.note, key=input.key)
        return OpenCaseSuccess(case=SupportCase.of(case))

    @strawberry.mutation(description="Write something into an open case.")
    async def note_on_case(self, info: SupportInfo, input: NoteOnCaseInput) -> NoteOnCaseResult:
        actor, case_id = info.context.actor, read_opaque("SupportCase", input.case_id, "caseId")
        return NoteOnCaseSuccess(case=SupportCase.of(await operations.note_on_case(actor, case_id, input.text, key=input.key)))

    @strawberry.mutation(description="Say what came of a case and let it rest.")
    async def close_case(self, info: SupportInfo, input: CloseCaseInput) -> CloseCaseResult:
        actor, case_id = info.context.actor, read_opaque("SupportCase", input.case_id, "caseId")
        return CloseCaseSuccess(case=SupportCase.of(await operations.close_case(actor, case_id, input.outcome)))
