"""Reads the menu that Uber Eats' menu API takes (v2): flat lists of menus, categories, items and modifier groups.

Kept are titles and descriptions in all their languages, prices (also those an item has inside one group), hours, pictures,
energy, dietary labels, alcohol, barcodes and nested modifier groups. What else stands there is told once for each field.
What stands in several menus there is sold in each of them here: in the later ones as items of their own, which is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from services.catalog.imports.barcodes import read_barcode
from services.catalog.imports.loose import (
    Dropped,
    Json,
    an_object,
    at,
    clock_time,
    objects,
    tell_no_hours,
    text,
    texts,
    weekly_hours,
    whole,
)
from services.catalog.imports.making import Making, Placed, finished
from services.catalog.imports.mapping import Mapping
from services.catalog.imports.shapes import Progress, Reading, RemarkCode, Remarks, nobody_watches, unreadable
from services.catalog.imports.texts import json_fault, json_of
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft, TaxClass
from services.catalog.rules.drafts import MediaDraft
from services.catalog.rules.limits import GROUP_DEPTH
from services.catalog.rules.marks import Allergen, Diet, MediaKind, marks_of

_ROOT = {"menus", "categories", "items", "modifier_groups"}
_MENU = {"id", "title", "service_availability", "category_ids"}
_CATEGORY = {"id", "title", "entities"}
_ITEM = {
    "id",
    "title",
    "description",
    "image_url",
    "price_info",
    "modifier_group_ids",
    "nutritional_info",
    "dish_info",
    "product_info",
    "quantity_info",
    "suspension_info",
}
_OPTION = {"id", "title", "price_info", "modifier_group_ids", "quantity_info", "suspension_info"}
_GROUP = {"id", "title", "quantity_info", "modifier_options"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _NotAllowed(Exception):
    """A group that cannot be chosen from; the sentence says why."""


@dataclass(slots=True)
class _Reader:
    making: Making
    items: dict[str, tuple[int, Json]]
    groups: dict[str, Json]
    menu: str = ""
    language: str = ""
    dropped: Dropped = field(default_factory=Dropped)
    first_menus: dict[tuple[str, str], str] = field(default_factory=dict)
    """The menu that a category or an item stood in first."""
    made: dict[str, GroupDraft] = field(default_factory=dict)


def read_uber_eats(content: bytes, _mapping: Mapping, _currency: str, progress: Progress = nobody_watches) -> Reading:
    """The menus of an Uber Eats payload. Rows are the places of items in `items`, counted from 1; options are not rows."""
    remarks = Remarks()
    value = json_of(content, remarks)
    if not isinstance(value, dict) or not isinstance(value.get("items"), list) or not isinstance(value.get("menus"), list):
        return unreadable(
            json_fault(content) or "This is not a menu as Uber Eats takes it: `menus` and `items` are missing.", remarks
        )
    items = {text(item.get("id")): (place + 1, item) for place, item in reversed(list(objects(value["items"])))}
    groups = {text(group.get("id")): group for _, group in objects(value.get("modifier_groups"))}
    reader = _Reader(Making(remarks), items, groups)
    reader.dropped.note(0, "root", value, _ROOT)
    categories = {text(category.get("id")): (place, category) for place, category in objects(value.get("categories"))}
    for place, menu in objects(value["menus"]):
        _read_menu(reader, menu, place, categories)
        progress(reader.making.rows, len(items))
    reader.dropped.tell(remarks)
    return finished(reader.making)


def _read_menu(reader: _Reader, menu: Json, at_: int, categories: dict[str, tuple[int, Json]]) -> None:
    reader.dropped.note(0, "menu", menu, _MENU)
    reader.language = next(iter(an_object(at(menu, "title", "translations"))), "")
    name, names = _told(reader, menu.get("title"))
    draft = MenuDraft(
        name=name or "Menu",
        names=names,
        ref=text(menu.get("id")),
        sections=(),
        language=_tag(reader.language),
        hours=_hours(reader, menu, at_),
    )
    reader.menu = draft.ref or draft.name
    for category_id in texts(menu.get("category_ids")):
        place, category = categories.get(category_id, (-1, {}))
        if place < 0:
            sentence = "The menu names a category that is not in the file."
            reader.making.remarks.fault(0, "menus.category_ids", RemarkCode.REFERENCE_UNKNOWN, sentence, category_id)
            continue
        _read_category(reader, draft, category, f"categories[{place}]")


def _read_category(reader: _Reader, menu: MenuDraft, category: Json, path: str) -> None:
    reader.dropped.note(0, "category", category, _CATEGORY)
    title, titles = _told(reader, category.get("title"))
    ref = _ref_in_menu(reader, "category", text(category.get("id")))
    placed = reader.making.section(menu, SectionDraft(name=title, names=titles, ref=ref, items=())).placed
    again = 0
    for place, entity in objects(category.get("entities")):
        for found in _entity(reader, text(entity.get("id")), f"{path}.entities[{place}]"):
            own = _ref_in_menu(reader, "item", found.item.ref)
            if own == found.item.ref:
                placed.append(found)
                continue
            # Stock and barcodes are of one item; what is fed by barcode stays with the first.
            placed.append(replace(found, item=replace(found.item, ref=own, gtin=None)))
            again += 1
    if again:
        sentence = (
            f"Items here stand in an earlier menu too ({again}); in {menu.name} they are items of their own, without barcodes, "
            f"their references ending in ({reader.menu})."
        )
        reader.making.remarks.warn(0, path, RemarkCode.REFERENCE_TWICE, sentence, title)


def _ref_in_menu(reader: _Reader, kind: str, ref: str) -> str:
    """A category's or an item's reference: its own in the menu that it stands in first, with the menu's in a later one."""
    first = reader.first_menus.setdefault((kind, ref), reader.menu)
    return f"{ref} ({reader.menu})" if ref and first != reader.menu else ref


