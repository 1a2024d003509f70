"""Menus in the making: items that readers found, put into their sections, checked one by one and then together."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid, RowFault
from services.catalog.imports.shapes import Reading, RemarkCode, Remarks
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, SectionDraft
from services.catalog.rules.layout import lay_out
from services.catalog.rules.limits import ITEMS_PER_SECTION, ROWS_PER_STORE, item_faults, menu_faults, refuse


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and where in the file it was written."""

    item: ItemDraft
    row: int
    path: str


@dataclass(slots=True)
class SectionInMaking:
    draft: SectionDraft
    placed: list[Placed] = field(default_factory=list)


@dataclass(slots=True)
class MenuInMaking:
    draft: MenuDraft
    sections: dict[str, SectionInMaking] = field(default_factory=dict)


@dataclass(slots=True)
class Making:
    """What a reader puts together; `rows` counts what it met, good or not."""

    remarks: Remarks
    menus: dict[str, MenuInMaking] = field(default_factory=dict)
    rows: int = 0

    def menu(self, menu: MenuDraft, key: str = "") -> MenuInMaking:
        """The menu to put sections into: known by its key, else by its reference, else by its name."""
        return self.menus.setdefault(key or menu.ref or menu.name, MenuInMaking(replace(menu, sections=())))

    def section(self, menu: MenuDraft, section: SectionDraft) -> SectionInMaking:
        """The section to put items into; menus and sections are known by their reference, else by their name."""
        key = section.ref or section.name
        return self.menu(menu).sections.setdefault(key, SectionInMaking(replace(section, items=())))


def finished(making: Making, *, split: bool = False, keep_empty: bool = False) -> Reading:
    """The menus of the good items. `split`: a section that is too long becomes several, which is told."""
    remarks = making.remarks
    _drop_what_cannot_stand(making)
    _drop_repeats(making)
    menus = tuple(_menu(made, remarks, split=split, keep_empty=keep_empty) for made in making.menus.values())
    menus = tuple(menu for menu in menus if menu.sections or keep_empty)
    good = sum(len(section.items) for menu in menus for section in menu.sections)
    if not menus:
        remarks.fault(0, "", RemarkCode.FILE_HAS_NO_ROWS, "There is nothing in this file that could be sold.")
    hopeless = not menus or not _stands(menus, remarks)
    return Reading(menus, tuple(remarks), making.rows, good, hopeless)


def _sections(making: Making) -> Iterator[SectionInMaking]:
    for menu in making.menus.values():
        yield from menu.sections.values()


def _drop_what_cannot_stand(making: Making) -> None:
    rows = _RowsBelow()
    for section in _sections(making):
        section.placed = [placed for placed in section.placed if _item_stands(placed, making.remarks, rows)]


def _item_stands(placed: Placed, remarks: Remarks, rows: "_RowsBelow") -> bool:
    """Whether the item may be sold as it is; told where not."""
    if rows.of_item(placed.item) > ROWS_PER_STORE:
        remarks.fault(
            placed.row, placed.path, RemarkCode.ROW_NOT_ALLOWED, "There is more to choose on this item than a store may have.",
            placed.item.name,
        )  # fmt: skip
        return False
    stands = True
    for fault in item_faults(placed.path, placed.item):
        remarks.fault(placed.row, fault.row, RemarkCode.ROW_NOT_ALLOWED, _sentence(fault), fault.name)
        stands = False
    return stands


def _sentence(fault: RowFault) -> str:
    told = f"{fault.found} {fault.limit}, where {fault.allowed} are allowed" if fault.limit else fault.fault
    return f"{told[:1].upper()}{told[1:]}."


class _RowsBelow:
    """How many rows an item's choices come to once written out; a shared group is counted by memory, however deep it stands."""

    def __init__(self) -> None:
        self.known: dict[int, int] = {}

    def of_item(self, item: ItemDraft) -> int:
        return 1 + sum(self._of_group(group) for group in item.groups)

    def _of_group(self, group: GroupDraft) -> int:
        if id(group) not in self.known:
            below = sum(1 + sum(self._of_group(child) for child in option.groups) for option in group.options)
            self.known[id(group)] = 1 + below
        return self.known[id(group)]


def _drop_repeats(making: Making) -> None:
    """Of rows that claim one reference or one barcode the first stays; the others are told."""
    by_ref: dict[str, Placed] = {}
    by_gtin: dict[str, Placed] = {}
    for section in _sections(making):
        by_name: dict[str, Placed] = {}
        section.placed = [
            placed for placed in section.placed if not _repeats(placed, by_ref, by_gtin, by_name, making.remarks)
        ]  # fmt: skip


def _repeats(
    placed: Placed, by_ref: dict[str, Placed], by_gtin: dict[str, Placed], by_name: dict[str, Placed], remarks: Remarks
) -> bool:
    item = placed.item
    for known, key, code, what in (
        (by_ref, item.ref, RemarkCode.REFERENCE_TWICE, "reference"),
        (by_gtin, item.gtin or "", RemarkCode.BARCODE_TWICE, "barcode"),
    ):
        first = known.setdefault(key, placed) if key else placed
        if first is placed:
            continue
        if first.item == item:
            remarks.warn(placed.row, placed.path, RemarkCode.ROW_TWICE, f"The same as row {first.row}; taken once.", key)
        else:
            remarks.fault(placed.row, placed.path, code, f"Row {first.row} has this {what} and says something else.", key)
        return True
    first = by_name.setdefault(item.name, placed)
    if first is placed or item.ref:
        return False
    if first.item == item:
        remarks.warn(placed.row, placed.path, RemarkCode.ROW_TWICE, f"The same as row {first.row}; taken once.", item.name)
        return True
    remarks.warn(placed.row, placed.path, RemarkCode.NAME_TWICE, f"Row {first.row} has this name too; both are taken.", item.name)
    return False


def _menu(made: MenuInMaking, remarks: Remarks, *, split: bool, keep_empty: bool) -> MenuDraft:
    sections: list[SectionDraft] = []
    for section in made.sections.values():
        items = tuple(placed.item for placed in section.placed)
        if not items and not keep_empty:
            continue
        if split and len(items) > ITEMS_PER_SECTION:
            sections.extend(_split(section.draft, items, remarks))
        else:
            sections.append(replace(section.draft, items=items))
    return replace(made.draft, sections=tuple(sections))


def _split(section: SectionDraft, items: tuple[ItemDraft, ...], remarks: Remarks) -> Iterator[SectionDraft]:
    parts = [items[start : start + ITEMS_PER_SECTION] for start in range(0, len(items), ITEMS_PER_SECTION)]
    sentence = f"{len(items)} rows stand in one section; it became {len(parts)}."
    remarks.warn(0, section.name, RemarkCode.SECTION_SPLIT, sentence, section.name)
    for number, part in enumerate(parts, 1):
        ref = f"{section.ref} ({number})" if section.ref else ""
        yield replace(section, name=f"{section.name} ({number})", ref=ref, items=part)


def _stands(menus: tuple[MenuDraft, ...], remarks: Remarks) -> bool:
    """Whether the menus may stand together; told where not."""
    try:
        refuse(menu_faults(menus))
        lay_out(menus)
    except (MenuLimitExceeded, MenuRowInvalid) as refusal:
        for fault in refusal.rows:
            remarks.fault(0, fault.row, RemarkCode.MENU_NOT_ALLOWED, _sentence(fault), fault.name)
        return False
    return True
