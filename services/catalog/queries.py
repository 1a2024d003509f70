"""The catalogue as it is read: whole menus with a fixed number of flat statements, and single items with all their options."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.rules import GroupForSale, ItemFacts, ItemForSale, MenuForSale, OptionForSale, SectionForSale
from services.catalog.rules.offers import UNTIL_SAID
from services.catalog.rules.windows import SellingHours, changes_at
from services.kernel.database import Row, rows
from services.kernel.errors import NotFound, Unavailable

# A store that is edited without pause is read again as often; each reading takes a few milliseconds.
_READS = 10
# In the order of the fields of ItemFacts, OptionForSale and GroupForSale; what lies below comes last.
_ITEM_COLUMNS = """
i.id, i.store_id, i.section_id, i.product_id, i.name, i.description, i.price, i.currency, i.tax_class, i.allergens, i.diets,
i.unavailable_until, i.stock, i.removed_at, p.gtin, coalesce(nullif(i.own_brand, ''), p.brand) AS brand,
coalesce(nullif(i.own_size_text, ''), p.size_text) AS size_text, i.names, i.descriptions, i.media, i.energy_kj, i.energy_kcal,
i.age_limit, i.preparation_minutes, i.most_per_day, i.aisle, i.shelf, i.sold_by, i.priced_by, i.grams, i.content, i.content_unit,
i.selling_hours, s.time_zone, s.country, i.choices_out_until
"""
_ITEMS = f"SELECT {_ITEM_COLUMNS} FROM items i JOIN stores s ON s.id = i.store_id LEFT JOIN products p ON p.id = i.product_id"  # noqa: S608 - columns are ours
_OPTION_COLUMNS = "id, group_id, name, price, is_default, unavailable_until, tax_class, names"
_GROUP_COLUMNS = "id, name, min_choices, max_choices, free_count, names"

Links = dict[UUID, list[UUID]]


@dataclass(frozen=True, slots=True)
class MenuTree:
    """All that a store sells, as of one version of the store; `at` is the time that "available" is asked for."""

    store_id: UUID
    version: int
    at: datetime
    # When something in it can be had again although nobody changed it, at the earliest; whole minutes are looked at by the store.
    same_until: datetime
    menus: tuple[MenuForSale, ...]


async def menu(store_id: UUID, at: datetime) -> MenuTree:
    """All that one store sells. Raises NotFound for a store that does not exist."""
    tree = (await menus_of_stores([store_id], at))[0]
    if tree is None:
        raise NotFound("There is no such store.")
    return tree


async def menus_of_stores(store_ids: Sequence[UUID], at: datetime) -> list[MenuTree | None]:
    """What each of these stores sells, in their order, in a fixed number of statements whatever the size of the menus.

    A menu that is replaced meanwhile is read again, so that no tree is put together from two versions.
    """
    trees: dict[UUID, MenuTree] = {}
    versions = await _versions(store_ids)
    waiting = [store_id for store_id in store_ids if store_id in versions]
    for _ in range(_READS):
        trees |= await _read_trees(waiting, versions, at)
        versions = await _versions(waiting)
        waiting = [store_id for store_id in waiting if trees[store_id].version != versions.get(store_id)]
        if not waiting:
            return [trees.get(store_id) for store_id in store_ids]
    raise Unavailable


async def items_by_ids(ids: Collection[UUID]) -> list[ItemFacts]:
    """These items without their options, in no order; removed ones too, unknown ones left out."""
    found = await rows(_ITEMS_BY_IDS, list(ids))
    return [ItemFacts(*record) for record in found]


# Some items out of millions: each article by its key, never all articles read and hashed.
_ITEMS_BY_IDS = f"""
SELECT {_ITEM_COLUMNS} FROM items i JOIN stores s ON s.id = i.store_id
    LEFT JOIN LATERAL (SELECT gtin, brand, size_text FROM products WHERE id = i.product_id OFFSET 0) p ON true
