"""Editions for tests: drafts begun and written by staff, through the operations that tablets use."""

from services.catalog.editions.drafting import begin_draft, save_draft
from services.catalog.editions.publishing import publish_edition
from services.catalog.editions.queries import EditionCard
from services.catalog.rules import ItemDraft, MenuDraft, SectionDraft
from services.kernel.actors import StoreStaff


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
