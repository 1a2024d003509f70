"""The limits a menu must keep, row by row: everything that is wrong is told, not only the first."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid, RowFault
from services.catalog.rules.drafts import GroupDraft, ItemDraft, MediaDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.gtin import normalised_gtin
from services.catalog.rules.marks import Allergen, Diet, Measure, marks_of
from services.catalog.rules.windows import SELLING_WINDOWS, hours_faults

SECTIONS_PER_MENU = 100
ITEMS_PER_SECTION = 300
GROUPS_PER_ITEM = 30
OPTIONS_PER_GROUP = 100
GROUP_DEPTH = 6
MENUS_PER_STORE = 20
MEDIA_PER_ITEM = 10
LANGUAGES = 20
# Menus, sections, items, groups and options together, as they are shown: what a phone can be asked to load at once.
ROWS_PER_STORE = 12_000
MEDIA_PER_STORE = 12_000
# Names and descriptions in other languages than a menu's own.
TRANSLATIONS_PER_STORE = 30_000
LONGEST_NAME = 200
LONGEST_TEXT = 2_000
LONGEST_URL = 1_000
HIGHEST_PRICE = 100_000_000
LARGEST_STOCK = 1_000_000
LARGEST_ENERGY = 100_000
OLDEST_AGE = 25
LONGEST_PREPARATION = 24 * 60
HEAVIEST_GRAMS = 1_000_000
CONTENT_DIGITS = 3
LARGEST_MEDIUM = 2_000_000_000
MOST_CHOICES = 1_000
MARK_SEPARATOR = "\x1f"
FAULTS_TOLD = 100
_SURROGATES = range(0xD800, 0xE000)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_HTTPS = re.compile(r"https://[^\s/?#@\\]+\.[^\s/?#@\\]+([/?#]\S*)?")


def check_menus(menus: Sequence[MenuDraft]) -> None:
    """Raise MenuLimitExceeded or MenuRowInvalid naming the rows that cannot stand, the first of them before all."""
    refuse(islice(menu_faults(menus), FAULTS_TOLD))


def refuse(faults: Iterable[RowFault]) -> None:
    """Raise what these faults amount to; nothing where there are none."""
    told = list(faults)
    if not told:
        return
    first = told[0]
    if first.limit:
        raise MenuLimitExceeded(first.row, first.name, first.limit, first.allowed, first.found, ref=first.ref, rows=told)
    raise MenuRowInvalid(first.row, first.name, first.fault, ref=first.ref, rows=told)


def menu_faults(menus: Sequence[MenuDraft]) -> Iterator[RowFault]:
    """Everything that is wrong with these menus, in the order of their rows."""
    yield from _limit("menus", None, "menus", MENUS_PER_STORE, len(menus))
    for place, menu in enumerate(menus):
        row = f"menus[{place}]"
        yield from _texts(row, menu, menu.language)
        yield from _language_faults(row, menu)
        yield from _hours_faults(row, menu)
        yield from _limit(row, menu, "sections", SECTIONS_PER_MENU, len(menu.sections))
        for at, section in enumerate(menu.sections):
            yield from _section(f"{row}.sections[{at}]", section)
    drafts = list(_drafts(menus))
    items = [draft for draft in drafts if isinstance(draft, ItemDraft)]
    translations = sum(len(draft.names) for draft in drafts) + sum(len(item.descriptions) for item in items)
    yield from _limit("menus", None, "rows", ROWS_PER_STORE, len(drafts))
    yield from _limit("menus", None, "media", MEDIA_PER_STORE, sum(len(item.media) for item in items))
    yield from _limit("menus", None, "translations", TRANSLATIONS_PER_STORE, translations)


def _drafts(menus: Sequence[MenuDraft]) -> Iterator["_Named"]:
    """Every row as it is shown: a shared group once for each item that shows it, but none deeper than may be."""
    for menu in menus:
        yield menu
        for section in menu.sections:
            yield section
            for item in section.items:
                yield item
                yield from _drafts_below(item.groups, 1)


def _drafts_below(groups: Sequence[GroupDraft], depth: int) -> Iterator["_Named"]:
    for group in groups if depth <= GROUP_DEPTH else ():
        yield group
        for option in group.options:
            yield option
            yield from _drafts_below(option.groups, depth + 1)


def _hours_faults(row: str, menu: MenuDraft) -> Iterator[RowFault]:
    for fault, found in hours_faults(menu.hours):
        if found:
            yield from _limit(row, menu, "windows", SELLING_WINDOWS, found)
        else:
            yield _fault(row, menu, fault)


def _language_faults(row: str, menu: MenuDraft) -> Iterator[RowFault]:
    if menu.language and not _LANGUAGE.fullmatch(menu.language):
        yield _fault(row, menu, f"{menu.language[:20]} is not a language (BCP 47, such as fi)")


def _section(row: str, section: SectionDraft) -> Iterator[RowFault]:
    yield from _texts(row, section)
    yield from _limit(row, section, "items", ITEMS_PER_SECTION, len(section.items))
    for place, item in enumerate(section.items):
        yield from item_faults(f"{row}.items[{place}]", item)


def item_faults(row: str, item: ItemDraft) -> Iterator[RowFault]:
    """Everything that is wrong with an item wherever it stands, and with what may be chosen on it."""
    more = (item.description, item.brand, item.size_text, item.aisle, item.shelf)
    yield from _texts(row, item, *more, *item.allergens, *item.diets, translations=item.descriptions)
    yield from (_fault(row, item, fault) for fault in (*_item_faults(item), *_measure_faults(item), *_mark_faults(item)))
    yield from _limit(row, item, "media", MEDIA_PER_ITEM, len(item.media))
    for place, medium in enumerate(item.media):
        yield from (RowFault(f"{row}.media[{place}]", item.name, fault, item.ref) for fault in _medium_faults(medium))
    yield from _limit(row, item, "groups", GROUPS_PER_ITEM, len(item.groups))
    for place, group in enumerate(item.groups):
        yield from _group(f"{row}.groups[{place}]", group, depth=1)


def _item_faults(item: ItemDraft) -> Iterator[str]:
    if not 0 <= item.price <= HIGHEST_PRICE:
        yield "a price is not negative and not absurd"
    if not _within(item.stock, 0, LARGEST_STOCK):
        yield "a stock is not negative and not absurd"
    if item.gtin is not None and normalised_gtin(item.gtin) is None:
        yield "this is not a GTIN"
    if not (_within(item.energy_kj, 0, LARGEST_ENERGY) and _within(item.energy_kcal, 0, LARGEST_ENERGY)):
        yield "energy is not negative and not absurd"
    if not _within(item.age_limit, 1, OLDEST_AGE):
        yield f"an age limit is 1 to {OLDEST_AGE} years"
    if not _within(item.preparation_minutes, 0, LONGEST_PREPARATION):
        yield f"preparation takes 0 to {LONGEST_PREPARATION} minutes"
    if not _within(item.most_per_day, 1, LARGEST_STOCK):
        yield "a most per day is at least 1"


def _measure_faults(item: ItemDraft) -> Iterator[str]:
    if item.sold_by is Measure.WEIGHT and item.priced_by is not Measure.WEIGHT:
        yield "what is sold by weight is priced by weight"
    if (item.sold_by is Measure.WEIGHT) != (item.step_grams is not None):
        yield "what is sold by weight has a step in grams, and nothing else has"
    if (item.sold_by is Measure.PIECE and item.priced_by is Measure.WEIGHT) != (item.nominal_grams is not None):
        yield "what is sold by the piece and priced by weight tells what a piece weighs, and nothing else does"
    if not (_within(item.step_grams, 1, HEAVIEST_GRAMS) and _within(item.nominal_grams, 1, HEAVIEST_GRAMS)):
        yield f"a weight is 1 to {HEAVIEST_GRAMS} grams"
    if (item.content is None) != (item.content_unit is None):
        yield "a content has a number and a unit"
    if item.content is not None and not (item.content.is_finite() and 0 < item.content <= HEAVIEST_GRAMS):
        yield "a content is more than nothing and not absurd"
    elif item.content is not None and -int(item.content.normalize().as_tuple().exponent) > CONTENT_DIGITS:
        yield f"a content has at most {CONTENT_DIGITS} digits after the point"


def _mark_faults(item: ItemDraft) -> Iterator[str]:
    for word in marks_of(item.allergens):
        if word not in Allergen.__members__:
            yield f"{word[:40]} is not one of the allergens {', '.join(Allergen)}"
    for word in marks_of(item.diets):
        if word not in Diet.__members__:
            yield f"{word[:40]} is not one of the diets {', '.join(Diet)}"


def _medium_faults(medium: MediaDraft) -> Iterator[str]:
    if len(medium.url) > LONGEST_URL or not _HTTPS.fullmatch(medium.url):
        yield f"a medium has an https address of at most {LONGEST_URL} characters"
    if len(medium.alt) > LONGEST_TEXT or _has_controls(medium.alt):
        yield f"an alternative text has at most {LONGEST_TEXT} characters, none of them a control character"
    if not all(_within(size, 1, LARGEST_MEDIUM) for size in (medium.width, medium.height, medium.size_bytes)):
        yield "a size is at least 1 and not absurd"


def _group(row: str, group: GroupDraft, *, depth: int) -> Iterator[RowFault]:
    yield from _texts(row, group)
    yield from _limit(row, group, "levels", GROUP_DEPTH, depth)
    yield from _limit(row, group, "options", OPTIONS_PER_GROUP, len(group.options))
    yield from (_fault(row, group, fault) for fault in _group_faults(group))
    if depth <= GROUP_DEPTH:
        for place, option in enumerate(group.options):
            yield from _option(f"{row}.options[{place}]", option, depth=depth)


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


def _option(row: str, option: OptionDraft, *, depth: int) -> Iterator[RowFault]:
    yield from _texts(row, option)
    if not 0 <= option.price <= HIGHEST_PRICE:
        yield _fault(row, option, "a price is not negative and not absurd")
    yield from _limit(row, option, "groups", GROUPS_PER_ITEM, len(option.groups))
    for place, group in enumerate(option.groups):
        yield from _group(f"{row}.groups[{place}]", group, depth=depth + 1)


_Named = MenuDraft | SectionDraft | ItemDraft | GroupDraft | OptionDraft


def _texts(row: str, draft: _Named, *texts: str, translations: Mapping[str, str] | None = None) -> Iterator[RowFault]:
    if not draft.name.strip() or len(draft.name) > LONGEST_NAME:
        yield _fault(row, draft, f"a name has 1 to {LONGEST_NAME} characters")
    if len(draft.ref) > LONGEST_NAME or any(len(text) > LONGEST_TEXT for text in texts):
        yield _fault(row, draft, f"a text has at most {LONGEST_TEXT} characters, a reference {LONGEST_NAME}")
    if any(map(_has_controls, (draft.name, draft.ref, *texts))):
        yield _fault(row, draft, "a text may not hold control characters")
    yield from (_fault(row, draft, fault) for fault in _translation_faults(draft.names, LONGEST_NAME, may_be_empty=False))
    if translations:
        yield from (_fault(row, draft, fault) for fault in _translation_faults(translations, LONGEST_TEXT, may_be_empty=True))


def _translation_faults(texts: Mapping[str, str], longest: int, *, may_be_empty: bool) -> Iterator[str]:
    if len(texts) > LANGUAGES:
        yield f"a text is told in at most {LANGUAGES} languages"
    for language, text in texts.items():
        if not _LANGUAGE.fullmatch(language):
            yield f"{language[:20]} is not a language (BCP 47, such as fi)"
        if len(text) > longest or not (may_be_empty or text.strip()) or _has_controls(text):
            yield f"a text in {language[:20]} has 1 to {longest} characters, none of them a control character"


def _has_controls(text: str) -> bool:
    # Half a character (a lone surrogate) has no bytes and can be stored nowhere.
    return "\x00" in text or MARK_SEPARATOR in text or (not text.isascii() and any(map(_SURROGATES.__contains__, map(ord, text))))


def _within(number: int | None, least: int, most: int) -> bool:
    return number is None or least <= number <= most


def _fault(row: str, draft: _Named, fault: str) -> RowFault:
    return RowFault(row, draft.name[:LONGEST_NAME].replace("\x00", ""), fault, draft.ref[:LONGEST_NAME].replace("\x00", ""))


def _limit(row: str, draft: _Named | None, limit: str, allowed: int, found: int) -> Iterator[RowFault]:
    if found > allowed:
        name, ref = (draft.name[:LONGEST_NAME], draft.ref[:LONGEST_NAME]) if draft else ("", "")
        yield RowFault(row, name, f"{row} has {found} {limit}; at most {allowed} are allowed.", ref, limit, allowed, found)
