"""When a store is open: told as a text, or as windows and special days."""

from services.kernel.actors import StoreStaff
from services.kernel.unit_of_work import unit_of_work
from services.stores import rules
from services.stores.errors import HoursNotReadable, WeekNotAllowed
from services.stores.events import StoreHoursChanged
from services.stores.operations.changing import change, must_be_allowed
from services.stores.queries import StoreCard, lock_store, store
from services.stores.rules.week import WeekHours, week_fault, week_text


async def change_hours(staff: StoreStaff, opening_hours: str) -> StoreCard:
    """The store keeps these hours from now on; the same hours again change nothing. Raises HoursNotReadable, Forbidden."""
    must_be_allowed(staff, "change_hours")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        check_hours(opening_hours, card.time_zone, card.country)
        if card.opening_hours == opening_hours and not card.hours_assumed:
            return card
        await change(card.id, opening_hours=opening_hours, hours_assumed=False)
        await work.record(StoreHoursChanged(store_id=card.id, opening_hours=opening_hours, before=card.opening_hours))
        return await store(card.id)


async def change_week(staff: StoreStaff, hours: WeekHours) -> StoreCard:
    """The store keeps these windows and special days from now on; the same again change nothing.

    Raises WeekNotAllowed, Forbidden.
    """
    must_be_allowed(staff, "change_hours")
    fault = week_fault(hours)
    if fault:
        raise WeekNotAllowed(fault)
    return await change_hours(staff, week_text(hours))


def check_hours(opening_hours: str, time_zone: str, country: str) -> None:
    """Raises HoursNotReadable."""
    fault = rules.hours_fault(opening_hours, time_zone, country)
    if fault:
        raise HoursNotReadable(opening_hours, fault)
