"""Whether what is for sale can be had, and which options may be chosen together."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from services.catalog.errors import ChoicesNotAllowed, OptionSoldOut
from services.catalog.rules.choosable import choosable_at, choosable_from
from services.catalog.rules.for_sale import UNTIL_SAID, GroupForSale, ItemFacts, ItemForSale, OptionForSale
from services.catalog.rules.windows import is_sold, sold_from

__all__ = [
    "UNTIL_SAID",
    "GroupForSale",
    "ItemFacts",
    "ItemForSale",
    "OptionForSale",
    "available_at",
    "available_from",
    "check_choices",
    "chosen_by_group",
    "default_choices",
    "option_available_at",
    "reached_groups",
]


def available_at(item: ItemFacts, at: datetime) -> bool:
    """Whether the item can be had: still on the menu, not marked out, some of it left, and its menu is sold then.

    It must also have as many options left as it asks for.
    """
    if item.removed_at is not None or item.stock == 0 or (item.unavailable_until is not None and item.unavailable_until > at):
        return False
    if item.selling_hours and not is_sold(item.hours, at):
        return False
    if isinstance(item, ItemForSale):
        return choosable_at(item.groups, at)
    return item.choices_out_until is None or item.choices_out_until <= at


def available_from(item: ItemFacts, at: datetime) -> datetime | None:
    """When an item that cannot be had now can be had next; None if it can be had, or if nobody can tell."""
    groups, choices_out = (item.groups, None) if isinstance(item, ItemForSale) else ((), item.choices_out_until)
    until = max((end for end in (item.unavailable_until, choices_out) if end is not None), default=None)
    if item.removed_at is not None or item.stock == 0 or until == UNTIL_SAID:
        return None
    back = sold_from(item.hours, max(at, until) if until else at)
    while back is not None and (ready := choosable_from(groups, back)) != back:
        # When enough options are back its menu may be over for the day.
        back = sold_from(item.hours, ready) if ready is not None and ready < UNTIL_SAID else None
    return back if back != at else None


def option_available_at(option: OptionForSale, at: datetime) -> bool:
    return option.unavailable_until is None or option.unavailable_until <= at


def check_choices(item: ItemForSale, option_ids: Sequence[UUID], at: datetime | None = None) -> None:
    """Raise ChoicesNotAllowed unless these options may be chosen together, and OptionSoldOut where one cannot be had then.

    Every group that is reached, on the item or below a chosen option, must have its number of choices; a group that
    several options open is asked once.
    """
    chosen = set(option_ids)
    strangers = chosen.copy()
    for group in reached_groups(item, chosen):
        here = [option for option in group.options if option.id in chosen]
        count = sum(1 for option_id in option_ids if any(option.id == option_id for option in here))
        if count != len(here) or not group.min_choices <= count <= group.max_choices:
            raise ChoicesNotAllowed(
                item.id, group_id=group.id, group=group.name, minimum=group.min_choices, maximum=group.max_choices, chosen=count
            )
        if sold_out := [option for option in here if at is not None and not option_available_at(option, at)]:
            raise OptionSoldOut(item.id, sold_out[0].id, sold_out[0].name)
        strangers.difference_update(option.id for option in here)
    if strangers:
        raise ChoicesNotAllowed(item.id, option_ids=[option_id for option_id in option_ids if option_id in strangers])


def chosen_by_group(item: ItemForSale, option_ids: Collection[UUID]) -> list[tuple[GroupForSale, list[OptionForSale]]]:
    """The chosen options of each reached group, groups and options in the menu's order: what pricing counts free choices by."""
    chosen = set(option_ids)
    by_group = [(group, [option for option in group.options if option.id in chosen]) for group in reached_groups(item, chosen)]
    return [(group, options) for group, options in by_group if options]


def default_choices(item: ItemForSale) -> list[UUID]:
    """What is chosen before the consumer touches anything: the defaults, and the defaults below them."""
    found: dict[UUID, None] = {}
    waiting = list(item.groups)
    while waiting:
        for option in waiting.pop(0).options:
            if option.is_default and option.id not in found:
                found[option.id] = None
                waiting.extend(option.groups)
    return list(found)


def reached_groups(item: ItemForSale, chosen: Collection[UUID]) -> Iterator[GroupForSale]:
    """The groups a consumer is asked: the item's own, and below each chosen option its further ones; each once."""
    seen: set[UUID] = set()
    waiting = list(reversed(item.groups))
    while waiting:
        group = waiting.pop()
        if group.id in seen:
            continue
        seen.add(group.id)
        yield group
        for option in reversed(group.options):
            if option.id in chosen:
                waiting.extend(reversed(option.groups))
