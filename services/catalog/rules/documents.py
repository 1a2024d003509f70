"""Pannier's own menu document: JSON to drafts and back, without loss; what is odd in it is told row by row.

The format is described in docs/menu-json.md. A document is read to its end whatever is wrong with it: what cannot
be meant is replaced by something harmless in its place, so that the paths of all faults count as its author counts.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, TypeVar

import orjson

from services.catalog.errors import RowFault
from services.catalog.rules import document_fields as known
from services.catalog.rules.drafts import GroupDraft, ItemDraft, MediaDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.limits import GROUP_DEPTH
from services.catalog.rules.marks import MediaKind

FORMAT = "pannier-menu"
VERSION = 1
_NAMELESS = "?"
_CURRENCY = re.compile(r"[A-Z]{3}")
_FALLBACK_CURRENCY = "EUR"
_TOP = {"format", "version", "currency", "menus"}
_PATH = re.compile(r"menus\[(\d+)\](?:\.sections\[(\d+)\](?:\.items\[(\d+)\])?)?")
Draft = TypeVar("Draft", MenuDraft, SectionDraft, ItemDraft, GroupDraft, OptionDraft, MediaDraft)


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: `menus` stand row for row as they were written; where there are faults only `good` may be used."""

    currency: str
    menus: tuple[MenuDraft, ...]
    faults: tuple[RowFault, ...] = ()

    @property
    def good(self) -> tuple[MenuDraft, ...]:
        """The menus without the rows at fault."""
        return without_rows(self.menus, self.faults)


