"""An edition as consumers would see it, put together from what it says and what stands in the store: nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.catalog.queries import MenuTree
from services.catalog.rules import GroupForSale, ItemForSale, MenuForSale, OptionForSale, SectionForSale, normalised_gtin
from services.catalog.rules.layout import ItemRow, Layout
from services.catalog.rules.offers import UNTIL_SAID
from services.catalog.rules.windows import SellingHours, changes_at
from services.catalog.writing import Ids
from services.catalog.writing_items import item_record, texts
from services.stores.queries import StoreCard


class Article(NamedTuple):
    """A product that is known by its barcode; one that nobody sold yet has no id."""

    id: UUID | None
    brand: str | None
    size_text: str | None


class Mark(NamedTuple):
    """Until when an item or an option cannot be had: marked out by staff, or for want of options."""

    until: datetime | None
    choices_out: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the store beside what a menu says: ids by reference, marks, articles by barcode."""

    ids: Ids
    marks: Mapping[tuple[str, str], Mark]
    articles: Mapping[str, Article]


_UNMARKED, _NO_ARTICLE = Mark(None, None), Article(None, None, None)
# Facts that a row holds as they are read from it.
_AS_WRITTEN = {one.name for one in fields(ItemForSale)}


class Picture:
    """The tree that writing this layout would leave."""

    def __init__(self, store: StoreCard, layout: Layout, standing: Standing) -> None:
        self._store, self._layout, self._standing = store, layout, standing
        self._below: dict[tuple[str, str], list[str]] = {}
        for level, links in (("item", layout.item_groups), ("option", layout.child_groups)):
            for owner, group, _ in sorted(links, key=lambda link: link[2]):
                self._below.setdefault((level, owner), []).append(group)
        self._options: dict[str, list[str]] = {}
        for option in sorted(layout.options.values(), key=lambda one: one.position):
            self._options.setdefault(option.group, []).append(option.ref)
        self._items: dict[str, list[ItemRow]] = {}
        for item in layout.items.values():
            self._items.setdefault(item.section, []).append(item)
        self._groups: dict[str, GroupForSale] = {}

    def tree(self, at: datetime) -> MenuTree:
        """All of it, as of this time."""
        menus = tuple(self._menu(ref) for ref in self._layout.menus)
        back = [mark.until for mark in self._standing.marks.values() if mark.until is not None and mark.until > at]
        turns = [turn for menu in menus if menu.hours and (turn := changes_at(menu.hours, at)) is not None]
        return MenuTree(self._store.id, self._store.version, at, min((*back, *turns), default=UNTIL_SAID), menus)

    def _menu(self, ref: str) -> MenuForSale:
        draft = self._layout.menus[ref]
        hours = SellingHours(draft.hours, self._store.time_zone, self._store.country) if draft.hours else None
        sections = tuple(self._section(one.ref) for one in self._layout.sections.values() if one.menu == ref)
        return MenuForSale(self._standing.ids["menu", ref], draft.name, sections, texts(draft.names), draft.language, hours)

    def _section(self, ref: str) -> SectionForSale:
        draft = self._layout.sections[ref].draft
        items = tuple(self._item(one) for one in self._items.get(ref, ()))
        return SectionForSale(self._standing.ids["section", ref], draft.name, items, texts(draft.names))

    def _item(self, row: ItemRow) -> ItemForSale:
        gtin = normalised_gtin(row.draft.gtin) if row.draft.gtin else None
        article = self._standing.articles[gtin] if gtin else _NO_ARTICLE
        mark = self._standing.marks.get(("item", row.ref), _UNMARKED)
        written = item_record(row, self._standing.ids, {}, self._layout)
        facts = {name: value for name, value in written.items() if name in _AS_WRITTEN} | {
            "id": self._standing.ids["item", row.ref],
            "store_id": self._store.id,
            "section_id": self._standing.ids["section", row.section],
            "product_id": article.id,
            "currency": self._store.currency,
            "unavailable_until": mark.until,
            "choices_out_until": mark.choices_out,
            "removed_at": None,
            "allergens": list(written["allergens"]),
            "diets": list(written["diets"]),
            "gtin": gtin,
            "brand": row.draft.brand or article.brand,
            "size_text": row.draft.size_text or article.size_text,
            "content_amount": row.draft.content,
            "time_zone": self._store.time_zone,
            "country": self._store.country,
        }
        return ItemForSale(**facts, groups=self._groups_below("item", row.ref))

    def _groups_below(self, level: str, ref: str) -> tuple[GroupForSale, ...]:
        return tuple(self._group(group) for group in self._below.get((level, ref), ()))

    def _group(self, ref: str) -> GroupForSale:
        if ref not in self._groups:
            draft = self._layout.groups[ref]
            options = tuple(self._option(option) for option in self._options.get(ref, ()))
            counts = (draft.min_choices, draft.max_choices, draft.free_count)
            self._groups[ref] = GroupForSale(self._standing.ids["group", ref], draft.name, *counts, texts(draft.names), options)
        return self._groups[ref]

    def _option(self, ref: str) -> OptionForSale:
        row = self._layout.options[ref]
        return OptionForSale(
            self._standing.ids["option", ref],
            self._standing.ids["group", row.group],
            row.draft.name,
            row.draft.price,
            row.draft.is_default,
            self._standing.marks.get(("option", ref), _UNMARKED).until,
            row.draft.tax_class,
            texts(row.draft.names),
            self._groups_below("option", ref),
        )
