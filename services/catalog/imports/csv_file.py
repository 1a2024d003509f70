"""Reads a table of goods: CSV with a heading, whatever separates its columns."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from services.catalog.imports.cells import RowReader, SourceRow
from services.catalog.imports.making import Making, finished
from services.catalog.imports.mapping import FIELDS, Mapping, PartOf
from services.catalog.imports.rows import read_rows
from services.catalog.imports.shapes import Progress, Reading, RemarkCode, Remarks, nobody_watches, unreadable
from services.catalog.imports.texts import text_of

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 20


def read_csv(content: bytes, mapping: Mapping, currency: str, progress: Progress = nobody_watches) -> Reading:
    """The menus of a table: one row, one item. Rows are counted as lines of the table, the heading being row 1."""
    remarks = Remarks()
    text = text_of(content, remarks, mapping.encoding)
    if text is None:
        return unreadable("The file is not text in a known encoding.", remarks)
    delimiter = _delimiter(text) if mapping.delimiter == "auto" else mapping.delimiter
    # Null characters end a C string: the reader refuses them, and no cell means anything by them.
    table = _Table(text.replace("\x00", ""), delimiter)
    try:
        lines = sum(1 for _ in table.lines())
        table.columns = [name.strip() for name in next(table.lines())]
    except (csv.Error, StopIteration):
        return unreadable("The file is not a table: a quotation mark is missing, or it is empty.", remarks)
    whole = _with_columns(mapping, table.columns, remarks)
    if whole is None:
        return Reading((), tuple(remarks), lines - 1, 0, hopeless=True)
    making = Making(remarks)
    _tell_misfits(table, making)
    read_rows(RowReader(whole, currency, making), table, progress)
    return finished(making, split=True)


@dataclass(slots=True)
class _Table:
    """The rows of a table, cut out of its text anew whenever somebody goes through them: they are never all held at once."""

    text: str
    delimiter: str
    columns: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[list[str]]:
        return csv.reader(StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every line below the heading that is not empty, with its number."""
        for number, cells in enumerate(self.lines(), 1):
            if number > 1 and any(cell.strip() for cell in cells):
                yield number, cells

    def __iter__(self) -> Iterator[SourceRow]:
        for number, cells in self.rows():
            if len(cells) == len(self.columns):
                yield SourceRow(number, f"row {number}", _looking_up(dict(zip(self.columns, cells, strict=True))))


def _tell_misfits(table: _Table, making: Making) -> None:
    for number, cells in table.rows():
        if len(cells) != len(table.columns):
            making.rows += 1
            sentence = f"The row has {len(cells)} cells, the heading has {len(table.columns)}."
            making.remarks.fault(number, "", RemarkCode.ROW_NOT_READABLE, sentence, ",".join(cells))


def _delimiter(text: str) -> str:
    """What separates the columns: whatever splits the first lines into the same number of columns, most of them."""
    lines = text[:65_536].splitlines()[:_LOOKED_AT]

    def columns(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            return (0, 0)
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        return (count if width > 1 else 0, width)

    return max(DELIMITERS, key=columns)


def _with_columns(mapping: Mapping, columns: list[str], remarks: Remarks) -> Mapping | None:
    """The mapping with the columns that are called as our fields; None where it names a column that is not there."""
    fields = dict(mapping.fields)
    by_name = {column.lower(): column for column in reversed(columns)}
    for name in FIELDS:
        found = by_name.get(name.lower()) or by_name.get(_snake(name))
        if found and not mapping.fields:
            fields[name] = found
    wanted = {column for source in fields.values() for column in _columns_of(source)} | set(mapping.where)
    wanted |= {column for column in (mapping.by_weight.price, mapping.by_weight.unit) if column} if mapping.by_weight else set()
    missing = sorted(wanted - set(columns))
    for column in missing:
        remarks.fault(1, column, RemarkCode.COLUMN_MISSING, "The file has no such column.", ", ".join(columns))
    for column in columns:
        if column and column not in wanted:
            remarks.warn(1, column, RemarkCode.COLUMN_NOT_READ, "Nothing is read from this column.")
    if "name" not in fields and "name" not in mapping.constants:
        remarks.fault(1, "name", RemarkCode.COLUMN_MISSING, "No column says what things are called.", ", ".join(columns))
        return None
    return None if missing else mapping.model_copy(update={"fields": fields})


def _columns_of(source: str | PartOf | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(source, PartOf):
        return (source.column,)
    return (source,) if isinstance(source, str) else source


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _looking_up(cells: dict[str, str]) -> Callable[[str], Any]:
    return lambda column: cells.get(column, "")
