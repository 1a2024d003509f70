"""What can be done with a store: open it, change its hours, pause and resume it, and pause it when it does not answer."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from services.kernel import clock
from services.kernel.actors import StoreStaff, System
from services.kernel.errors import BadInput, Forbidden
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.settings import settings
from services.stores import rules
from services.stores.errors import HoursNotReadable, PauseNotAllowed
from services.stores.events import StoreHoursChanged, StoreOpened, StorePaused, StoreResumed
from services.stores.models import Partner, PauseReason, Store, StoreKind, StoreState
from services.stores.queries import StoreCard, lock_store, store


@dataclass(frozen=True, kw_only=True)
class StoreDescription:
    """What a store is, as its partner tells it."""

    partner_id: UUID
    kind: StoreKind
    name: str
    category: str
    latitude: float
    longitude: float
    street: str
    housenumber: str
    postcode: str
    city: str
    country: str
    time_zone: str
    currency: str
    opening_hours: str
    cuisines: tuple[str, ...] = ()
    hours_assumed: bool = False
    preparation_minutes: int = 20
    delivery_radius_m: int = 5_000
    minimum_basket: int = 0
    prices_include_tax: bool = True
    auto_accept: bool = False
    source_ref: str | None = None


async def register_partner(actor: System, *, legal_name: str, commission_bps: int, source_ref: str | None = None) -> UUID:
    """A new partner's id; the same `source_ref` again answers the partner that is there, unchanged."""
    async with unit_of_work(actor):
        earlier = await Partner.get_or_none(source_ref=source_ref) if source_ref else None
        if earlier is not None:
            return earlier.id
        partner = await Partner.create(
            id=new_id(), source_ref=source_ref, legal_name=legal_name, commission_bps=commission_bps, created_at=clock.now()
        )
        return partner.id


async def open_store(actor: System | StoreStaff, description: StoreDescription) -> StoreCard:
    """A new store, live at once; the same `source_ref` again answers the store that is there, unchanged.

    Raises HoursNotReadable, BadInput.
    """
    _check_hours(description.opening_hours, description.time_zone, description.country)
    if not description.name.strip() or not (-90 <= description.latitude <= 90 and -180 <= description.longitude <= 180):  # noqa: PLR2004
        raise BadInput("A store has a name and stands on the earth.")
    async with unit_of_work(actor) as work:
        if description.source_ref and (earlier := await Store.get_or_none(source_ref=description.source_ref)):
            return await store(earlier.id)
        store_id = new_id()
        facts = asdict(description) | {"cuisines": list(description.cuisines)}
        slug = rules.slug_of(description.name, store_id.hex[-8:])
        await Store.create(id=store_id, slug=slug, state=StoreState.LIVE, created_at=clock.now(), **facts)
        await work.record(StoreOpened(store_id=store_id, partner_id=description.partner_id, name=description.name))
        return await store(store_id)


async def change_hours(staff: StoreStaff, opening_hours: str) -> StoreCard:
    """The store keeps these hours from now on; the same hours again change nothing. Raises HoursNotReadable, Forbidden."""
    _must_be_allowed(staff, "change_hours")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        _check_hours(opening_hours, card.time_zone, card.country)
        if card.opening_hours == opening_hours and not card.hours_assumed:
            return card
        await _change(card.id, opening_hours=opening_hours, hours_assumed=False)
        await work.record(StoreHoursChanged(store_id=card.id, opening_hours=opening_hours, before=card.opening_hours))
        return await store(card.id)


async def pause_store(staff: StoreStaff, until: datetime) -> StoreCard:
    """No new orders until then; pausing again moves the end. Raises PauseNotAllowed, Forbidden."""
    _must_be_allowed(staff, "pause_store")
    if not rules.pause_allowed(until, clock.now()):
        raise PauseNotAllowed(until, clock.now() + rules.LONGEST_PAUSE)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if card.paused_until == until and card.pause_reason == PauseReason.BY_STAFF:
            return card
        await _change(card.id, paused_until=until, pause_reason=PauseReason.BY_STAFF)
        await work.record(StorePaused(store_id=card.id, until=until, pause_reason=PauseReason.BY_STAFF.value))
        return await store(card.id)


async def resume_store(staff: StoreStaff) -> StoreCard:
    """The store takes orders again before its pause ends, whoever paused it; a store that is not paused stays as it is."""
    _must_be_allowed(staff, "resume_store")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if not rules.is_paused(card, clock.now()):
            return card
        await _change(card.id, paused_until=None, pause_reason=None, expiries_in_row=0)
        await work.record(StoreResumed(store_id=card.id, paused_until=card.paused_until or clock.now()))
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
        await _change(store_id, expiries_in_row=0, paused_until=until, pause_reason=PauseReason.UNANSWERED_ORDERS)
        await work.record(StorePaused(store_id=store_id, until=until, pause_reason=PauseReason.UNANSWERED_ORDERS.value))


async def forget_expiries(store_id: UUID) -> None:
    """The store answered: the count of unanswered orders begins anew."""
    await Store.filter(id=store_id, expiries_in_row__gt=0).update(expiries_in_row=0)


async def raise_version(work: UnitOfWork, store_ids: list[UUID]) -> None:
    """Tell readers that what these stores show has changed; part of the work that changed it, the stores locked before."""
    await Store.filter(id__in=store_ids).update(version=F("version") + 1)
    work.nudge(*(f"store:{store_id}" for store_id in store_ids))


async def _change(store_id: UUID, **columns: object) -> None:
    await Store.filter(id=store_id).update(version=F("version") + 1, **columns)


def _must_be_allowed(staff: StoreStaff, right: str) -> None:
    if not rules.staff_may(staff.role, right):
        raise Forbidden("Your role in this store does not allow it.")


def _check_hours(opening_hours: str, time_zone: str, country: str) -> None:
    fault = rules.hours_fault(opening_hours, time_zone, country)
    if fault:
        raise HoursNotReadable(opening_hours, fault)
