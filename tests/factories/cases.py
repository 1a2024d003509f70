"""Support for tests: cases, a purchase with a courier, and a picture of all that support could change."""

from collections.abc import Sequence
from itertools import count
from uuid import UUID

from services.cases.operations import open_case
from services.cases.queries import SupportCase
from services.cases.rules import CaseReason
from services.dispatch.operations import accept_job, offer_jobs, plan_purchase, record_positions, start_searches, start_shift
from services.dispatch.queries import Delivery, work_of
from services.dispatch.rules import Point, Vehicle
from services.kernel import clock
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.database import rows
from services.orders.queries import Order, Purchase
from services.orders.rules import OrderStage
from tests.factories import orders as order_factory
from tests.factories.identity import make_agent, make_consumer, make_courier
from tests.factories.orders import make_purchase
from tests.factories.stores import RAILWAY_SQUARE

PHONE = "+358401234567"
LEVELS: Sequence[SupportLevel] = (SupportLevel.L1, SupportLevel.L2, SupportLevel.FINANCE)
_keys = count(1)


async def make_called_about(*stages: OrderStage, phone: str | None = PHONE) -> Purchase:
    """A purchase of Aino Virtanen, who has a phone; what a store accepted is due now."""
    return await make_purchase(*stages, consumer=await make_consumer("Aino Virtanen", phone=phone), ready_at=clock.now())


async def make_case(about: Purchase | Order, agent: SupportAgent | None = None, *, note: str = "She called.") -> SupportCase:
    """An open case about a purchase, or about one order of it."""
    purchase_id, order_id = (about.purchase_id, about.id) if isinstance(about, Order) else (about.id, None)
    opener = agent or await make_agent()
    return await open_case(opener, purchase_id, order_id, CaseReason.LATE, note, key=f"case-{next(_keys)}")


async def make_delivery(purchase: Purchase, name: str = "Mika Salo") -> tuple[Courier, Delivery]:
    """The delivery of a purchase whose stores have answered, accepted by a courier who stood beside the first store."""
    courier = await make_courier(name, phone=f"+35850765432{next(_keys)}"[:15])
    await start_shift(courier, Vehicle.BICYCLE)
    await record_positions(courier, [Point(*RAILWAY_SQUARE, 5.0, clock.now())])
    await plan_purchase(purchase.id)
    await start_searches()
    await offer_jobs()
    offer = (await work_of(courier)).offer
    assert offer is not None
    return courier, await accept_job(courier, offer.id)


async def picture() -> list[str]:
    """All that support could change, as text: equal before and after means that nothing changed."""
    return [*await order_factory.picture(), *[record[0] for record in await rows(_PICTURE)]]


_PICTURE = """
SELECT c::text FROM support_cases c UNION ALL SELECT a::text FROM case_actions a UNION ALL SELECT l::text FROM audit_log l
UNION ALL SELECT d::text FROM deliveries d UNION ALL SELECT s::text FROM stops s UNION ALL SELECT o::text FROM job_offers o
UNION ALL SELECT r::text FROM refunds r UNION ALL SELECT k::text FROM idempotency_keys k ORDER BY 1
"""


async def looks_of(agent: SupportAgent) -> list[tuple[str, str, UUID | None, str | None]]:
    """What the log says of an agent: action, subject, whom about, why."""
    found = await rows(
        "SELECT action, subject, about_id, reason FROM audit_log WHERE person_id = $1 ORDER BY sequence", agent.person_id
    )
    return [(record["action"], record["subject"], record["about_id"], record["reason"]) for record in found]
