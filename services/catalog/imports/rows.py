"""Rows of a table or of mapped JSON, read by the owner's mapping into items."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.catalog.imports.barcodes import read_barcode
from services.catalog.imports.cells import RowReader, SourceRow, listed, plain, said, several
from services.catalog.imports.making import Placed
from services.catalog.imports.mapping import FieldName
from services.catalog.imports.prices import look_at_prices, price_of
from services.catalog.imports.shapes import Progress, RemarkCode, RemarkKind
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, SectionDraft
from services.catalog.rules.drafts import MediaDraft
from services.catalog.rules.marks import Allergen, Diet, Measure, MediaKind, TaxClass, marks_of

TOLD_EVERY = 500
STEP_GRAMS = 50
_MOST_DIGITS = 9
_NUMBERS: Mapping[str, FieldName] = {
    "age_limit": "ageLimit",
    "most_per_day": "mostPerDay",
    "preparation_minutes": "preparationMinutes",
    "energy_kcal": "energyKcal",
    "energy_kj": "energyKj",
}


def read_rows(reader: RowReader, rows: Iterable[SourceRow], progress: Progress) -> None:
    """Put every row that can be sold into its section, and tell of every other. The rows are gone through three times."""
    of = sum(1 for row in rows if _is_wanted(reader, row))
    look_at_prices(reader, (row for row in rows if _is_wanted(reader, row)))
    for count, row in enumerate((row for row in rows if _is_wanted(reader, row)), 1):
        reader.making.rows += 1
        _read_row(reader, row)
        if count % TOLD_EVERY == 0:
            progress(count, of)
    progress(of, of)


def _is_wanted(reader: RowReader, row: SourceRow) -> bool:
    return all(plain(row.value(column)) == said for column, said in reader.mapping.where.items())


def _read_row(reader: RowReader, row: SourceRow) -> None:
    remarks = reader.making.remarks
    told = len(remarks.told)
    name = said(reader, row, "name")
    if not name:
        remarks.fault(row.number, "name", RemarkCode.NAME_MISSING, "There is no name.", plain(row.value("name")))
    price = price_of(reader, row)
    gtin, tax, numbers = _gtin(reader, row), _tax_class(reader, row), _numbers(reader, row)
    if price is None or any(remark.kind is RemarkKind.FAULT for remark in remarks.told[told:]):
        return
    brand = said(reader, row, "brand")
    if not brand and "brand" in reader.mapping.fields:
        remarks.warn(row.number, "brand", RemarkCode.BRAND_MISSING, "There is no brand; the row is taken without one.")
    allergens, diets = _marks(reader, row)
    item = ItemDraft(
        name=name,
        price=price.amount,
        description=said(reader, row, "description"),
        tax_class=tax,
        allergens=allergens,
        diets=diets,
        groups=_groups(reader, row),
        gtin=gtin,
        brand=brand,
        size_text=said(reader, row, "size"),
        ref=said(reader, row, "ref"),
        sold_by=price.measure,
        priced_by=price.measure,
        step_grams=STEP_GRAMS if price.measure is Measure.WEIGHT else None,
        aisle=said(reader, row, "aisle"),
        shelf=said(reader, row, "shelf"),
        media=_media(reader, row),
        **numbers,
    )
    menu = MenuDraft(name=said(reader, row, "menu") or "Menu", sections=())
    section = SectionDraft(name=said(reader, row, "section") or "All", items=())
    reader.making.section(menu, section).placed.append(Placed(item, row.number, row.path))


def _gtin(reader: RowReader, row: SourceRow) -> str | None:
    text, remarks = said(reader, row, "gtin"), reader.making.remarks
    if not text:
        return None
    barcode = read_barcode(text)
    if barcode.gtin is None and reader.mapping.broken_barcodes == "LEAVE_OUT":
        sentence = "This is not a barcode; the row is taken without one."
        remarks.warn(row.number, "gtin", RemarkCode.BARCODE_LEFT_OUT, sentence, text)
    elif barcode.gtin is None:
        sentence = "This is not a barcode: its check digit or length is wrong."
        remarks.fault(
            row.number, "gtin", RemarkCode.BARCODE_NOT_VALID, "This is not a barcode: its check digit or length is wrong.", text
        )
    elif barcode.completed:
        sentence = f"Leading zeros were missing; with them it is {barcode.gtin}."
        remarks.warn(row.number, "gtin", RemarkCode.BARCODE_COMPLETED, sentence, text)
    return barcode.gtin


def _whole(reader: RowReader, row: SourceRow, name: FieldName, code: RemarkCode = RemarkCode.NUMBER_NOT_READABLE) -> int | None:
    text = said(reader, row, name)
    if not text:
        return None
    whole = text.removesuffix(".0")
    if whole.isascii() and whole.isdigit() and len(whole) <= _MOST_DIGITS:
        return int(whole)
    reader.making.remarks.fault(row.number, name, code, "This is a whole number from 0.", text)
    return None


def _numbers(reader: RowReader, row: SourceRow) -> dict[str, Any]:
    """The counts and limits of a row, by the fields of a draft."""
    return {field: _whole(reader, row, name) for field, name in _NUMBERS.items()} | {
        "stock": _whole(reader, row, "stock", RemarkCode.STOCK_NOT_READABLE)
    }


def _media(reader: RowReader, row: SourceRow) -> tuple[MediaDraft, ...]:
    url = said(reader, row, "image")
    return (MediaDraft(kind=MediaKind.IMAGE, url=url),) if url else ()


def _tax_class(reader: RowReader, row: SourceRow) -> TaxClass:
    text = said(reader, row, "taxClass").upper()
    if not text:
        return TaxClass.FOOD
    if text in TaxClass.__members__:
        return TaxClass[text]
    sentence = f"A tax class is one of {', '.join(TaxClass)}."
    reader.making.remarks.fault(row.number, "taxClass", RemarkCode.TAX_CLASS_UNKNOWN, sentence, text)
    return TaxClass.FOOD


def _marks(reader: RowReader, row: SourceRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Allergens and diets: as written where they are ours, by the mapping's labels where they are the partner's own."""
    allergens = list(marks_of(several(reader, row, "allergens")))
    diets = list(marks_of(several(reader, row, "diets")))
    for label in several(reader, row, "labels"):
        meant = reader.mapping.labels.get(label)
        if meant is None:
            _tell_label(reader, row, label)
        else:
            allergens += [meant.allergen] if meant.allergen else []
            diets += [meant.diet] if meant.diet else []
    for marks, ours in ((allergens, Allergen.__members__), (diets, Diet.__members__)):
        for mark in [mark for mark in marks if mark not in ours]:
            marks.remove(mark)
            _tell_label(reader, row, mark)
    return tuple(dict.fromkeys(allergens)), tuple(dict.fromkeys(diets))


def _tell_label(reader: RowReader, row: SourceRow, label: str) -> None:
    if label not in reader.labels_told:
        reader.labels_told.add(label)
        sentence = (
            "This is no allergen or diet of ours, and the mapping does not say which it is; left out, here and in later rows."
        )
        reader.making.remarks.warn(row.number, "labels", RemarkCode.LABEL_UNKNOWN, sentence, label)


def _groups(reader: RowReader, row: SourceRow) -> tuple[GroupDraft, ...]:
    if reader.mapping.groups is None:
        return ()
    named = listed(row.value(reader.mapping.groups.named_by))
    for name in named:
        if name not in reader.groups:
            sentence = "The file has no such option group; the row is taken without it."
            reader.making.remarks.warn(row.number, reader.mapping.groups.named_by, RemarkCode.REFERENCE_UNKNOWN, sentence, name)
    return tuple(reader.groups[name] for name in dict.fromkeys(named) if name in reader.groups)
