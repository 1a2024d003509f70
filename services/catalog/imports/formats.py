"""Which reader reads which file, and how a file is recognised."""

from collections.abc import Callable, Mapping

from services.catalog.imports.csv_file import read_csv
from services.catalog.imports.doordash import read_doordash
from services.catalog.imports.json_rows import read_mapped_json
from services.catalog.imports.loose import an_object
from services.catalog.imports.mapping import Mapping as ColumnMapping
from services.catalog.imports.pannier_file import read_pannier
from services.catalog.imports.shapes import ImportFormat, Progress, Reading, Remarks
from services.catalog.imports.texts import json_of, looks_like_json
from services.catalog.imports.uber_eats import read_uber_eats

Reader = Callable[[bytes, ColumnMapping, str, Progress], Reading]

READERS: Mapping[ImportFormat, Reader] = {
    ImportFormat.PANNIER_JSON: read_pannier,
    ImportFormat.CSV: read_csv,
    ImportFormat.MAPPED_JSON: read_mapped_json,
    ImportFormat.UBER_EATS: read_uber_eats,
    ImportFormat.DOORDASH: read_doordash,
}


def format_of(content: bytes, *, mapped: bool, name: str = "") -> ImportFormat:
    """The format by what stands in the file: a partner's payload by its own words, other JSON by the mapping, else a table.

    JSON that is broken is told as JSON, by the file's name or its beginning.
    """
    value = json_of(content, Remarks())
    if not isinstance(value, dict | list):
        broken = ImportFormat.MAPPED_JSON if mapped else ImportFormat.PANNIER_JSON
        return broken if looks_like_json(content, name) else ImportFormat.CSV
    if mapped:
        return ImportFormat.MAPPED_JSON
    first = an_object(value[0] if isinstance(value, list) and value else value)
    if "modifier_groups" in first or ("items" in first and "menus" in first):
        return ImportFormat.UBER_EATS
    if isinstance(first.get("menu"), dict) or "store" in first:
        return ImportFormat.DOORDASH
    return ImportFormat.PANNIER_JSON