WHERE i.id = ANY($1)
"""  # noqa: S608 - columns are ours


async def configured_items(wanted: Sequence[tuple[UUID, Sequence[UUID]]]) -> list[ItemForSale]:
    """Per (item, chosen options) the item with all its groups, in the order asked, in four statements however many.

    Removed items are answered too. Raises NotFound for an id that never was an item.
    """
    ids = list({item_id for item_id, _ in wanted})
    facts = await rows(_ITEMS_BY_IDS, ids)
    if len(facts) != len(ids):
        raise NotFound("There is no such item.")
    owned, children = await _links_below(ids)
    group_ids = {group_id for several in (*owned.values(), *children.values()) for group_id in several}
    groups = await _groups_by_ids(group_ids, children) if group_ids else {}
    items = {item.id: item for item in _items(facts, owned, groups)}
    return [items[item_id] for item_id, _ in wanted]


async def _versions(store_ids: Sequence[UUID]) -> dict[UUID, int]:
    found = await rows("SELECT id, version FROM stores WHERE id = ANY($1)", list(store_ids))
    return {record["id"]: record["version"] for record in found}


async def _read_trees(store_ids: Sequence[UUID], versions: dict[UUID, int], at: datetime) -> dict[UUID, MenuTree]:
    stores = list(store_ids)
    menus = await rows(_MENUS_OF_STORES, stores)
    sections = await rows("SELECT id, name, menu_id, names FROM sections WHERE store_id = ANY($1) ORDER BY position, id", stores)
    items = await rows(_ITEMS_OF_STORES, stores)
    groups = await rows(f"SELECT {_GROUP_COLUMNS} FROM option_groups WHERE store_id = ANY($1)", stores)  # noqa: S608
    options = await rows(f"SELECT {_OPTION_COLUMNS} FROM options WHERE store_id = ANY($1) ORDER BY group_id, position", stores)  # noqa: S608
    links = await rows(_LINKS_OF_STORES, stores)
    owned, children = _read_links(links)
    per_section = defaultdict(list)
    for item in _items(items, owned, _assemble(groups, options, children)):
        per_section[item.section_id].append(item)
    per_menu = defaultdict(list)
    for section_id, name, menu_id, names in sections:
        per_menu[menu_id].append(SectionForSale(section_id, name, tuple(per_section[section_id]), names))
    per_store = defaultdict(list)
    for record in menus:
        per_store[record["store_id"]].append(_menu(record, tuple(per_menu[record["id"]])))
    until = min(_first_back((*items, *options), at), _first_turn(per_store.values(), at))
    return {
        store_id: MenuTree(store_id, versions[store_id], at, until, tuple(per_store[store_id]))
        for store_id in stores
        if store_id in versions
    }


def _first_back(several: Iterable[Row], at: datetime) -> datetime:
    return min((back for one in several if (back := one["unavailable_until"]) is not None and back > at), default=UNTIL_SAID)


_ITEMS_OF_STORES = f"{_ITEMS} WHERE i.store_id = ANY($1) AND i.removed_at IS NULL ORDER BY i.section_id, i.position, i.id"


def _menu(record: Row, sections: tuple[SectionForSale, ...]) -> MenuForSale:
    hours = SellingHours(record["hours"], record["time_zone"], record["country"]) if record["hours"] else None
    return MenuForSale(record["id"], record["name"], sections, record["names"], record["language"], hours)


def _first_turn(several: Iterable[Iterable[MenuForSale]], at: datetime) -> datetime:
    """When the first of these menus begins or ends to be sold."""
    turns = (changes_at(menu.hours, at) for menus in several for menu in menus if menu.hours)
    return min((turn for turn in turns if turn is not None), default=UNTIL_SAID)


_MENUS_OF_STORES = """
SELECT m.id, m.name, m.store_id, m.names, m.language, m.hours, s.time_zone, s.country
FROM menus m JOIN stores s ON s.id = m.store_id WHERE m.store_id = ANY($1) ORDER BY m.position, m.id
"""
_LINKS_OF_STORES = """
SELECT true AS of_item, item_id AS owner_id, group_id, position FROM item_groups WHERE store_id = ANY($1)
UNION ALL
SELECT false, option_id, group_id, position FROM option_child_groups WHERE store_id = ANY($1)
ORDER BY position
"""


async def _links_below(item_ids: list[UUID]) -> tuple[Links, Links]:
    return _read_links(await rows(_LINKS_BELOW, item_ids))


_LINKS_BELOW = """
WITH RECURSIVE below (of_item, owner_id, group_id, position) AS (
    SELECT true, item_id, group_id, position FROM item_groups WHERE item_id = ANY($1)
    UNION
    SELECT false, c.option_id, c.group_id, c.position
    FROM below b JOIN options o ON o.group_id = b.group_id JOIN option_child_groups c ON c.option_id = o.id
)
SELECT of_item, owner_id, group_id, position FROM below ORDER BY position
"""


def _read_links(links: Iterable[Row]) -> tuple[Links, Links]:
    owned: Links = defaultdict(list)
    children: Links = defaultdict(list)
    for of_item, owner_id, group_id, _ in links:
        (owned if of_item else children)[owner_id].append(group_id)
    return owned, children


async def _groups_by_ids(ids: Collection[UUID], children: Links) -> dict[UUID, GroupForSale]:
    groups = await rows(f"SELECT {_GROUP_COLUMNS} FROM option_groups WHERE id = ANY($1)", list(ids))  # noqa: S608
    options = await rows(f"SELECT {_OPTION_COLUMNS} FROM options WHERE group_id = ANY($1) ORDER BY group_id, position", list(ids))  # noqa: S608
    return _assemble(groups, options, children)


def _assemble(groups: Iterable[Row], options: Iterable[Row], children: Links) -> dict[UUID, GroupForSale]:
    """Groups with their options, those of deeper levels inside; a shared group is one object."""
    raw = {record["id"]: record for record in groups}
    per_group: dict[UUID, list[Row]] = defaultdict(list)
    for option in options:
        per_group[option["group_id"]].append(option)
    made: dict[UUID, GroupForSale] = {}

    def group(group_id: UUID) -> GroupForSale:
        if group_id not in made:
            several = tuple([OptionForSale(*(*one, below(one[0]) if one[0] in children else ())) for one in per_group[group_id]])
            made[group_id] = GroupForSale(*(*raw[group_id], several))
        return made[group_id]

    def below(option_id: UUID) -> tuple[GroupForSale, ...]:
        return tuple([group(child) for child in children[option_id] if child in raw])

    for group_id in raw:
        group(group_id)
    return made


def _items(facts: Iterable[Row], owned: Links, groups: dict[UUID, GroupForSale]) -> list[ItemForSale]:
    def own(item_id: UUID) -> tuple[GroupForSale, ...]:
        return tuple([groups[group_id] for group_id in owned.get(item_id, ()) if group_id in groups])

    return [ItemForSale(*(*record, own(record["id"]))) for record in facts]
