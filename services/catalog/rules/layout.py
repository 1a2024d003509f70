"""A menu laid out flat: one list of rows per level, each row known by a reference that stays the same when the menu changes."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.catalog.errors import RowFault
from services.catalog.rules.drafts import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.limits import FAULTS_TOLD, LONGEST_NAME, refuse


@dataclass(frozen=True, slots=True)
class SectionRow:
    ref: str
    menu: str
    draft: SectionDraft
    position: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    ref: str
    section: str
    draft: ItemDraft
    position: int


@dataclass(frozen=True, slots=True)
class OptionRow:
    ref: str
    group: str
    draft: OptionDraft
    position: int


@dataclass(slots=True)
class Layout:
    """The rows of a store's menus; links are (owner, group, position) by reference."""

    menus: dict[str, MenuDraft] = field(default_factory=dict)
    sections: dict[str, SectionRow] = field(default_factory=dict)
    items: dict[str, ItemRow] = field(default_factory=dict)
    groups: dict[str, GroupDraft] = field(default_factory=dict)
    options: dict[str, OptionRow] = field(default_factory=dict)
    item_groups: list[tuple[str, str, int]] = field(default_factory=list)
    child_groups: list[tuple[str, str, int]] = field(default_factory=list)


def lay_out(menus: Sequence[MenuDraft]) -> Layout:
    """The rows of checked menus. Raises MenuRowInvalid where two rows claim one reference and are not the same."""
    layout, faults = layout_of(menus)
    refuse(faults[:FAULTS_TOLD])
    return layout


def layout_of(menus: Sequence[MenuDraft]) -> tuple[Layout, list[RowFault]]:
    """The rows of checked menus, and where two of them claim one reference and are not the same."""
    layout = Layout()
    refs = _References()
    for place, menu in enumerate(menus):
        menu_ref = refs.of("menu", menu.ref, menu.name, row=f"menus[{place}]")
        layout.menus[menu_ref] = menu
        for at, section in enumerate(menu.sections):
            row = f"menus[{place}].sections[{at}]"
            ref = refs.of("section", section.ref, menu_ref, section.name, row=row)
            layout.sections[ref] = SectionRow(ref, menu_ref, section, at)
            _lay_items(layout, refs, ref, section, row)
    return layout, refs.faults


def _lay_items(layout: Layout, refs: "_References", section_ref: str, section: SectionDraft, row: str) -> None:
    for place, item in enumerate(section.items):
        where = f"{row}.items[{place}]"
        ref = refs.of("item", item.ref, section_ref, item.name, row=where)
        layout.items[ref] = ItemRow(ref, section_ref, item, place)
        layout.item_groups.extend(_lay_groups(layout, refs, ref, item.groups, where))


def _lay_groups(
    layout: Layout, refs: "_References", owner: str, groups: Sequence[GroupDraft], row: str
) -> list[tuple[str, str, int]]:
    """The links from an owner to its groups; a group that is shared is laid once."""
    links: list[tuple[str, str, int]] = []
    for place, group in enumerate(groups):
        where = f"{row}.groups[{place}]"
        shared = layout.groups.get(group.ref) if group.ref else None
        if shared is not None and shared is not group and shared != group:
            refs.fault(where, group.name, f"another group with the reference {group.ref} is written differently", group.ref)
            continue
        if group.ref and any(link[1] == group.ref for link in links):
            refs.fault(where, group.name, "the same group stands here twice", group.ref)
            continue
        ref = group.ref if shared is not None else refs.of("group", group.ref, owner, group.name, row=where)
        links.append((owner, ref, place))
        if shared is None:
            layout.groups[ref] = group
            _lay_options(layout, refs, ref, group, where)
    return links


def _lay_options(layout: Layout, refs: "_References", group_ref: str, group: GroupDraft, row: str) -> None:
    for place, option in enumerate(group.options):
        where = f"{row}.options[{place}]"
        ref = refs.of("option", "", group_ref, option.ref or option.name, row=where)
        layout.options[ref] = OptionRow(ref, group_ref, option, place)
        layout.child_groups.extend(_lay_groups(layout, refs, ref, option.groups, where))


class _References:
    """Hands out references: the partner's own, else the path of names; namesakes in one place are counted."""

    def __init__(self) -> None:
        self.given: Counter[tuple[str, str]] = Counter()
        self.faults: list[RowFault] = []

    def fault(self, row: str, name: str, fault: str, ref: str) -> None:
        self.faults.append(RowFault(row, name, fault, ref))

    def of(self, level: str, own: str, *path: str, row: str) -> str:
        ref = own or _short("/".join(path))
        self.given[level, ref] += 1
        count = self.given[level, ref]
        if count == 1:
            return ref
        if own:
            self.fault(row, path[-1], f"the reference {own} is taken", own)
            return ref
        return self.of(level, "", *path[:-1], f"{path[-1]} #{count}", row=row)


def _short(path: str) -> str:
    # An index entry has room for some 2,700 bytes; a long path keeps its end readable and is told apart by its digest.
    if len(path) <= LONGEST_NAME:
        return path
    return f"{hashlib.sha256(path.encode()).hexdigest()[:32]}…{path[-100:]}"
