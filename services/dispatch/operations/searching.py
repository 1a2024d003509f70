"""Searching: deliveries due look for a courier, one is asked at a time, and an offer that nobody answers ends on time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import structlog

from services.dispatch.events import DeliveryFailed, DeliverySearching, JobOffered, JobOfferEnded, ShiftEnded
from services.dispatch.operations.moves import facts, move, next_stop
from services.dispatch.operations.planning import end_offer
from services.dispatch.queries import (
    Candidate,
    Delivery,
    JobOffer,
    Stop,
    live_offer_of_delivery,
    lock_courier,
    lock_delivery_if_free,
    nearest_free_couriers,
    stops_of,
)
from services.dispatch.rules import WITH_COURIER, DeliveryState, OfferState, Who, search_is_over
from services.kernel.actors import System
from services.kernel.clock import now
from services.kernel.database import Row, row, rows, run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.settings import settings

AT_A_TIME = 50
_log = structlog.get_logger(__name__)
_DISPATCH = System("dispatch")


async def start_searches() -> int:
    """Timer: deliveries whose time has come begin to look for a courier; answers how many."""
    due = await rows(
        "SELECT id FROM deliveries WHERE state = 'PLANNED' AND search_from <= $1 ORDER BY search_from LIMIT $2", now(), AT_A_TIME
    )
    return await _each(due, _start)


async def _start(work: UnitOfWork, delivery_id: UUID) -> bool:
    delivery, stops = await _held(delivery_id)
    if delivery is None or delivery.state is not DeliveryState.PLANNED or delivery.search_from is None:
        return False
    event = DeliverySearching(**facts(delivery, stops))
    await move(work, delivery, DeliveryState.SEARCHING, event, Who.HOUSE, searching_since=now())
    return True


async def offer_jobs() -> int:
    """Timer: each delivery that searches is offered to the nearest free courier not asked before; answers how many."""
    # All of them, however many: those that find nobody must not stand before those that would.
    due = await rows("SELECT id FROM deliveries WHERE state = 'SEARCHING' ORDER BY searching_since, id")
    return await _each(due, _offer)


async def _offer(work: UnitOfWork, delivery_id: UUID) -> bool:
    delivery, stops = await _held(delivery_id)
    if delivery is None or delivery.state is not DeliveryState.SEARCHING:
        return False
    if search_is_over(now() - (delivery.searching_since or now()), settings().limits):
        await move(work, delivery, DeliveryState.FAILED, DeliveryFailed(**facts(delivery, stops)), Who.HOUSE, finished_at=now())
        return False
    first = next_stop(stops)
    for candidate in await nearest_free_couriers(delivery, first) if first else ():
        if await _offer_to(work, delivery, stops, candidate):
            return True
    return False


async def _offer_to(work: UnitOfWork, delivery: Delivery, stops: list[Stop], candidate: Candidate) -> bool:
    # Held and looked at again: meanwhile they may have ended their shift or taken another delivery.
    if not await lock_courier(candidate.courier_id):
        return False
    offered_at = now()
    expires_at = offered_at + timedelta(seconds=settings().limits.offer_lasts)
    # The partial unique indexes let one offer live per courier and per delivery, whoever tries at the same moment.
    made = await row(
        "INSERT INTO job_offers (id, delivery_id, courier_id, state, distance_m, offered_at, expires_at)"
        " SELECT $1, $2, $3, 'LIVE', $4, $5, $6"
        " WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.courier_id = $3 AND d.state = ANY($7))"
        " ON CONFLICT DO NOTHING RETURNING id",
        new_id(),
        delivery.id,
        candidate.courier_id,
        candidate.distance_m,
        offered_at,
        expires_at,
        sorted(WITH_COURIER),
    )
    if made is None:
        return False
    told = facts(delivery, stops) | {"courier_id": candidate.courier_id}
    await move(work, delivery, DeliveryState.OFFERED, JobOffered(**told, offer_id=made["id"], expires_at=expires_at), Who.HOUSE)
    return True


async def expire_offers() -> int:
    """Timer: offers beyond their time end; the delivery searches on, and a courier's third miss in a row ends their shift."""
    due = await rows(
        "SELECT delivery_id AS id FROM job_offers WHERE state = 'LIVE' AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        now(),
        AT_A_TIME,
    )
    return await _each(due, _expire)


async def _expire(work: UnitOfWork, delivery_id: UUID) -> bool:
    delivery, stops = await _held(delivery_id)
    offer = await live_offer_of_delivery(delivery_id)
    if delivery is None or offer is None or offer.expires_at > now():
        return False
    # The courier is held before the purchase's stream, as by everybody who gives them work.
    await lock_courier(offer.courier_id)
    await search_on(work, delivery, stops, offer, OfferState.TIMED_OUT)
    await _count_miss(work, offer.courier_id)
    return True


async def search_on(
    work: UnitOfWork,
    delivery: Delivery,
    stops: list[Stop],
    offer: JobOffer,
    outcome: OfferState,
    *,
    reason: str | None = None,
) -> None:
    """An offer ended without a yes: its row closes and the delivery looks for the next courier."""
    await end_offer(offer.id, outcome, reason=reason)
    told = facts(delivery, stops) | {"courier_id": offer.courier_id}
    by = Who.COURIER if outcome is OfferState.DECLINED else Who.HOUSE
    await move(work, delivery, DeliveryState.SEARCHING, JobOfferEnded(**told, offer_id=offer.id, outcome=outcome), by)


async def _count_miss(work: UnitOfWork, courier_id: UUID) -> None:
    missed = await row(
        "UPDATE couriers SET misses_in_row = misses_in_row + 1 WHERE person_id = $1 RETURNING misses_in_row, state", courier_id
    )
    if missed and missed["state"] == "ONLINE" and missed["misses_in_row"] >= settings().limits.misses_before_offline:
        await close_shift(work, courier_id, by="house")


async def close_shift(work: UnitOfWork, courier_id: UUID, *, by: str) -> None:
    """The courier is offline from now on."""
    await run("UPDATE couriers SET state = 'OFFLINE', misses_in_row = 0 WHERE person_id = $1", courier_id)
    await run("UPDATE shifts SET ended_at = $2 WHERE courier_id = $1 AND ended_at IS NULL", courier_id, now())
    await work.record(ShiftEnded(courier_id=courier_id, by=by))


async def _held(delivery_id: UUID) -> tuple[Delivery | None, list[Stop]]:
    """The delivery held, unless another worker holds it at this moment; with its stops."""
    delivery = await lock_delivery_if_free(delivery_id)
    return delivery, (await stops_of([delivery_id]))[delivery_id] if delivery else []


async def _each(due: list[Row], job: Callable[[UnitOfWork, UUID], Awaitable[bool]]) -> int:
    """Run the job for each in a unit of work of its own, so that one that fails holds up no other."""
    done = 0
    for record in due:
        try:
            async with unit_of_work(_DISPATCH) as work:
                done += await job(work, record["id"])
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with this one, the next ones have their turn
            _log.error("dispatch_failed", delivery=str(record["id"]), error=type(failure).__name__, detail=str(failure)[:200])
    return done