def _entity(reader: _Reader, item_id: str, path: str) -> Iterator[Placed]:
    reader.making.rows += 1
    row, said = reader.items.get(item_id, (0, {}))
    if not row:
        sentence = "The category names an item that is not in the file."
        reader.making.remarks.fault(0, path, RemarkCode.REFERENCE_UNKNOWN, sentence, item_id)
        return
    price = whole(at(said, "price_info", "price"))
    name, names = _told(reader, said.get("title"))
    where = f"items[{row - 1}]"
    if price is None:
        sentence = "A price is a whole number of the smallest coins."
        reader.making.remarks.fault(
            row, f"{where}.price_info.price", RemarkCode.PRICE_MISSING, sentence, at(said, "price_info", "price")
        )
        return
    try:
        groups = tuple(_groups(reader, said, ()))
    except _NotAllowed as why:
        reader.making.remarks.fault(row, f"{where}.modifier_group_ids", RemarkCode.GROUP_NOT_ALLOWED, str(why), name)
        return
    yield Placed(replace(_item(reader, said, row), name=name, names=names, price=price, groups=groups), row, where)


def _item(reader: _Reader, said: Json, row: int) -> ItemDraft:
    """All but what it is called, what it costs and what is chosen on it."""
    _note_item(reader, said, row)
    description, descriptions = _told(reader, said.get("description"))
    classes = an_object(at(said, "dish_info", "classifications"))
    return ItemDraft(
        name="",
        price=0,
        description=description,
        descriptions=descriptions,
        ref=text(said.get("id")),
        tax_class=TaxClass.ALCOHOL if (whole(classes.get("alcoholic_items")) or 0) > 0 else TaxClass.FOOD,
        diets=_known(reader, row, texts(at(classes, "dietary_label_info", "labels")), Diet.__members__),
        allergens=_known(reader, row, texts(at(said, "nutritional_info", "allergens")), Allergen.__members__),
        energy_kcal=_energy(reader, said, row, "calories"),
        energy_kj=_energy(reader, said, row, "kilojoules"),
        gtin=_gtin(reader, said, row),
        media=_pictures(reader, said, row),
    )


