"""Marking goods out with one tap and back with another: an item, or an option with every item that needs it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.choices_out import items_offering, write_choices_out
from services.catalog.events import ItemMarkedBack, ItemMarkedOut, OptionsMarkedBack, OptionsMarkedOut
from services.catalog.models import Item
from services.catalog.queries import items_by_ids
from services.catalog.rules import ItemFacts, ItemForSale, OptionForSale
from services.catalog.rules.offers import UNTIL_SAID
from services.catalog.rules.today import end_of_today
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.database import row, rows
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.unit_of_work import unit_of_work
from services.stores.operations import raise_version
from services.stores.queries import StoreCard, lock_store
from services.stores.rules import staff_may


@dataclass(frozen=True, slots=True)
class MarkedOption:
    """An option as it is now, and every item on which it, or a namesake marked with it, may be chosen, at any depth."""

    option: OptionForSale
    items: list[ItemForSale]
    currency: str


async def mark_item_out(staff: StoreStaff, item_id: UUID, until: datetime | None = None, *, today: bool = False) -> ItemFacts:
    """The item cannot be had until then, for the rest of the store's day, or until somebody says otherwise.

    Marking it so again changes nothing. Raises BadInput for a time that has passed, and for both a time and today.
    """
    _must_be_allowed(staff, "mark_item_out")
    _check_end(until, today=today)
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        item, end = await _own_item(staff, item_id), _end(store, until, today=today)
        if item.unavailable_until == end:
            return item
        await Item.filter(id=item_id).update(unavailable_until=end)
        await raise_version(work, [staff.store_id])
        await work.record(ItemMarkedOut(store_id=staff.store_id, item_id=item_id, until=_told(end)))
        return await _own_item(staff, item_id)


async def mark_item_back(staff: StoreStaff, item_id: UUID) -> ItemFacts:
    """The item can be had again; one that can be had stays as it is."""
    _must_be_allowed(staff, "mark_item_back")
    async with unit_of_work(staff) as work:
        await lock_store(staff.store_id)
        item = await _own_item(staff, item_id)
        if item.unavailable_until is None:
            return item
        await Item.filter(id=item_id).update(unavailable_until=None)
        await raise_version(work, [staff.store_id])
        await work.record(ItemMarkedBack(store_id=staff.store_id, item_id=item_id))
        return await _own_item(staff, item_id)


async def mark_option_out(
    staff: StoreStaff, option_id: UUID, until: datetime | None = None, *, today: bool = False, namesakes: bool = False
) -> MarkedOption:
    """The option cannot be had until then, for the rest of the day, or until somebody says otherwise.

    With it goes every item that asks for more choices than are left; with `namesakes`, also what is called the same in other
    groups. Marking it so again changes nothing. Raises BadInput as for an item, NotFound for an option of another store.
    """
    _must_be_allowed(staff, "mark_option_out")
    _check_end(until, today=today)
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        await _own_option(staff, option_id)
        end = _end(store, until, today=today)
        marked = await _mark_options(staff, option_id, end, namesakes=namesakes)
        items = await items_offering({option_id, *marked})
        if marked:
            await write_choices_out(items)
            await raise_version(work, [staff.store_id])
            await work.record(OptionsMarkedOut(store_id=staff.store_id, option_ids=marked, until=_told(end)))
        return MarkedOption(await _own_option(staff, option_id), items, store.currency)


async def mark_option_back(staff: StoreStaff, option_id: UUID, *, namesakes: bool = False) -> MarkedOption:
    """The option can be had again, and with it what could not be had without it; one that can be had stays as it is."""
    _must_be_allowed(staff, "mark_option_back")
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        await _own_option(staff, option_id)
        marked = await _mark_options(staff, option_id, None, namesakes=namesakes)
        items = await items_offering({option_id, *marked})
        if marked:
            await write_choices_out(items)
            await raise_version(work, [staff.store_id])
            await work.record(OptionsMarkedBack(store_id=staff.store_id, option_ids=marked))
        return MarkedOption(await _own_option(staff, option_id), items, store.currency)


def _check_end(until: datetime | None, *, today: bool) -> None:
    if until is not None and today:
        raise BadInput("Say until when, or for today, not both.", field="until")
    if until is not None and until <= clock.now():
        raise BadInput("Until when must lie ahead.", field="until")


def _end(store: StoreCard, until: datetime | None, *, today: bool) -> datetime:
    # Whoever names the end of time means: until somebody says otherwise.
    return end_of_today(store, clock.now()) if today else min(until or UNTIL_SAID, UNTIL_SAID)


def _told(end: datetime) -> datetime | None:
    return None if end == UNTIL_SAID else end


async def _own_item(staff: StoreStaff, item_id: UUID) -> ItemFacts:
    found = await items_by_ids([item_id])
    if not found or found[0].store_id != staff.store_id or found[0].removed_at is not None:
        raise NotFound("There is no such item.")
    return found[0]


async def _own_option(staff: StoreStaff, option_id: UUID) -> OptionForSale:
    found = await row(_OPTION, option_id, staff.store_id)
    if found is None:
        raise NotFound("There is no such option.")
    return OptionForSale(*found)


_OPTION = """
SELECT id, group_id, name, price, is_default, unavailable_until FROM options WHERE id = $1 AND store_id = $2
"""


async def _mark_options(staff: StoreStaff, option_id: UUID, end: datetime | None, *, namesakes: bool) -> list[UUID]:
    """Which of them were not marked so before."""
    return [record["id"] for record in await rows(_MARK, option_id, staff.store_id, end, namesakes)]


_MARK = """
UPDATE options SET unavailable_until = $3
WHERE store_id = $2 AND (id = $1 OR ($4::bool AND name = (SELECT name FROM options WHERE id = $1)))
    AND unavailable_until IS DISTINCT FROM $3
RETURNING id
"""


def _must_be_allowed(staff: StoreStaff, right: str) -> None:
    if not staff_may(staff.role, right):
        raise Forbidden("Your role in this store does not allow it.")
