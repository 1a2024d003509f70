"""Working on cases: opened by agents, consumers and the house, noted on, closed."""

from uuid import UUID

from services.cases.events import CaseClosed, CaseNoted
from services.cases.models import SupportCaseRow
from services.cases.operations.writing import check_open, facts, write_action, write_case
from services.cases.queries import SupportCase, lock_case, support_case
from services.cases.rules import LONGEST_TEXT, ActionKind, CaseReason, CaseState, Power, check_power, checked_text
from services.kernel import idempotency
from services.kernel.actors import Consumer, SupportAgent, System
from services.kernel.clock import now
from services.kernel.database import row
from services.kernel.errors import BadInput, NotFound
from services.kernel.unit_of_work import unit_of_work
from services.orders.queries import Purchase, any_purchase, order, purchase_of_order

HOUSE = System("support alarm")


async def open_case(
    agent: SupportAgent, purchase_id: UUID, order_id: UUID | None, reason: CaseReason, note: str, *, key: str
) -> SupportCase:
    """Begin to look into a purchase, or one of its orders; again with the same key answers the same case.

    Raises Forbidden, NotFound (also for an order of another purchase), BadInput, KeyReusedWithOtherInput, OperationInProgress.
    """
    check_power(agent.level, Power.WORK_ON_CASES)
    words = checked_text(note, "note", LONGEST_TEXT)
    found = await any_purchase(purchase_id)
    if order_id and (await order(order_id)).purchase_id != purchase_id:
        raise NotFound("There is no such order.")
    return await _open_once(agent, found, order_id, reason, words, key=key)


async def ask_for_help(consumer: Consumer, order_id: UUID, reason: CaseReason, message: str, *, key: str) -> SupportCase:
    """Tell support that something about the consumer's own order is wrong; again with the same key answers the same case.

    Raises NotFound, BadInput, KeyReusedWithOtherInput, OperationInProgress.
    """
    words = checked_text(message, "message", LONGEST_TEXT)
    if reason is CaseReason.NO_COURIER_FOUND:
        raise BadInput("Only the house says this.", field="reason")
    own = await purchase_of_order(consumer, order_id)
    return await _open_once(consumer, own, order_id, reason, words, key=key)


async def _open_once(
    writer: Consumer | SupportAgent, about: Purchase, order_id: UUID | None, reason: CaseReason, words: str, *, key: str
) -> SupportCase:
    asked = {"purchase": about.id, "order": order_id, "reason": reason, "text": words}
    async with unit_of_work(writer) as work:
        earlier = await idempotency.once(writer, "open_case", key, asked)
        if earlier:
            return await support_case(UUID(earlier.result["case_id"]))
        case = await write_case(work, about, order_id, reason, words)
        await idempotency.keep(writer, "open_case", key, {"case_id": case.id})
        return case


async def open_case_of_house(purchase_id: UUID, order_id: UUID | None, reason: CaseReason, words: str) -> SupportCase | None:
    """Let support look into what the house cannot mend; None where an open case about the same waits already."""
    async with unit_of_work(HOUSE) as work:
        about = await any_purchase(purchase_id)
        waiting = await row(
            "SELECT id FROM support_cases WHERE purchase_id = $1 AND reason = $2 AND state = 'OPEN' AND opened_as = 'system'",
            purchase_id,
            reason,
        )
        return None if waiting else await write_case(work, about, order_id, reason, words)


async def note_on_case(agent: SupportAgent, case_id: UUID, text: str, *, key: str) -> SupportCase:
    """Write something into an open case, once for each key.

    Raises Forbidden, NotFound, BadInput, CaseAlreadyClosed, KeyReusedWithOtherInput, OperationInProgress.
    """
    check_power(agent.level, Power.WORK_ON_CASES)
    words = checked_text(text, "text", LONGEST_TEXT)
    async with unit_of_work(agent) as work:
        earlier = await idempotency.once(agent, "note_on_case", key, {"case": case_id, "text": words})
        case = await lock_case(case_id)
        if earlier:
            return case
        check_open(case)
        await write_action(case, ActionKind.NOTED, words, agent)
        await work.record(CaseNoted(**facts(case)))
        await idempotency.keep(agent, "note_on_case", key, {"case_id": case_id})
        return case


async def close_case(agent: SupportAgent, case_id: UUID, outcome: str) -> SupportCase:
    """Say what came of it and let it rest; closing a closed case changes nothing. Raises Forbidden, NotFound, BadInput."""
    check_power(agent.level, Power.WORK_ON_CASES)
    words = checked_text(outcome, "outcome", LONGEST_TEXT)
    async with unit_of_work(agent) as work:
        case = await lock_case(case_id)
        if case.state is CaseState.CLOSED:
            return case
        await SupportCaseRow.filter(id=case_id, state=CaseState.OPEN).update(state=CaseState.CLOSED, closed_at=now())
        await write_action(case, ActionKind.CLOSED, words, agent)
        await work.record(CaseClosed(**facts(case)))
        return await support_case(case_id)
