"""Writes a menu that was laid out: whole levels at once, rows that were there before keep their ids."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.rows_left import LEVELS, mark_as_before, take_away
from services.catalog.rules import GroupDraft, MenuDraft, OptionDraft, SectionDraft, normalised_gtin
from services.catalog.rules.layout import Layout, OptionRow
from services.catalog.writing_items import AT_ONCE, texts, write_items
from services.kernel.batches import batches
from services.kernel.database import rows, run
from services.kernel.ids import new_id

Ids = dict[tuple[str, str], UUID]


class Written(NamedTuple):
    items: int
    items_removed: int


async def write_menus(store_id: UUID, currency: str, layout: Layout, at: datetime) -> Written:
    """Make the store's rows those of the layout, a thousand with a statement."""
    products = await _write_products(layout)
    before, left = await ids_before(store_id)
    ids = ids_after(left | before, layout)
    if before:
        await _unlink(store_id)
    await _write_levels(store_id, ids, layout)
    await mark_as_before(store_id, [ids[key] for key in ids.keys() & left.keys() - before.keys() if key[0] == "option"])
    await write_items(store_id, currency, ids, products, layout)
    await _write_links(store_id, ids, layout)
    gone = set(before) - set(ids)
    removed = await _remove(gone, before, at) if gone else 0
    return Written(items=len(layout.items), items_removed=removed)


async def _write_products(layout: Layout) -> dict[str, UUID]:
    """The products of the layout's barcodes; what another store told about a barcode first stays."""
    by_gtin = {normalised_gtin(item.draft.gtin): item.draft for item in layout.items.values() if item.draft.gtin}
    # In the order of barcodes, so that two stores with the same articles never wait for each other in a ring.
    found = sorted((gtin, draft) for gtin, draft in by_gtin.items() if gtin)
    if not found:
        return {}
    gtins = [gtin for gtin, _ in found]
    drafts = [draft for _, draft in found]
    await run(
        _PRODUCTS,
        [new_id() for _ in found],
        gtins,
        [draft.name for draft in drafts],
        [draft.brand for draft in drafts],
        [draft.size_text for draft in drafts],
    )
    return {record["gtin"]: record["id"] for record in await rows("SELECT gtin, id FROM products WHERE gtin = ANY($1)", gtins)}


_PRODUCTS = """
INSERT INTO products (id, gtin, name, brand, size_text)
SELECT id, gtin, name, brand, size_text
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS p (id, gtin, name, brand, size_text)
ON CONFLICT (gtin) DO NOTHING
"""


async def ids_before(store_id: UUID) -> tuple[Ids, Ids]:
    """The ids of the rows that stand, and of those that stood once and left."""
    standing: Ids = {}
    left: Ids = {}
    for record in await rows(_REFERENCES, store_id):
        (standing if record["stands"] else left)[record["level"], record["ref"]] = record["id"]
    return standing, left


_REFERENCES = """
SELECT 'menu' AS level, ref, id, true AS stands FROM menus WHERE store_id = $1
UNION ALL SELECT 'section', ref, id, true FROM sections WHERE store_id = $1
UNION ALL SELECT 'item', ref, id, true FROM items WHERE store_id = $1
UNION ALL SELECT 'group', ref, id, true FROM option_groups WHERE store_id = $1
UNION ALL SELECT 'option', ref, id, true FROM options WHERE store_id = $1
UNION ALL SELECT level, ref, id, false FROM menu_rows_left WHERE store_id = $1
"""


def ids_after(before: Ids, layout: Layout) -> Ids:
    """The ids of the layout's rows: those they had, and new ones."""
    levels: dict[str, Iterable[str]] = {
        "menu": layout.menus,
        "section": layout.sections,
        "item": layout.items,
        "group": layout.groups,
        "option": layout.options,
    }
    wanted = [(level, ref) for level, refs in levels.items() for ref in refs]
    return {key: before.get(key) or new_id() for key in wanted}


async def _unlink(store_id: UUID) -> None:
    await run("DELETE FROM item_groups WHERE store_id = $1", store_id)
    await run("DELETE FROM option_child_groups WHERE store_id = $1", store_id)


async def _write_levels(store_id: UUID, ids: Ids, layout: Layout) -> None:
    menus, sections, groups, options = layout.menus, layout.sections, layout.groups, layout.options
    await run(
        _MENUS,
        store_id,
        [
            {"id": str(ids["menu", ref]), "ref": ref, "position": place, "hours": menu.hours, "language": menu.language}
            | _named(menu)
            for place, (ref, menu) in enumerate(menus.items())
        ],
    )
    if sections:
        records = (
            {"id": str(ids["section", s.ref]), "menu_id": str(ids["menu", s.menu]), "ref": s.ref, "position": s.position}
            | _named(s.draft)
            for s in sections.values()
        )
        await run(_SECTIONS, store_id, list(records))
    if groups:
        await run(_GROUPS, store_id, [_group(ids["group", ref], ref, group) for ref, group in groups.items()])
    for batch in batches(options.values(), AT_ONCE):
        await run(_OPTIONS, store_id, [_option(ids, option) for option in batch])


