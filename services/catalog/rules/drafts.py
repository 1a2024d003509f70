"""A menu as a partner writes it, and the limits it must keep, before anything of it is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid
from services.catalog.rules.gtin import normalised_gtin

SECTIONS_PER_MENU = 100
ITEMS_PER_SECTION = 300
GROUPS_PER_ITEM = 30
OPTIONS_PER_GROUP = 100
GROUP_DEPTH = 6
MENUS_PER_STORE = 20
# Menus, sections, items, groups and options together, as they are shown: what a phone can be asked to load at once.
ROWS_PER_STORE = 9_000
LONGEST_NAME = 200
LONGEST_TEXT = 2_000
HIGHEST_PRICE = 100_000_000
LARGEST_STOCK = 1_000_000
MOST_CHOICES = 1_000
MARK_SEPARATOR = "\x1f"


class TaxClass(StrEnum):
    FOOD = "FOOD"
    ALCOHOL = "ALCOHOL"
    GENERAL = "GENERAL"


@dataclass(frozen=True, kw_only=True)
class OptionDraft:
    name: str
    price: int = 0
    is_default: bool = False
    groups: tuple["GroupDraft", ...] = ()
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupDraft:
    """Groups with the same `ref` are one group, shared between items; they must be written alike."""

    name: str
    options: tuple[OptionDraft, ...]
    min_choices: int = 0
    max_choices: int = 1
    free_count: int = 0
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """`ref` is the partner's own key (unique in the store); with it an item keeps its id when it is renamed or moved."""

    name: str
    price: int
    description: str = ""
    tax_class: TaxClass = TaxClass.FOOD
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    groups: tuple[GroupDraft, ...] = ()
    stock: int | None = None
    gtin: str | None = None
    brand: str = ""
    size_text: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class SectionDraft:
    name: str
    items: tuple[ItemDraft, ...]
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class MenuDraft:
    name: str
    sections: tuple[SectionDraft, ...]
    ref: str = ""


def check_menus(menus: Sequence[MenuDraft]) -> None:
    """Raise MenuLimitExceeded or MenuRowInvalid naming the first row that cannot stand."""
    _limit("menus", "", "menus", MENUS_PER_STORE, len(menus))
    for place, menu in enumerate(menus):
        row = f"menus[{place}]"
        _check_texts(row, menu.name, menu.ref)
        _limit(row, menu.name, "sections", SECTIONS_PER_MENU, len(menu.sections))
        for at, section in enumerate(menu.sections):
            _check_section(f"{row}.sections[{at}]", section)
    _limit("menus", "", "rows", ROWS_PER_STORE, sum(_rows_of_menu(menu) for menu in menus))


def _rows_of_menu(menu: MenuDraft) -> int:
    return 1 + sum(1 + sum(1 + sum(map(_rows_of_group, item.groups)) for item in section.items) for section in menu.sections)


def _rows_of_group(group: GroupDraft) -> int:
    return 1 + sum(1 + sum(map(_rows_of_group, option.groups)) for option in group.options)


def _check_section(row: str, section: SectionDraft) -> None:
    _check_texts(row, section.name, section.ref)
    _limit(row, section.name, "items", ITEMS_PER_SECTION, len(section.items))
    for place, item in enumerate(section.items):
        _check_item(f"{row}.items[{place}]", item)


def _check_item(row: str, item: ItemDraft) -> None:
    _check_texts(row, item.name, item.ref, item.description, item.brand, item.size_text, *item.allergens, *item.diets)
    for fault in _item_faults(item):
        raise MenuRowInvalid(row, item.name, fault)
    _limit(row, item.name, "groups", GROUPS_PER_ITEM, len(item.groups))
    for place, group in enumerate(item.groups):
        _check_group(f"{row}.groups[{place}]", group, depth=1)


def _item_faults(item: ItemDraft) -> Iterator[str]:
    if not 0 <= item.price <= HIGHEST_PRICE:
        yield "a price is not negative and not absurd"
    if item.stock is not None and not 0 <= item.stock <= LARGEST_STOCK:
        yield "a stock is not negative and not absurd"
    if item.gtin is not None and normalised_gtin(item.gtin) is None:
        yield "this is not a GTIN"


def _check_group(row: str, group: GroupDraft, *, depth: int) -> None:
    _check_texts(row, group.name, group.ref)
    _limit(row, group.name, "levels", GROUP_DEPTH, depth)
    _limit(row, group.name, "options", OPTIONS_PER_GROUP, len(group.options))
    for fault in _group_faults(group):
        raise MenuRowInvalid(row, group.name, fault)
    for place, option in enumerate(group.options):
        _check_option(f"{row}.options[{place}]", option, depth=depth)


def _group_faults(group: GroupDraft) -> Iterator[str]:
    if not 0 <= group.min_choices <= group.max_choices or group.max_choices < 1:
        yield "choices must run from a least number to a most"
    if group.max_choices > MOST_CHOICES:
        yield "a most is not absurd"
    if group.min_choices > len(group.options):
        yield "fewer options than must be chosen"
    if not 0 <= group.free_count <= group.max_choices:
        yield "more choices free than may be chosen"
    if sum(option.is_default for option in group.options) > group.max_choices:
        yield "more defaults than may be chosen"


def _check_option(row: str, option: OptionDraft, *, depth: int) -> None:
    _check_texts(row, option.name, option.ref)
    if not 0 <= option.price <= HIGHEST_PRICE:
        raise MenuRowInvalid(row, option.name, "a price is not negative and not absurd")
    _limit(row, option.name, "groups", GROUPS_PER_ITEM, len(option.groups))
    for place, group in enumerate(option.groups):
        _check_group(f"{row}.groups[{place}]", group, depth=depth + 1)


def _check_texts(row: str, name: str, ref: str, *texts: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise MenuRowInvalid(row, name[:LONGEST_NAME], f"a name has 1 to {LONGEST_NAME} characters")
    if len(ref) > LONGEST_NAME or any(len(text) > LONGEST_TEXT for text in texts):
        raise MenuRowInvalid(row, name, f"a text has at most {LONGEST_TEXT} characters, a reference {LONGEST_NAME}")
    if any("\x00" in text or MARK_SEPARATOR in text for text in (name, ref, *texts)):
        raise MenuRowInvalid(row, name.replace("\x00", ""), "a text may not hold control characters")


def _limit(row: str, name: str, limit: str, allowed: int, found: int) -> None:
    if found > allowed:
        raise MenuLimitExceeded(row, name, limit, allowed, found)
