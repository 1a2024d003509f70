"""Reads the menu that DoorDash's Marketplace takes (Create a Menu, Menu Pull): a tree of categories, items, extras and options.

Kept are names, descriptions, prices, the order, pictures, alcohol, dietary tags, opening hours, and extras to any depth that a
menu here may have. What else stands there is told once for each field; what is not `active` is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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
from services.catalog.rules.marks import Diet, MediaKind

_ROOT = {"reference", "store", "open_hours", "menu", "menus", "id"}
_MENU = {"name", "subtitle", "active", "categories", "merchant_supplied_id"}
_CATEGORY = {"name", "active", "sort_id", "items", "merchant_supplied_id"}
_ITEM = {
    "name",
    "description",
    "merchant_supplied_id",
    "active",
    "sort_id",
    "price",
    "is_alcohol",
    "original_image_url",
    "extras",
    "dish_info",
}
_EXTRA = {
    "name",
    "merchant_supplied_id",
    "active",
    "sort_id",
    "min_num_options",
    "max_num_options",
    "num_free_options",
    "options",
}
_OPTION = {"name", "merchant_supplied_id", "active", "sort_id", "price", "default", "extras"}
_DAYS = {name: day for day, name in enumerate(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"))}
_TAG = "TAG_KEY_DIETARY_"
_LAST = 10**9


class _NotAllowed(Exception):
    """Extras that cannot be chosen from; the sentence says why."""


@dataclass(slots=True)
class _Reader:
    making: Making
    dropped: Dropped = field(default_factory=Dropped)
    groups: dict[str, GroupDraft] = field(default_factory=dict)
    row: int = 0


def read_doordash(content: bytes, _mapping: Mapping, _currency: str, progress: Progress = nobody_watches) -> Reading:
    """The menus of a DoorDash payload: one, several under `menus`, or an array of them. Items are rows, counted from 1."""
    remarks = Remarks()
    value = json_of(content, remarks)
    found = list(_menus(value))
    if not found:
        return unreadable(
            json_fault(content) or "This is not a menu as DoorDash takes it: there is no `menu` with `categories`.", remarks
        )
    reader = _Reader(Making(remarks))
    for place, outer in found:
        _read_menu(reader, outer, place)
        progress(reader.row, reader.row)
    reader.dropped.tell(remarks)
    return finished(reader.making)


def _menus(value: Any) -> Iterator[tuple[str, Json]]:
    for where, each in [("", value)] if isinstance(value, dict) else [(f"[{at_}]", one) for at_, one in objects(value)]:
        if isinstance(each.get("menu"), dict):
            yield f"{where}.menu".lstrip("."), each
        for place, inner in objects(each.get("menus")):
            if isinstance(inner.get("menu"), dict):
                yield f"{where}.menus[{place}].menu".lstrip("."), inner


def _read_menu(reader: _Reader, outer: Json, path: str) -> None:
    menu = an_object(outer["menu"])
    reader.dropped.note(0, "root", outer, _ROOT)
    reader.dropped.note(0, "menu", menu, _MENU)
    name = text(menu.get("subtitle")) or text(menu.get("name")) or "Menu"
    draft = MenuDraft(name=name, ref=text(menu.get("merchant_supplied_id")), sections=(), hours=_hours(reader, outer, path))
    if not _is_active(reader, menu, path):
        return
    for at_, category in _in_order(menu.get("categories")):
        where = f"{path}.categories[{at_}]"
        reader.dropped.note(reader.row, "category", category, _CATEGORY)
        if not _is_active(reader, category, where):
            continue
        section = SectionDraft(name=text(category.get("name")), ref=text(category.get("merchant_supplied_id")), items=())
        placed = reader.making.section(draft, section).placed
        for place, item in _in_order(category.get("items")):
            placed.extend(_item(reader, item, f"{where}.items[{place}]"))


def _hours(reader: _Reader, outer: Json, path: str) -> str:
    periods = []
    for place, span in objects(outer.get("open_hours")):
        day = _DAYS.get(text(span.get("day_index")))
        start, end = clock_time(span.get("start_time")), clock_time(span.get("end_time"))
        if day is None or start is None or end is None:
            said = f"{text(span.get('day_index'))} {text(span.get('start_time'))}-{text(span.get('end_time'))}"
            tell_no_hours(reader.making.remarks, f"{path.removesuffix('menu')}open_hours[{place}]", said)
        else:
            periods.append((day, start, end))
    return weekly_hours(periods)


def _item(reader: _Reader, said: Json, path: str) -> Iterator[Placed]:
    reader.row += 1
    reader.making.rows += 1
    row, remarks = reader.row, reader.making.remarks
    reader.dropped.note(row, "item", said, _ITEM)
    if not _is_active(reader, said, path):
        reader.making.rows -= 1
        return
    price, name = whole(said.get("price")), text(said.get("name"))
    if not name:
        remarks.fault(row, f"{path}.name", RemarkCode.NAME_MISSING, "There is no name.")
    if price is None:
        remarks.fault(
            row, f"{path}.price", RemarkCode.PRICE_MISSING, "A price is a whole number of the smallest coins.", said.get("price")
        )
    if not name or price is None:
        return
    try:
        groups = tuple(_extras(reader, said.get("extras"), path, 1))
    except _NotAllowed as why:
        remarks.fault(row, path, RemarkCode.GROUP_NOT_ALLOWED, str(why), name)
        return
    draft = ItemDraft(
        name=name,
        price=price,
        description=text(said.get("description")),
        ref=text(said.get("merchant_supplied_id")),
        tax_class=TaxClass.ALCOHOL if said.get("is_alcohol") is True else TaxClass.FOOD,
        diets=_diets(reader, said),
        media=_pictures(reader, said),
        groups=groups,
    )
    yield Placed(draft, row, path)


def _extras(reader: _Reader, value: Any, path: str, depth: int) -> Iterator[GroupDraft]:
    seen: set[str] = set()
    for place, extra in _in_order(value):
        where = f"{path}.extras[{place}]"
        if depth > GROUP_DEPTH:
            raise _NotAllowed(f"Extras stand more than {GROUP_DEPTH} deep.")
        reader.dropped.note(reader.row, "extra", extra, _EXTRA)
        ref = text(extra.get("merchant_supplied_id"))
        if ref and ref in seen:
            sentence = "The same extra stands here twice; taken once."
            reader.making.remarks.warn(reader.row, where, RemarkCode.ROW_TWICE, sentence, ref)
        elif _is_active(reader, extra, where):
            seen.add(ref)
            yield _shared(reader, _extra(reader, extra, where, depth), where)


def _extra(reader: _Reader, extra: Json, path: str, depth: int) -> GroupDraft:
    options = tuple(_options(reader, extra, path, depth))
    most = whole(extra.get("max_num_options"))
    return GroupDraft(
        name=text(extra.get("name")),
        ref=text(extra.get("merchant_supplied_id")),
        options=options,
        min_choices=whole(extra.get("min_num_options")) or 0,
        max_choices=most or max(1, len(options)),
        free_count=whole(extra.get("num_free_options")) or 0,
    )


def _options(reader: _Reader, extra: Json, path: str, depth: int) -> Iterator[OptionDraft]:
    for place, option in _in_order(extra.get("options")):
        where = f"{path}.options[{place}]"
        reader.dropped.note(reader.row, "option", option, _OPTION)
        if _is_active(reader, option, where):
            price = whole(option.get("price"))
            if price is None:
                raise _NotAllowed(f"The option {text(option.get('name'))[:50]} has no price, not even 0.")
            yield OptionDraft(
                name=text(option.get("name")),
                ref=text(option.get("merchant_supplied_id")),
                price=price,
                is_default=option.get("default") is True,
                groups=tuple(_extras(reader, option.get("extras"), where, depth + 1)),
            )


def _shared(reader: _Reader, group: GroupDraft, path: str) -> GroupDraft:
    """The group of that id, once for all who write it alike; one that is written otherwise is known by its place alone."""
    known = reader.groups.setdefault(group.ref, group) if group.ref else group
    if known == group:
        return known
    sentence = "Another extra has this id and is written differently; this one is known by its place."
    reader.making.remarks.warn(reader.row, path, RemarkCode.REFERENCE_TWICE, sentence, group.ref)
    return GroupDraft(
        name=group.name,
        options=group.options,
        min_choices=group.min_choices,
        max_choices=group.max_choices,
        free_count=group.free_count,
    )


def _is_active(reader: _Reader, said: Json, path: str) -> bool:
    if said.get("active") is not False:
        return True
    reader.making.remarks.warn(
        reader.row, path, RemarkCode.FIELD_NOT_KEPT, "It is not active; it is left out with all below.", text(said.get("name"))
    )
    return False


def _diets(reader: _Reader, said: Json) -> tuple[str, ...]:
    reader.dropped.note(reader.row, "item.dish_info", an_object(said.get("dish_info")), {"classification_info"})
    classes = an_object(at(said, "dish_info", "classification_info"))
    reader.dropped.note(reader.row, "item.dish_info.classification_info", classes, {"classification_tags"})
    tags = texts(at(said, "dish_info", "classification_info", "classification_tags"))
    found = [tag.removeprefix(_TAG) for tag in tags]
    for tag, diet in zip(tags, found, strict=True):
        if diet not in Diet.__members__:
            reader.dropped.one(reader.row, f"item.dish_info.classification_info.{tag}")
    return tuple(dict.fromkeys(diet for diet in found if diet in Diet.__members__))


def _pictures(reader: _Reader, said: Json) -> tuple[MediaDraft, ...]:
    url = text(said.get("original_image_url"))
    if not url.startswith("https://"):
        if url:
            reader.dropped.one(reader.row, "item.original_image_url")
        return ()
    return (MediaDraft(kind=MediaKind.IMAGE, url=url),)


def _in_order(value: Any) -> list[tuple[int, Json]]:
    """The objects of an array by their `sort_id`, those without one last."""

    def rank(found: tuple[int, Json]) -> int:
        said = whole(found[1].get("sort_id"))
        return _LAST if said is None else said

    return sorted(objects(value), key=rank)
