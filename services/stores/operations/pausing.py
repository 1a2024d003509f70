"""A store rests or is busy: paused by hand or for unanswered orders, slower for a while; all of it ends by itself."""

from datetime import datetime
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from services.stores import rules
from services.stores.errors import BusyNotAllowed, PauseNotAllowed
from services.stores.events import StoreBusy, StoreNotBusy, StorePaused, StoreResumed
from services.stores.models import PauseReason, Store
from services.stores.operations.changing import change, must_be_allowed
from services.stores.queries import StoreCard, lock_store, store
from services.stores.rules.taking import PauseLength


async def pause_store(staff: StoreStaff, until: datetime | None = None, *, length: PauseLength | None = None) -> StoreCard:
    """No new orders until then, or for so long; pausing again moves the end. Raises PauseNotAllowed, BadInput, Forbidden."""
    must_be_allowed(staff, "pause_store")
    until = rules.pause_end(length, clock.now()) if length else until
    if until is None:
        raise BadInput("Say until when, or how long.", field="until")
    if not rules.pause_allowed(until, clock.now()):
        raise PauseNotAllowed(until, clock.now() + rules.LONGEST_PAUSE)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if card.paused_until == until and card.pause_reason == PauseReason.BY_STAFF:
            return card
        await change(card.id, paused_until=until, pause_reason=PauseReason.BY_STAFF)
        await work.record(StorePaused(store_id=card.id, until=until, pause_reason=PauseReason.BY_STAFF.value))
        return await store(card.id)


async def resume_store(staff: StoreStaff) -> StoreCard:
    """The store takes orders again before its pause ends, whoever paused it; a store that is not paused stays as it is."""
    must_be_allowed(staff, "resume_store")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if not rules.is_paused(card, clock.now()):
            return card
        await change(card.id, paused_until=None, pause_reason=None, expiries_in_row=0)
        await work.record(StoreResumed(store_id=card.id, paused_until=card.paused_until or clock.now()))
        return await store(card.id)


async def start_busy(staff: StoreStaff, extra_minutes: int, until: datetime) -> StoreCard:
    """Every order takes so many minutes more until then; saying it again moves both. Raises BusyNotAllowed, Forbidden."""
    must_be_allowed(staff, "be_busy")
    if not rules.busy_allowed(extra_minutes, until, clock.now()):
        raise BusyNotAllowed(rules.MOST_BUSY_MINUTES, clock.now() + rules.LONGEST_BUSY)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if (card.busy_minutes, card.busy_until) == (extra_minutes, until):
            return card
        await change(card.id, busy_minutes=extra_minutes, busy_until=until)
        await work.record(StoreBusy(store_id=card.id, extra_minutes=extra_minutes, until=until))
        return await store(card.id)


async def end_busy(staff: StoreStaff) -> StoreCard:
    """The store needs no more time than usual, before its busy time ends; one that is not busy stays as it is."""
    must_be_allowed(staff, "be_busy")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if not rules.is_busy(card, clock.now()):
            return card
        await change(card.id, busy_minutes=0, busy_until=None)
        await work.record(StoreNotBusy(store_id=card.id, busy_until=card.busy_until or clock.now()))
        return await store(card.id)


async def count_expiry(store_id: UUID) -> None:
    """The store left one more order unanswered; as many in a row as the settings allow pause it until its next opening."""
    async with unit_of_work() as work:
        card = await lock_store(store_id)
        count = card.expiries_in_row + 1
        if count < settings().limits.expiries_before_pause:
            await Store.filter(id=store_id).update(expiries_in_row=count)
            return
        at = clock.now()
        until = max(rules.pause_end_after_expiries(card, at), card.paused_until or at)
        await change(store_id, expiries_in_row=0, paused_until=until, pause_reason=PauseReason.UNANSWERED_ORDERS)
        await work.record(StorePaused(store_id=store_id, until=until, pause_reason=PauseReason.UNANSWERED_ORDERS.value))


async def forget_expiries(store_id: UUID) -> None:
    """The store answered: the count of unanswered orders begins anew."""
    await Store.filter(id=store_id, expiries_in_row__gt=0).update(expiries_in_row=0)
