"""Publishing an edition at once or at its time, calling a publication off, and going back to an earlier one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.catalog.editions import keeping
from services.catalog.editions.drafting import menus_of, must_be_allowed
from services.catalog.editions.errors import (
    MenuEditedMeanwhile,
    MenuEditionCannotMove,
    MenuPublishedMeanwhile,
    PublicationTimeNotAllowed,
)
from services.catalog.editions.events import MenuPublicationCalledOff, MenuPublicationScheduled
from services.catalog.editions.queries import EditionCard, due_editions, edition, latest_publication, lock_edition
from services.catalog.editions.states import EditionState
from services.catalog.publishing import AsEdition, checked_layout, put_on_sale
from services.catalog.rules import MenuDraft
from services.catalog.rules.counts import uncounted
from services.kernel import clock
from services.kernel.actors import StoreStaff, System
from services.kernel.errors import Refusal
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.stores.queries import StoreCard, lock_store

LONGEST_WAIT = timedelta(days=366)
TIMER = System("publish due menus")
_AT_ONCE = 100
_log = structlog.get_logger(__name__)


async def publish_edition(staff: StoreStaff, edition_id: UUID, version: int, over: int | None = None) -> EditionCard:
    """The store sells what this edition says from now on; an edition that is published already stays as it is.

    Whatever waited for its time is called off. `over` names a publication made after the draft began, by whoever has seen it
    and means to replace it. Raises MenuEditedMeanwhile, MenuPublishedMeanwhile, MenuEditionCannotMove, and what a menu
    that cannot stand raises.
    """
    must_be_allowed(staff, "publish_menu")
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        card = await lock_edition(staff.store_id, edition_id)
        if card.state is EditionState.PUBLISHED:
            return card
        await _check(card, version, over)
        await _put_on_sale(work, store, await menus_of(card), AsEdition(edition=card))
        return await edition(staff, edition_id)


async def schedule_edition(
    staff: StoreStaff, edition_id: UUID, version: int, publish_at: datetime, over: int | None = None
) -> EditionCard:
    """The edition is published at that time, whoever restarts meanwhile; scheduling it anew moves the time.

    Any other publication before that calls it off, and so does scheduling another one. Raises PublicationTimeNotAllowed and
    what publishing it now would raise.
    """
    must_be_allowed(staff, "publish_menu")
    at = clock.now()
    if not at < publish_at <= at + LONGEST_WAIT:
        raise PublicationTimeNotAllowed(publish_at, at + LONGEST_WAIT)
    async with unit_of_work(staff) as work:
        await lock_store(staff.store_id)
        card = await lock_edition(staff.store_id, edition_id)
        if card.state is EditionState.SCHEDULED and card.publish_at == publish_at and card.version == version:
            return card
        await _check(card, version, over)
        called_off = await keeping.schedule(card, publish_at, by=staff.person_id, at=at)
        if called_off:
            await work.record(MenuPublicationCalledOff(store_id=staff.store_id, edition_id=called_off, fault=None))
        await work.record(MenuPublicationScheduled(store_id=staff.store_id, edition_id=edition_id, publish_at=publish_at))
        return await edition(staff, edition_id)


async def call_off_edition(staff: StoreStaff, edition_id: UUID) -> EditionCard:
    """The edition does not wait for its time any more; one that was called off stays so. Raises MenuEditionCannotMove."""
    must_be_allowed(staff, "publish_menu")
    async with unit_of_work(staff) as work:
        await lock_store(staff.store_id)
        card = await lock_edition(staff.store_id, edition_id)
        if card.state is EditionState.CALLED_OFF:
            return card
        if card.state is not EditionState.SCHEDULED:
            raise MenuEditionCannotMove(card)
        await _call_off(work, card, staff)
        return await edition(staff, edition_id)


async def undo_to(staff: StoreStaff, edition_id: UUID) -> EditionCard:
    """The store sells again what this earlier publication said, as a publication of its own; counts of stock stay.

    Answers the present publication. Raises MenuEditionCannotMove for an edition that never was published.
    """
    must_be_allowed(staff, "publish_menu")
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        card = await lock_edition(staff.store_id, edition_id)
        if card.publication is None:
            raise MenuEditionCannotMove(card)
        await _put_on_sale(work, store, uncounted(await menus_of(card)), AsEdition(restores=card.publication))
        return await latest_publication(staff.store_id) or card


async def publish_due_editions() -> int:
    """Publish what has waited for its time, oldest first; answers how many were. What cannot stand any more is called off."""
    published = 0
    for edition_id, store_id in await due_editions(clock.now(), _AT_ONCE):
        try:
            published += await _publish_due(store_id, edition_id)
        except Refusal as refusal:
            _log.warning("menu_not_published", store=str(store_id), edition=str(edition_id), refusal=type(refusal).__name__)
            await _give_up(store_id, edition_id, str(refusal))
    return published


async def _put_on_sale(work: UnitOfWork, store: StoreCard, menus: Sequence[MenuDraft], as_edition: AsEdition) -> None:
    await put_on_sale(work, store, menus, checked_layout(menus), at=clock.now(), as_edition=as_edition)


async def _publish_due(store_id: UUID, edition_id: UUID) -> bool:
    async with unit_of_work(TIMER) as work:
        store = await lock_store(store_id)
        card = await lock_edition(store_id, edition_id)
        # Between the look and the lock somebody may have called it off, or moved it.
        if not _is_due(card):
            return False
        await _put_on_sale(work, store, await menus_of(card), AsEdition(edition=card))
        return True


async def _give_up(store_id: UUID, edition_id: UUID, fault: str) -> None:
    async with unit_of_work(TIMER) as work:
        await lock_store(store_id)
        card = await lock_edition(store_id, edition_id)
        if _is_due(card):
            await _call_off(work, card, TIMER, fault)


async def _call_off(work: UnitOfWork, card: EditionCard, by: StoreStaff | System, fault: str | None = None) -> None:
    await keeping.close(card, EditionState.CALLED_OFF, by=by.person_id, at=clock.now(), fault=fault)
    await work.record(MenuPublicationCalledOff(store_id=card.store_id, edition_id=card.id, fault=fault))


def _is_due(card: EditionCard) -> bool:
    return card.state is EditionState.SCHEDULED and card.publish_at is not None and card.publish_at <= clock.now()


async def _check(card: EditionCard, version: int, over: int | None) -> None:
    """Whether what the caller saw is what would be published, over what they know to be published."""
    if card.state not in {EditionState.DRAFT, EditionState.SCHEDULED}:
        raise MenuEditionCannotMove(card)
    if card.version != version:
        raise MenuEditedMeanwhile(card, version, None)
    latest = await latest_publication(card.store_id)
    if latest is not None and latest.publication not in {card.based_on, over}:
        raise MenuPublishedMeanwhile(card, latest)
