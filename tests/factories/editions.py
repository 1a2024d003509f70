"""Editions for tests: drafts begun and written by staff, through the operations that tablets use."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.catalog.editions.drafting import begin_draft, save_draft
from services.catalog.editions.publishing import publish_edition, schedule_edition
from services.catalog.editions.queries import EditionCard, editing
from services.catalog.rules import ItemDraft, MenuDraft, SectionDraft
from services.kernel.actors import StoreStaff
from services.kernel.clock import now


@dataclass(frozen=True, slots=True)
class Editions:
    """An edition of a store in each state that something can be done with."""

    published: UUID
    scheduled: UUID
    draft: UUID


async def make_editions(staff: StoreStaff) -> Editions:
    """One that waits for tomorrow, and a draft that began from what is published."""
    first = await begin_draft(staff)
    waiting = await schedule_edition(staff, first.id, first.version, now() + timedelta(days=1))
    published = (await editing(staff)).published
    assert published is not None
    return Editions(published.id, waiting.id, (await begin_draft(staff, published.id)).id)


def one_menu(*items: ItemDraft) -> tuple[MenuDraft, ...]:
    """A menu with these items in its one section; references keep rows apart from those of other menus in tests."""
    return (MenuDraft(name="Menu", ref="M", sections=(SectionDraft(name="All", ref="A", items=items),)),)


async def make_draft(staff: StoreStaff, *items: ItemDraft) -> EditionCard:
    """The store's draft, saying these items where any are given."""
    draft = await begin_draft(staff)
    return await save_draft(staff, draft.id, draft.version, one_menu(*items), "EUR") if items else draft


async def make_publication(staff: StoreStaff, *items: ItemDraft) -> EditionCard:
    """A draft of these items, published at once."""
    draft = await make_draft(staff, *items)
    return await publish_edition(staff, draft.id, draft.version, over=10_000)