def _note_item(reader: _Reader, said: Json, row: int) -> None:
    dropped = reader.dropped
    dropped.note(row, "item", said, _ITEM)
    _note_sold(reader, said, row, "item")
    dropped.note(row, "item.quantity_info", an_object(at(said, "quantity_info", "quantity")), ())
    dropped.note(row, "item.nutritional_info", an_object(said.get("nutritional_info")), {"calories", "kilojoules", "allergens"})
    dropped.note(row, "item.product_info", an_object(said.get("product_info")), {"gtin"})
    dropped.note(row, "item.dish_info", an_object(said.get("dish_info")), {"classifications"})
    classes = an_object(at(said, "dish_info", "classifications"))
    dropped.note(row, "item.dish_info.classifications", classes, {"alcoholic_items", "dietary_label_info"})
    dropped.note(row, "item.dish_info.dietary_label_info", an_object(classes.get("dietary_label_info")), {"labels"})


def _note_sold(reader: _Reader, said: Json, row: int, kind: str) -> None:
    """What is said of price, groups and suspension, alike of a dish and of an option, and is not read."""
    dropped = reader.dropped
    dropped.note(row, f"{kind}.price_info", an_object(said.get("price_info")), {"price", "overrides"})
    dropped.note(row, f"{kind}.modifier_group_ids", an_object(said.get("modifier_group_ids")), {"ids"})
    for field_name in ("price_info", "quantity_info"):
        for _, override in objects(at(said, field_name, "overrides")):
            if override.get("context_type") != "MODIFIER_GROUP":
                dropped.one(row, f"{kind}.{field_name}.overrides.{text(override.get('context_type'))}")
            dropped.note(row, f"{kind}.quantity_info.overrides", an_object(override.get("quantity")), {"default_quantity"})
    if at(said, "suspension_info", "overrides"):
        dropped.one(row, f"{kind}.suspension_info.overrides")
    if suspended := at(said, "suspension_info", "suspension", "suspend_until"):
        sentence = "It is suspended there until this time (seconds since 1970); here it is on sale until it is marked out."
        reader.making.remarks.warn(row, f"items[{row - 1}].suspension_info", RemarkCode.FIELD_NOT_KEPT, sentence, text(suspended))


def _groups(reader: _Reader, said: Json, above: tuple[str, ...]) -> Iterator[GroupDraft]:
    for group_id in dict.fromkeys(texts(at(said, "modifier_group_ids", "ids"))):
        yield reader.made.get(group_id) or _group(reader, group_id, above)


def _group(reader: _Reader, group_id: str, above: tuple[str, ...]) -> GroupDraft:
    if group_id in above or len(above) >= GROUP_DEPTH:
        raise _NotAllowed(f"Modifier groups stand more than {GROUP_DEPTH} deep, or in themselves.")
    group = reader.groups.get(group_id)
    if group is None:
        raise _NotAllowed(f"There is no modifier group {group_id[:50]} in the file.")
    reader.dropped.note(0, "modifier_group", group, _GROUP)
    options = tuple(_options(reader, group, group_id, (*above, group_id)))
    quantity = an_object(at(group, "quantity_info", "quantity"))
    reader.dropped.note(0, "modifier_group.quantity_info", quantity, {"min_permitted", "max_permitted", "charge_above"})
    reader.dropped.note(0, "modifier_group.quantity_info", an_object(group.get("quantity_info")), {"quantity"})
    most = whole(quantity.get("max_permitted"))
    name, names = _told(reader, group.get("title"))
    made = reader.made[group_id] = GroupDraft(
        name=name,
        names=names,
        ref=group_id,
        options=options,
        min_choices=whole(quantity.get("min_permitted")) or 0,
        max_choices=most or max(1, len(options)),
        free_count=whole(quantity.get("charge_above")) or 0,
    )
    return made


def _options(reader: _Reader, group: Json, group_id: str, above: tuple[str, ...]) -> Iterator[OptionDraft]:
    for _, named in objects(group.get("modifier_options")):
        row, said = reader.items.get(text(named.get("id")), (0, {}))
        if not row:
            raise _NotAllowed(f"The modifier group {group_id[:50]} names an item that is not in the file.")
        reader.dropped.note(row, "option", said, _OPTION)
        _note_sold(reader, said, row, "option")
        name, names = _told(reader, said.get("title"))
        price = _price_within(said, group_id)
        if price is None:
            raise _NotAllowed(f"The option {text(said.get('id'))[:50]} of {group_id[:50]} has no price, not even 0.")
        yield OptionDraft(
            name=name,
            names=names,
            ref=text(said.get("id")),
            price=price,
            is_default=_default_within(said, group_id),
            groups=tuple(_groups(reader, said, above)),
        )


