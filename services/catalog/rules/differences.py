"""What differs between two menus, row by row, with old and new values: what staff look at before they publish."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from services.catalog.rules.document_fields import plain
from services.catalog.rules.gtin import normalised_gtin
from services.catalog.rules.layout import Layout

# What a draft holds beside its own facts: its reference, which is how two rows are known to be one, and the rows below it.
_NOT_FACTS = frozenset({"ref", "sections", "items", "groups", "options"})


class MenuLevel(StrEnum):
    MENU = "MENU"
    SECTION = "SECTION"
    ITEM = "ITEM"
    GROUP = "GROUP"
    OPTION = "OPTION"


class DifferenceKind(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A fact before and after, as the menu document writes it in JSON; None where it is not said."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row that is new, gone or otherwise; `place` is the reference of what it stands in, empty at the top."""

    kind: DifferenceKind
    level: MenuLevel
    ref: str
    name: str
    place: str
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    draft: Any
    # None where a row has no place of its own: a group may stand on many items, and they tell of it.
    place: str | None
    position: int
    groups: list[str] | None = None

    @property
    def name(self) -> str:
        return str(self.draft.name)

    @property
    def facts(self) -> dict[str, Any]:
        """Made when they are asked for: those of all rows at once would be many times the menu."""
        facts = {name: getattr(self.draft, name) for name in self.draft.__dataclass_fields__ if name not in _NOT_FACTS}
        if facts.get("gtin"):
            facts["gtin"] = normalised_gtin(facts["gtin"]) or facts["gtin"]
        return facts if self.groups is None else facts | {"groups": self.groups}


_Rows = dict[str, _Row]


def differences(before: Layout, after: Layout, currency: str) -> Iterator[RowDifference]:
    """From the menus' level down to the options': what is new or otherwise in the order of `after`, then what is gone.

    Rows are told apart by their references. A row counts as moved only where it stands otherwise among those that stayed.
    One after the other, for whoever does not want to hold those of a whole store.
    """
    old, new = dict(_levels(before)), dict(_levels(after))
    for level in MenuLevel:
        yield from _of_level(level, old[level], new[level], currency)


def _of_level(level: MenuLevel, old: _Rows, new: _Rows, currency: str) -> Iterator[RowDifference]:
    moved = _moved(old, new)
    for ref, row in new.items():
        if ref not in old:
            yield _told(DifferenceKind.ADDED, level, ref, row, _fields({}, row.facts, currency))
        elif found := (*_fields(old[ref].facts, row.facts, currency), *_places(old[ref], row, moved=ref in moved)):
            yield _told(DifferenceKind.CHANGED, level, ref, row, found)
    for ref, row in old.items():
        if ref not in new:
            yield _told(DifferenceKind.REMOVED, level, ref, row, _fields(row.facts, {}, currency))


def _told(kind: DifferenceKind, level: MenuLevel, ref: str, row: _Row, found: tuple[FieldDifference, ...]) -> RowDifference:
    return RowDifference(kind, level, ref, row.name, row.place or "", found)


def _places(old: _Row, new: _Row, *, moved: bool) -> Iterator[FieldDifference]:
    if old.place != new.place:
        yield FieldDifference("place", _text(old.place), _text(new.place))
    elif moved:
        yield FieldDifference("position", _text(old.position + 1), _text(new.position + 1))


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], currency: str) -> tuple[FieldDifference, ...]:
    def said(facts: Mapping[str, Any], name: str) -> str | None:
        return _text(plain(name, facts[name], currency)) if facts.get(name) is not None else None

    return tuple(
        FieldDifference(name, said(old, name), said(new, name))
        for name in (new or old)
        if (old[name] != new[name] if name in old and name in new else old.get(name) or new.get(name))
    )


def _moved(old: _Rows, new: _Rows) -> set[str]:
    """The fewest rows of one place whose moving explains their new order."""
    stayed: dict[str, list[str]] = defaultdict(list)
    for ref, row in new.items():
        if row.place is not None and ref in old and old[ref].place == row.place:
            stayed[row.place].append(ref)
    moved: set[str] = set()
    for refs in stayed.values():
        in_order = sorted(refs, key=lambda ref: new[ref].position)
        kept = _longest_rising([old[ref].position for ref in in_order])
        moved.update(ref for place, ref in enumerate(in_order) if place not in kept)
    return moved


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The places of one longest rising row of numbers among these, which are all different."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        ends[length:] = [number, *ends[length + 1 :]]
        before.append(last[length - 1] if length else -1)
        last[length:] = [place, *last[length + 1 :]]
    kept: set[int] = set()
    place = last[-1] if last else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept


def _levels(layout: Layout) -> Iterator[tuple[MenuLevel, _Rows]]:
    below, above = _linked(layout.item_groups), _linked(layout.child_groups)
    yield MenuLevel.MENU, {ref: _Row(menu, "", place) for place, (ref, menu) in enumerate(layout.menus.items())}
    yield MenuLevel.SECTION, {ref: _Row(one.draft, one.menu, one.position) for ref, one in layout.sections.items()}
    items = {ref: _Row(one.draft, one.section, one.position, below.get(ref, [])) for ref, one in layout.items.items()}
    yield MenuLevel.ITEM, items
    yield MenuLevel.GROUP, {ref: _Row(group, None, 0) for ref, group in layout.groups.items()}
    options = {ref: _Row(one.draft, one.group, one.position, above.get(ref, [])) for ref, one in layout.options.items()}
    yield MenuLevel.OPTION, options


def _linked(links: Sequence[tuple[str, str, int]]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for owner, group, _ in sorted(links, key=lambda link: link[2]):
        found[owner].append(group)
    return found


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
