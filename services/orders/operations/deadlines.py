"""Sweeping: what a deadline in the database asks for is done once, whichever worker comes first and whoever restarts."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from services.kernel import clock
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders.overdue import Overdue, claim_overdue
from services.orders.rules import TIMER

AT_MOST = 500
_log = structlog.get_logger(__name__)


async def sweep(what: Overdue, job: Callable[[UnitOfWork, UUID], Awaitable[int]]) -> int:
    """Run `job` for each purchase that is overdue, one transaction each; answers the sum of what the jobs touched.

    A purchase that another worker holds is left to it; one whose job fails does not stand in the others' way.
    """
    touched, seen = 0, list[UUID]()
    while len(seen) < AT_MOST:
        claimed: UUID | None = None
        try:
            async with unit_of_work(TIMER) as work:
                claimed = await claim_overdue(what, clock.now(), seen)
                if claimed is None:
                    break
                seen.append(claimed)
                touched += await job(work, claimed)
        except Exception as failure:
            if claimed is None:
                raise
            _log.exception("sweep_failed", what=what.name, purchase_id=str(claimed), error=type(failure).__name__)
    return touched
