"""What the cells of a row say, in the owner's words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.catalog.imports.amounts import Decimals
from services.catalog.imports.making import Making
from services.catalog.imports.mapping import FieldName, Mapping, PartOf
from services.catalog.rules import GroupDraft

_LIST_SEPARATORS = (";", "|", ",")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`value` looks up what a column (or a JSON path) says in this row."""

    number: int
    path: str
    value: Callable[[str], Any]


@dataclass(slots=True)
class RowReader:
    """How the rows of one file are read: the owner's words, and what all rows together show."""

    mapping: Mapping
    currency: str
    making: Making
    groups: dict[str, GroupDraft] = field(default_factory=dict)
    decimals: Decimals = Decimals.AUTO
    shown_by_others: bool = False
    labels_told: set[str] = field(default_factory=set)


def several(reader: RowReader, row: SourceRow, name: FieldName) -> tuple[str, ...]:
    """The words of a field that lists some."""
    source = reader.mapping.fields.get(name)
    value = row.value(source) if isinstance(source, str) else reader.mapping.constants.get(name, "")
    return tuple(text for text in listed(value) if text not in reader.mapping.missing)


def listed(value: Any) -> tuple[str, ...]:
    """A list, or a text that separates its parts by a semicolon, else a bar, else a comma."""
    if isinstance(value, list):
        return tuple(text for text in map(plain, value) if text)
    text = plain(value)
    separator = next((one for one in _LIST_SEPARATORS if one in text), ";")
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def said(reader: RowReader, row: SourceRow, name: FieldName) -> str:
    """What the row says of a field, in the owner's words for nothing: an empty text."""
    source = reader.mapping.fields.get(name)
    if isinstance(source, PartOf):
        parts = clean(reader, row.value(source.column)).split(source.separator)
        found = parts[source.part - 1].strip() if source.part <= len(parts) else ""
    elif isinstance(source, tuple):
        found = " ".join(text for text in (clean(reader, row.value(column)) for column in source) if text)
    else:
        found = clean(reader, row.value(source)) if source else ""
    return found or reader.mapping.constants.get(name, "")


def clean(reader: RowReader, value: Any) -> str:
    """The text of a cell; empty where it is the source's word for nothing."""
    text = plain(value)
    return "" if text in reader.mapping.missing else text


def plain(value: Any) -> str:
    """A value as one line of text; empty for what is no single value."""
    if value is None or isinstance(value, dict | list):
        return ""
    return " ".join(str(value).replace("\x00", "").split()) if not isinstance(value, bool) else str(value).lower()