def _named(draft: MenuDraft | SectionDraft | GroupDraft | OptionDraft) -> dict[str, Any]:
    return {"name": draft.name, "names": texts(draft.names)}


def _group(group_id: UUID, ref: str, group: GroupDraft) -> dict[str, Any]:
    counts = {"least": group.min_choices, "most": group.max_choices, "free": group.free_count}
    return {"id": str(group_id), "ref": ref} | counts | _named(group)


def _option(ids: Ids, option: OptionRow) -> dict[str, Any]:
    draft = option.draft
    return {
        "id": str(ids["option", option.ref]),
        "group_id": str(ids["group", option.group]),
        "ref": option.ref,
        "own_ref": draft.ref,
        "price": draft.price,
        "tax_class": draft.tax_class and draft.tax_class.value,
        "is_default": draft.is_default,
        "position": option.position,
    } | _named(draft)


_MENUS = """
INSERT INTO menus (id, store_id, ref, name, names, position, hours, language)
SELECT id, $1, ref, name, names, position, hours, language
FROM json_to_recordset($2::json)
    AS m (id uuid, ref text, name text, names jsonb, position integer, hours text, language text)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, names = excluded.names, position = excluded.position,
    hours = excluded.hours, language = excluded.language
"""
_SECTIONS = """
INSERT INTO sections (id, menu_id, store_id, ref, name, names, position)
SELECT id, menu_id, $1, ref, name, names, position
FROM json_to_recordset($2::json) AS s (id uuid, menu_id uuid, ref text, name text, names jsonb, position integer)
ON CONFLICT (id) DO UPDATE SET menu_id = excluded.menu_id, name = excluded.name, names = excluded.names,
    position = excluded.position
"""
_GROUPS = """
INSERT INTO option_groups (id, store_id, ref, name, names, min_choices, max_choices, free_count)
SELECT id, $1, ref, name, names, least, most, free
FROM json_to_recordset($2::json)
    AS g (id uuid, ref text, name text, names jsonb, least integer, most integer, free integer)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, names = excluded.names, min_choices = excluded.min_choices,
    max_choices = excluded.max_choices, free_count = excluded.free_count
"""
_OPTIONS = """
INSERT INTO options (id, group_id, store_id, ref, own_ref, name, names, price, tax_class, is_default, position)
SELECT id, group_id, $1, ref, own_ref, name, names, price, tax_class, is_default, position
FROM json_to_recordset($2::json)
    AS o (id uuid, group_id uuid, ref text, own_ref text, name text, names jsonb, price bigint, tax_class text,
          is_default boolean, position integer)
ON CONFLICT (id) DO UPDATE SET group_id = excluded.group_id, own_ref = excluded.own_ref, name = excluded.name,
    names = excluded.names, price = excluded.price, tax_class = excluded.tax_class, is_default = excluded.is_default,
    position = excluded.position
"""


async def _write_links(store_id: UUID, ids: Ids, layout: Layout) -> None:
    if layout.item_groups:
        links = ((ids["item", owner], ids["group", group], place) for owner, group, place in layout.item_groups)
        await run(_ITEM_GROUPS, store_id, *_columns(links))
    if layout.child_groups:
        links = ((ids["option", owner], ids["group", group], place) for owner, group, place in layout.child_groups)
        await run(_CHILD_GROUPS, store_id, *_columns(links))


_ITEM_GROUPS = """
INSERT INTO item_groups (item_id, group_id, store_id, position)
SELECT item_id, group_id, $1, position FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS l (item_id, group_id, position)
"""
_CHILD_GROUPS = """
INSERT INTO option_child_groups (option_id, group_id, store_id, position)
SELECT option_id, group_id, $1, position FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS l (option_id, group_id, position)
"""


async def _remove(gone: set[tuple[str, str]], before: Ids, at: datetime) -> int:
    """Take away what the new menu lacks, children first; items keep their rows, of the others the ids are remembered.

    Answers how many items left the menu just now.
    """

    def ids(level: str) -> list[UUID]:
        return [before[key] for key in gone if key[0] == level]

    removed = 0
    for batch in batches(ids("item"), AT_ONCE):
        removed += await run(_REMOVE_ITEMS, batch, at)
    for level in LEVELS:
        await take_away(level, ids(level), at)
    return removed


# Without their section at once: the database would write every item a second time when its section goes.
_REMOVE_ITEMS = "UPDATE items SET removed_at = $2, section_id = NULL WHERE id = ANY($1) AND removed_at IS NULL"


def _columns(records: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows turned into columns, as unnest takes them."""
    return [list(column) for column in zip(*records, strict=True)]
