"""Reads Pannier's own menu document (docs/menu-json.md)."""

import re
from dataclasses import replace

from services.catalog.errors import RowFault
from services.catalog.imports.making import Making, Placed, SectionInMaking, finished
from services.catalog.imports.mapping import Mapping
from services.catalog.imports.shapes import Progress, Reading, RemarkCode, Remarks, nobody_watches, unreadable
from services.catalog.imports.texts import text_of
from services.catalog.rules import documents

_ITEM = re.compile(r"menus\[\d+\]\.sections\[\d+\]\.items\[\d+\]")


def read_pannier(content: bytes, _mapping: Mapping, currency: str, progress: Progress = nobody_watches) -> Reading:
    """The menus of a document. Items are rows, counted from 1 through the whole document."""
    remarks = Remarks()
    text = text_of(content, remarks)
    if text is None:
        return unreadable("The file is not text in a known encoding.", remarks)
    document = documents.read_text(text.encode("utf-8", "replace"))
    if not document.menus and document.faults:
        return unreadable(f"{document.faults[0].fault[:1].upper()}{document.faults[0].fault[1:]}.", remarks)
    making = Making(remarks)
    bad = {found[0] for fault in document.faults if (found := _ITEM.match(fault.row))}
    numbers = _put(making, document, bad)
    hopeless = _tell(document.faults, numbers, remarks)
    if document.currency != currency:
        sentence = f"The document's prices are in {document.currency}, the store's in {currency}."
        remarks.fault(0, "currency", RemarkCode.CURRENCY_DIFFERS, sentence, document.currency)
        hopeless = True
    progress(making.rows, making.rows)
    reading = finished(making, keep_empty=True)
    return Reading(reading.menus, reading.remarks, reading.rows, reading.good_rows, reading.hopeless or hopeless)


def _put(making: Making, document: documents.Document, bad: set[str]) -> dict[str, int]:
    """Put the good items into their sections; answers the number of every item by its path."""
    numbers: dict[str, int] = {}
    for place, menu in enumerate(document.menus):
        made = making.menu(menu, key=f"menus[{place}]")
        for at, section in enumerate(menu.sections):
            placed = made.sections.setdefault(str(at), SectionInMaking(replace(section, items=()))).placed
            for no, item in enumerate(section.items):
                path = f"menus[{place}].sections[{at}].items[{no}]"
                making.rows += 1
                numbers[path] = making.rows
                if path not in bad:
                    placed.append(Placed(item, making.rows, path))
    return numbers


def _tell(faults: tuple[RowFault, ...], numbers: dict[str, int], remarks: Remarks) -> bool:
    """Tell what is odd; answers whether it is more than items, so that leaving rows out does not help."""
    hopeless = False
    for fault in faults:
        found = _ITEM.match(fault.row)
        row = numbers.get(found[0], 0) if found else 0
        hopeless = hopeless or not row
        sentence = f"{fault.fault[:1].upper()}{fault.fault[1:]}."
        remarks.fault(row, fault.row, RemarkCode.ROW_NOT_ALLOWED, sentence, fault.name)
    return hopeless
