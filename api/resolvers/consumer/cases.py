"""Help: what a consumer can ask of support."""

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.cases import AskForHelpInput, AskForHelpResult, AskForHelpSuccess, HelpCase
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from services.cases import operations, queries
from services.kernel.paging import PageRequest


@strawberry.type
class CaseQueries:
    @strawberry.field(description="What the consumer asked support about, newest first.")
    async def help_cases(self, info: ConsumerInfo, first: int = 20, after: str | None = None) -> Connection[HelpCase]:
        page = await queries.cases_of_consumer(info.context.actor, PageRequest(first, after))
        return Connection.of(page, HelpCase.of, after=after)


@strawberry.type
class CaseMutations:
    @strawberry.mutation(description="Tell support that something about an order is wrong.")
    async def ask_for_help(self, info: ConsumerInfo, input: AskForHelpInput) -> AskForHelpResult:
        actor, order_id = info.context.actor, read_opaque("Order", input.order_id, "orderId")
        case = await operations.ask_for_help(actor, order_id, input.reason, input.message, key=input.key)
        return AskForHelpSuccess(case=HelpCase.of(case))