def _price_within(said: Json, group_id: str) -> int | None:
    """What an item costs as an option of this group: the group's own price for it, else its price; never a guess."""
    for _, override in objects(at(said, "price_info", "overrides")):
        if override.get("context_type") == "MODIFIER_GROUP" and text(override.get("context_value")) == group_id:
            return whole(override.get("price"))
    return whole(at(said, "price_info", "price"))


def _default_within(said: Json, group_id: str) -> bool:
    for _, override in objects(at(said, "quantity_info", "overrides")):
        if override.get("context_type") == "MODIFIER_GROUP" and text(override.get("context_value")) == group_id:
            return (whole(at(override, "quantity", "default_quantity")) or 0) > 0
    return (whole(at(said, "quantity_info", "quantity", "default_quantity")) or 0) > 0


def _told(reader: _Reader, value: Any) -> tuple[str, dict[str, str]]:
    """A text in the menu's language, else in its first, and in the others."""
    translations = {language: text(said) for language, said in an_object(at(value, "translations")).items() if text(said)}
    main = reader.language if reader.language in translations else next(iter(translations), "")
    others = {_tag(language): said for language, said in translations.items() if language != main}
    return translations.get(main, ""), others


def _tag(language: str) -> str:
    """`en_us` as BCP 47 has it."""
    first, *more = language.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in more)])  # noqa: PLR2004 - a country


def _hours(reader: _Reader, menu: Json, at_: int) -> str:
    periods = []
    for _, day in objects(menu.get("service_availability")):
        name = text(day.get("day_of_week")).lower()
        for _, span in objects(day.get("time_periods")):
            start, end = clock_time(span.get("start_time")), clock_time(span.get("end_time"))
            if name not in _DAYS or start is None or end is None:
                said = f"{name} {text(span.get('start_time'))}-{text(span.get('end_time'))}"
                tell_no_hours(reader.making.remarks, f"menus[{at_}].service_availability", said)
            else:
                periods.append((_DAYS.index(name), start, end))
    return weekly_hours(periods)


def _known(reader: _Reader, row: int, words: tuple[str, ...], ours: Any) -> tuple[str, ...]:
    marks = marks_of(words)
    for mark in marks:
        if mark not in ours:
            reader.making.remarks.warn(row, "labels", RemarkCode.LABEL_UNKNOWN, "This is no mark of ours; it is left out.", mark)
    return tuple(mark for mark in marks if mark in ours)


def _energy(reader: _Reader, said: Json, row: int, unit: str) -> int | None:
    """The energy where it is one number; a range is no number and is told."""
    found = at(said, "nutritional_info", unit)
    if not isinstance(found, dict):
        return None
    low = whole(found.get("lower_range") or at(found, "energy_interval", "lower"))
    high = whole(found.get("upper_range") or at(found, "energy_interval", "upper"))
    if low is None or (high is not None and high != low):
        reader.dropped.one(row, f"item.nutritional_info.{unit}")
        return None
    return low


def _gtin(reader: _Reader, said: Json, row: int) -> str | None:
    found = text(at(said, "product_info", "gtin"))
    if not found:
        return None
    barcode = read_barcode(found)
    if barcode.gtin is None:
        sentence = "This is not a barcode; the item is taken without one."
        reader.making.remarks.warn(row, "product_info.gtin", RemarkCode.BARCODE_LEFT_OUT, sentence, found)
    elif barcode.completed:
        sentence = f"Leading zeros were missing; with them it is {barcode.gtin}."
        reader.making.remarks.warn(row, "product_info.gtin", RemarkCode.BARCODE_COMPLETED, sentence, found)
    return barcode.gtin


def _pictures(reader: _Reader, said: Json, row: int) -> tuple[MediaDraft, ...]:
    url = text(said.get("image_url"))
    if not url.startswith("https://"):
        if url:
            reader.dropped.one(row, "item.image_url")
        return ()
    return (MediaDraft(kind=MediaKind.IMAGE, url=url),)