def write(menus: Sequence[MenuDraft], currency: str) -> dict[str, Any]:
    """The document of these menus, as JSON values; what a draft leaves unsaid is left unsaid."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "currency": currency,
        "menus": [_written(menu, currency) for menu in menus],
    }


def read_text(data: bytes | str) -> Document:
    """A document out of the bytes of a file; never an exception."""
    try:
        return read(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        return Document(_FALLBACK_CURRENCY, (), (RowFault("", "", f"This is not JSON: {error}"),))


def read(document: object) -> Document:
    """A document out of JSON values, with everything that is odd in it; never an exception."""
    if not isinstance(document, dict):
        return Document(_FALLBACK_CURRENCY, (), (RowFault("", "", "A menu document is an object."),))
    faults = [RowFault(str(key), "", "there is no such field") for key in document if key not in _TOP]
    if document.get("format") != FORMAT:
        faults.append(RowFault("format", "", f"the format is {FORMAT}"))
    version, currency = document.get("version"), document.get("currency")
    if version != VERSION or isinstance(version, bool):
        faults.append(RowFault("version", "", f"this house reads version {VERSION}"))
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        faults.append(RowFault("currency", "", "a currency is three capital letters (ISO 4217)"))
        currency = _FALLBACK_CURRENCY
    reader = Reader(currency)
    menus = reader.several(document.get("menus"), "menus", reader.menu)
    return Document(currency, menus, (*faults, *reader.faults))


def without_rows(menus: Sequence[MenuDraft], faults: Iterable[RowFault]) -> tuple[MenuDraft, ...]:
    """The menus without the items, sections and menus that these faults are about."""
    bad = {tuple(int(place) for place in found.groups() if place) for one in faults if (found := _PATH.match(one.row))}

    def sections(at: int, menu: MenuDraft) -> tuple[SectionDraft, ...]:
        return tuple(
            replace(section, items=tuple(item for no, item in enumerate(section.items) if (at, place, no) not in bad))
            for place, section in enumerate(menu.sections)
            if (at, place) not in bad
        )

    return tuple(replace(menu, sections=sections(at, menu)) for at, menu in enumerate(menus) if (at,) not in bad)


class Reader:
    """Reads rows and keeps what was odd about them; a path names a row as its author counts."""

    def __init__(self, currency: str) -> None:
        self.faults: list[RowFault] = []
        self._item = known.item_fields(currency)
        self._option = known.option_fields(currency)

    def menu(self, value: Any, row: str) -> MenuDraft:
        facts = self._facts(value, row, known.MENU, "sections")
        return MenuDraft(sections=self.several(_under(value, "sections"), f"{row}.sections", self.section), **facts)

    def section(self, value: Any, row: str) -> SectionDraft:
        facts = self._facts(value, row, known.SECTION, "items")
        return SectionDraft(items=self.several(_under(value, "items"), f"{row}.items", self.item), **facts)

    def item(self, value: Any, row: str) -> ItemDraft:
        facts = {"price": 0} | self._facts(value, row, self._item, "groups", "media")
        if isinstance(value, dict) and value.get("price") is None:
            self._fault(row, value, "a price is missing")
        media = self.several(_under(value, "media"), f"{row}.media", self.medium)
        return ItemDraft(groups=self._groups(value, row, 1), media=media, **facts)

    def medium(self, value: Any, row: str) -> MediaDraft:
        facts = self._facts(value, row, known.MEDIA, named=False)
        if not {"kind", "url"} <= facts.keys():
            self._fault(row, value, "a medium has a kind and a url")
        return MediaDraft(**{"kind": MediaKind.IMAGE, "url": ""} | facts)

    def group(self, value: Any, row: str, depth: int) -> GroupDraft:
        facts = self._facts(value, row, known.GROUP, "options")
        if depth > GROUP_DEPTH:
            self._fault(row, value, f"groups nest at most {GROUP_DEPTH} deep")
            return GroupDraft(options=(), **facts)
        options = self.several(_under(value, "options"), f"{row}.options", lambda one, at: self.option(one, at, depth))
        return GroupDraft(options=options, **facts)

    def option(self, value: Any, row: str, depth: int) -> OptionDraft:
        facts = self._facts(value, row, self._option, "groups")
        return OptionDraft(groups=self._groups(value, row, depth + 1), **facts)

    def several(self, value: Any, row: str, read_one: Callable[[Any, str], Draft]) -> tuple[Draft, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.faults.append(RowFault(row, "", "a list is expected"))
            return ()
        return tuple([read_one(one, f"{row}[{place}]") for place, one in enumerate(value)])

    def _groups(self, value: Any, row: str, depth: int) -> tuple[GroupDraft, ...]:
        return self.several(_under(value, "groups"), f"{row}.groups", lambda one, at: self.group(one, at, depth))

    def _facts(self, value: Any, row: str, readers: known.Fields, *below: str, named: bool = True) -> dict[str, Any]:
        nameless = {"name": _NAMELESS} if named else {}
        if not isinstance(value, dict):
            self.faults.append(RowFault(row, "", "an object is expected"))
            return nameless
        facts = {}
        for key, one in value.items():
            if key not in readers and key not in below:
                self._fault(f"{row}.{key}", value, "there is no such field")
            elif key in readers and one is not None:
                try:
                    facts[key] = readers[key](one)
                except known.Odd as odd:
                    self._fault(f"{row}.{key}", value, str(odd))
        if named and value.get("name") is None:
            self._fault(row, value, "a name is missing")
        return nameless | facts

    def _fault(self, row: str, value: Any, fault: str) -> None:
        name, ref = (value.get("name"), value.get("ref")) if isinstance(value, dict) else ("", "")
        self.faults.append(RowFault(row, name if isinstance(name, str) else "", fault, ref if isinstance(ref, str) else ""))


def _under(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


_BELOW = {"sections", "items", "groups", "options", "media"}


def _written(draft: Any, currency: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for field in fields(draft):
        value = getattr(draft, field.name)
        if field.name in _BELOW:
            said |= {field.name: [_written(one, currency) for one in value]} if value else {}
        elif not _unsaid(field, value):
            said[field.name] = known.plain(field.name, value, currency)
    return said


def _unsaid(field: Any, value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and not value
