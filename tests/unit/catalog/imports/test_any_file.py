"""Whatever a file holds no reader raises; and what is written out is read in again as it was."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.formats import READERS
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import ImportFormat, Reading, nobody_watches
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft, documents


def read(content: bytes, kind: ImportFormat, mapping: Any = None) -> Reading:
    return READERS[kind](content, read_mapping(mapping), "EUR", nobody_watches)


KEYS = [
    "menus",
    "items",
    "categories",
    "modifier_groups",
    "title",
    "translations",
    "price_info",
    "price",
    "id",
    "category_ids",
    "entities",
    "modifier_group_ids",
    "ids",
    "menu",
    "name",
    "extras",
    "options",
    "open_hours",
    "format",
    "version",
    "currency",
    "sections",
    "rows",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ImportFormat)), JSON | st.binary(max_size=60))
def test_whatever_stands_in_a_file_nothing_is_raised(kind: ImportFormat, value: Any) -> None:
    content = value if isinstance(value, bytes) else _text(value)
    reading = read(content, kind, mapping={"rows": "menus[].items[]", "fields": {"name": "name", "price": "price"}})
    assert reading.good_rows == sum(len(section.items) for menu in reading.menus for section in menu.sections)


def _text(value: Any) -> bytes:
    # Integers beyond 64 bits are no JSON of ours.
    try:
        return orjson.dumps(value)
    except TypeError:
        return b"{"


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1f"), min_size=1, max_size=12).filter(str.strip)
OPTIONS = st.builds(OptionDraft, name=NAMES, price=st.integers(0, 10**6), is_default=st.booleans())


def group(options: list[OptionDraft]) -> GroupDraft:
    return GroupDraft(name="Choose", options=tuple(options), max_choices=max(1, len(options)))


ITEMS = st.builds(
    ItemDraft,
    name=NAMES,
    price=st.integers(0, 10**6),
    description=NAMES,
    stock=st.none() | st.integers(0, 10**5),
    allergens=st.lists(st.sampled_from(["MILK", "EGGS", "FISH"]), unique=True).map(tuple),
    names=st.dictionaries(st.sampled_from(["fi", "sv"]), NAMES),
    groups=st.lists(st.lists(OPTIONS, max_size=3).map(group), max_size=2).map(tuple),
)
MENUS = st.lists(
    st.builds(
        MenuDraft,
        name=NAMES,
        sections=st.lists(
            st.builds(SectionDraft, name=NAMES, items=st.lists(ITEMS, max_size=3, unique_by=lambda item: item.name).map(tuple)),
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(MENUS)
def test_what_is_written_out_is_read_in_again_as_it_was(menus: list[MenuDraft]) -> None:
    written = orjson.dumps(documents.write(menus, "EUR"))
    reading = read(written, ImportFormat.PANNIER_JSON)
    assert (reading.menus, reading.faults, reading.hopeless) == (tuple(menus), 0, False)
    assert orjson.dumps(documents.write(reading.menus, "EUR")) == written
