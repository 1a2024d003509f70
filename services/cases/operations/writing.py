"""Writing a case down: its row, what was said and done about it, and the number it is called by."""

from typing import Any
from uuid import UUID

from services.cases.errors import CaseAlreadyClosed
from services.cases.events import CaseOpened
from services.cases.models import CaseActionRow, SupportCaseRow
from services.cases.queries import SupportCase, support_case
from services.cases.rules import ActionKind, CaseReason, CaseState
from services.kernel.actors import Actor
from services.kernel.clock import now
from services.kernel.database import row
from services.kernel.errors import NotFound
from services.kernel.ids import new_id, spoken_number
from services.kernel.unit_of_work import UnitOfWork
from services.orders.queries import Purchase


async def case_for(purchase_id: UUID, case_id: UUID | None) -> SupportCase | None:
    """The open case that something is done for, if one is named. Raises NotFound for another purchase's, CaseAlreadyClosed."""
    if case_id is None:
        return None
    case = await support_case(case_id)
    if case.purchase_id != purchase_id:
        raise NotFound("There is no such case.")
    check_open(case)
    return case


def check_open(case: SupportCase) -> None:
    """Raises CaseAlreadyClosed."""
    if case.state is CaseState.CLOSED:
        raise CaseAlreadyClosed(case.id, case.closed_at)


async def write_case(work: UnitOfWork, purchase: Purchase, order_id: UUID | None, reason: CaseReason, text: str) -> SupportCase:
    """A new case of whoever acts in this work, with its first words and its event."""
    writer = work.actor
    counted = await row("SELECT nextval('case_numbers') AS number")
    assert counted is not None  # noqa: S101 - a sequence always answers
    written = await SupportCaseRow.create(
        id=new_id(),
        number=spoken_number("C", counted["number"]),
        purchase_id=purchase.id,
        order_id=order_id,
        reason=reason,
        state=CaseState.OPEN,
        opened_as=writer.kind,
        opened_by=writer.person_id,
        opened_at=now(),
    )
    case = await support_case(written.id)
    await write_action(case, ActionKind.OPENED, text, writer)
    await work.record(CaseOpened(**facts(case), case_reason=reason))
    return case


async def write_action(case: SupportCase, kind: ActionKind, text: str, writer: Actor) -> None:
    """One thing said or done about the case."""
    await CaseActionRow.create(
        id=new_id(), case_id=case.id, kind=kind, text=text, actor_as=writer.kind, actor_id=writer.person_id, at=now()
    )


def facts(case: SupportCase) -> dict[str, Any]:
    """What every event of the case says."""
    return {"case_id": case.id, "case_number": case.number, "purchase_id": case.purchase_id, "order_id": case.order_id}
