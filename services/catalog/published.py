"""What a store sells, as the drafts that would write it: where a draft begins, and what an export says."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft, TaxClass
from services.catalog.rules.drafts import MediaDraft
from services.catalog.rules.marks import ContentUnit, Measure, MediaKind
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound, Unavailable

# A store that is edited without pause is read again as often.
_READS = 10
_Below = dict[UUID, list[Row]]


async def published_menus(store_id: UUID) -> tuple[MenuDraft, ...]:
    """What the store sells, every row with its reference: written again, it is the same with the same ids.

    In a fixed number of statements; a menu that is replaced meanwhile is read again. Raises NotFound.
    """
    for _ in range(_READS):
        before = await _version(store_id)
        menus = await _read(store_id)
        if await _version(store_id) == before:
            return menus
    raise Unavailable


async def _version(store_id: UUID) -> int:
    found = await row("SELECT version FROM stores WHERE id = $1", store_id)
    if found is None:
        raise NotFound("There is no such store.")
    return int(found["version"])


async def _read(store_id: UUID) -> tuple[MenuDraft, ...]:
    menus = await rows(_MENUS, store_id)
    sections = _by("menu_id", await rows(_SECTIONS, store_id))
    items = _by("section_id", await rows(_ITEMS, store_id))
    groups_of = _groups(
        await rows(_GROUPS, store_id), _by("group_id", await rows(_OPTIONS, store_id)), await rows(_LINKS, store_id)
    )

    def section(one: Row) -> SectionDraft:
        return SectionDraft(
            name=one["name"],
            items=tuple(_item(item, groups_of(item["id"])) for item in items[one["id"]]),
            ref=one["ref"],
            names=one["names"] or {},
        )

    return tuple(
        MenuDraft(
            name=one["name"],
            sections=tuple(map(section, sections[one["id"]])),
            ref=one["ref"],
            names=one["names"] or {},
            language=one["language"],
            hours=one["hours"],
        )
        for one in menus
    )


_MENUS = "SELECT id, ref, name, names, language, hours FROM menus WHERE store_id = $1 ORDER BY position, id"
_SECTIONS = "SELECT id, menu_id, ref, name, names FROM sections WHERE store_id = $1 ORDER BY position, id"
_ITEMS = """
SELECT i.*, p.gtin FROM items i LEFT JOIN products p ON p.id = i.product_id
WHERE i.store_id = $1 AND i.removed_at IS NULL ORDER BY i.position, i.id
"""
_GROUPS = "SELECT id, ref, name, names, min_choices, max_choices, free_count FROM option_groups WHERE store_id = $1"
_OPTIONS = """
SELECT o.id, o.group_id, o.ref, o.own_ref, o.name, o.names, o.price, o.tax_class, o.is_default, g.ref AS group_ref
FROM options o JOIN option_groups g ON g.id = o.group_id WHERE o.store_id = $1 ORDER BY o.position, o.id
"""
_LINKS = """
SELECT item_id AS owner_id, group_id, position FROM item_groups WHERE store_id = $1
UNION ALL
SELECT option_id, group_id, position FROM option_child_groups WHERE store_id = $1
ORDER BY position
"""


def _by(column: str, found: list[Row]) -> _Below:
    several: _Below = defaultdict(list)
    for record in found:
        several[record[column]].append(record)
    return several


def _groups(groups: list[Row], options: _Below, links: list[Row]) -> Callable[[UUID], tuple[GroupDraft, ...]]:
    """Answers the groups of an item or an option; a shared group is one object."""
    raw = {record["id"]: record for record in groups}
    owned: dict[UUID, list[UUID]] = defaultdict(list)
    for link in links:
        owned[link["owner_id"]].append(link["group_id"])
    made: dict[UUID, GroupDraft] = {}

    def group(group_id: UUID) -> GroupDraft:
        if group_id not in made:
            made[group_id] = _group(raw[group_id], tuple(_option(one, groups_of(one["id"])) for one in options[group_id]))
        return made[group_id]

    def groups_of(owner_id: UUID) -> tuple[GroupDraft, ...]:
        return tuple(group(group_id) for group_id in owned.get(owner_id, ()))

    return groups_of


def _group(record: Row, options: tuple[OptionDraft, ...]) -> GroupDraft:
    return GroupDraft(
        name=record["name"],
        options=options,
        min_choices=record["min_choices"],
        max_choices=record["max_choices"],
        free_count=record["free_count"],
        ref=record["ref"],
        names=record["names"] or {},
    )


def _option(record: Row, groups: tuple[GroupDraft, ...]) -> OptionDraft:
    # An option's reference counts within its group. One made of its name is said too, so that a renamed option stays itself.
    derived = record["ref"].removeprefix(f"{record['group_ref']}/")
    return OptionDraft(
        name=record["name"],
        price=record["price"],
        is_default=record["is_default"],
        groups=groups,
        ref=record["own_ref"] or (derived if derived != record["ref"] else ""),
        tax_class=TaxClass(record["tax_class"]) if record["tax_class"] else None,
        names=record["names"] or {},
    )


def _item(record: Row, groups: tuple[GroupDraft, ...]) -> ItemDraft:
    by_weight = record["sold_by"] == Measure.WEIGHT
    return ItemDraft(
        **{name: record[name] for name in _AS_THEY_STAND},
        tax_class=TaxClass(record["tax_class"]),
        allergens=tuple(record["allergens"]),
        diets=tuple(record["diets"]),
        groups=groups,
        brand=record["own_brand"],
        size_text=record["own_size_text"],
        names=record["names"] or {},
        descriptions=record["descriptions"] or {},
        media=tuple(_medium(one) for one in record["media"] or ()),
        sold_by=Measure(record["sold_by"]),
        priced_by=Measure(record["priced_by"]),
        nominal_grams=None if by_weight else record["grams"],
        step_grams=record["grams"] if by_weight else None,
        content=_shortest(record["content"]),
        content_unit=ContentUnit(record["content_unit"]) if record["content_unit"] else None,
    )


_AS_THEY_STAND = (
    "name",
    "price",
    "description",
    "stock",
    "gtin",
    "ref",
    "energy_kj",
    "energy_kcal",
    "age_limit",
    "preparation_minutes",
    "most_per_day",
    "aisle",
    "shelf",
)


def _medium(said: Mapping[str, Any]) -> MediaDraft:
    return MediaDraft(**{**said, "kind": MediaKind(said["kind"])})


def _shortest(content: Decimal | None) -> Decimal | None:
    """Without the zeros that a column of so many digits adds."""
    return None if content is None else Decimal(f"{content.normalize():f}")
