"""Counts of stock in menus that are edited: what an edition does not say stays as it is on the shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.catalog.rules.drafts import MenuDraft, SectionDraft
from services.catalog.rules.layout import Layout


def uncounted(menus: Sequence[MenuDraft]) -> tuple[MenuDraft, ...]:
    """The menus without counts of stock."""
    return tuple(replace(menu, sections=tuple(map(_uncounted, menu.sections))) for menu in menus)


def _uncounted(section: SectionDraft) -> SectionDraft:
    return replace(section, items=tuple(replace(item, stock=None) for item in section.items))


def counted_as_before(layout: Layout, stock: Mapping[str, int | None]) -> None:
    """Give every item of which the layout tells no count the one it has by its reference."""
    for ref, row in layout.items.items():
        if row.draft.stock is None and stock.get(ref) is not None:
            layout.items[ref] = replace(row, draft=replace(row.draft, stock=stock[ref]))
