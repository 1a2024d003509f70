"""Writing a draft: begun from what is published, saved by whoever saw the latest version, thrown away."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.catalog.editions import keeping
from services.catalog.editions.comparing import overtaken
from services.catalog.editions.errors import MenuDraftOpen, MenuEditedMeanwhile, MenuEditionCannotMove
from services.catalog.editions.events import MenuDraftBegun, MenuDraftDiscarded
from services.catalog.editions.queries import (
    EditionCard,
    documents,
    edition,
    editions_topic,
    latest_publication,
    lock_edition,
    open_draft,
)
from services.catalog.editions.states import EditionOrigin, EditionState
from services.catalog.published import published_menus
from services.catalog.rules import MenuDraft
from services.catalog.rules.counts import uncounted
from services.catalog.rules.documents import read, read_text, write
from services.catalog.rules.layout import lay_out
from services.catalog.rules.limits import FAULTS_TOLD, check_menus, refuse
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.errors import BadInput, Forbidden
from services.kernel.unit_of_work import unit_of_work
from services.stores.queries import StoreCard, lock_store
from services.stores.queries import store as read_store
from services.stores.rules import staff_may


async def begin_draft(staff: StoreStaff, from_edition: UUID | None = None) -> EditionCard:
    """The store's open draft, begun now where there is none: from what is published, or from what an edition says.

    Raises MenuDraftOpen where a draft is open and did not begin from that edition.
    """
    must_be_allowed(staff, "edit_menu")
    async with unit_of_work(staff) as work:
        store = await lock_store(staff.store_id)
        source = await edition(staff, from_edition) if from_edition else None
        opened = await open_draft(staff.store_id)
        if opened is not None and (source is None or _began_from(opened, source)):
            return opened
        if opened is not None:
            raise MenuDraftOpen(opened)
        latest = await latest_publication(staff.store_id)
        menus = await menus_of(source) if source else await published_menus(staff.store_id)
        first = await _keep_what_was(menus, store) if latest is None and source is None else None
        begun = await keeping.begin(
            staff.store_id,
            write(uncounted(menus), store.currency),
            based_on=(latest.publication if latest else first) or 0,
            restores=source.publication if source else None,
            by=staff.person_id,
            at=clock.now(),
        )
        await work.record(MenuDraftBegun(store_id=staff.store_id, edition_id=begun))
        return await edition(staff, begun)


async def save_document(staff: StoreStaff, edition_id: UUID, version: int, text: str) -> EditionCard:
    """The draft says from now on what this menu document says. Raises MenuRowInvalid for what cannot be read, and as below."""
    document = read_text(text)
    refuse(document.faults[:FAULTS_TOLD])
    return await save_draft(staff, edition_id, version, document.menus, document.currency)


async def save_draft(staff: StoreStaff, edition_id: UUID, version: int, menus: Sequence[MenuDraft], currency: str) -> EditionCard:
    """The draft says this from now on, if nobody saved it after `version`; saying the same again changes nothing.

    Raises MenuEditedMeanwhile, MenuEditionCannotMove, MenuLimitExceeded, MenuRowInvalid.
    """
    must_be_allowed(staff, "edit_menu")
    check_menus(menus)
    lay_out(menus)
    document = write(menus, currency)
    async with unit_of_work(staff) as work:
        draft = await lock_edition(staff.store_id, edition_id)
        if draft.state is not EditionState.DRAFT:
            raise MenuEditionCannotMove(draft)
        store = await read_store(staff.store_id)
        if currency != store.currency:
            raise BadInput(f"This store's currency is {store.currency}.", field="currency")
        if draft.version != version:
            if await _said_before(draft, version, document, staff):
                return draft
            raise MenuEditedMeanwhile(draft, version, await overtaken(draft, version, document))
        await keeping.save(draft, document, by=staff.person_id, at=clock.now())
        work.nudge(editions_topic(staff.store_id))
        return await edition(staff, edition_id)


async def discard_draft(staff: StoreStaff, edition_id: UUID) -> EditionCard:
    """The draft is thrown away, kept only to be begun from again; one that was thrown away stays so.

    Raises MenuEditionCannotMove.
    """
    must_be_allowed(staff, "edit_menu")
    async with unit_of_work(staff) as work:
        draft = await lock_edition(staff.store_id, edition_id)
        if draft.state is EditionState.DISCARDED:
            return draft
        if draft.state is not EditionState.DRAFT:
            raise MenuEditionCannotMove(draft)
        await keeping.close(draft, EditionState.DISCARDED, by=staff.person_id, at=clock.now())
        await work.record(MenuDraftDiscarded(store_id=staff.store_id, edition_id=edition_id))
        return await edition(staff, edition_id)


async def menus_of(card: EditionCard) -> tuple[MenuDraft, ...]:
    """The menus that an edition says at the version of its card."""
    return read((await documents([card]))[card.id].document).menus


def must_be_allowed(staff: StoreStaff, right: str) -> None:
    """Raises Forbidden for a role without the right."""
    if not staff_may(staff.role, right):
        raise Forbidden("Your role in this store does not allow it.")


async def _keep_what_was(menus: Sequence[MenuDraft], store: StoreCard) -> int | None:
    """A menu that came on sale before editions were kept becomes the first publication, so that there is a way back to it."""
    if not menus:
        return None
    document = write(uncounted(menus), store.currency)
    origin = EditionOrigin.REPLACEMENT
    kept = await keeping.publish_document(store.id, document, origin, restores=None, by=None, at=clock.now())
    return kept.publication


def _began_from(draft: EditionCard, source: EditionCard) -> bool:
    return source.publication is not None and draft.restores == source.publication


async def _said_before(draft: EditionCard, version: int, document: Mapping[str, Any], staff: StoreStaff) -> bool:
    """Whether this is the same person's last saving, sent again because its answer was lost."""
    if draft.version != version + 1 or draft.saved_by != staff.person_id:
        return False
    return (await documents([draft]))[draft.id].digest == keeping.digest_of(document)
