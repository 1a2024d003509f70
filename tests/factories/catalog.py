"""Menus for tests: written as drafts, stored by the operation that tablets use, so that ids stay when items are added."""

from itertools import count
from typing import Any
from uuid import UUID

from services.catalog.operations import replace_menu
from services.catalog.queries import MenuTree
from services.catalog.rules import (
    GroupDraft,
    GroupForSale,
    ItemDraft,
    ItemForSale,
    MenuDraft,
    OptionDraft,
    OptionForSale,
    SectionDraft,
)
from services.kernel.actors import System
from services.stores.queries import StoreCard
from tests.factories.stores import make_store

SEED = System("tests")
_numbers = count(1)
_written: dict[UUID, tuple[ItemDraft, ...]] = {}


def make_option(name: str = "", price: int = 0, *, is_default: bool = False, groups: tuple[GroupDraft, ...] = ()) -> OptionDraft:
    """An option to put into a group."""
    return OptionDraft(name=name or f"Option {next(_numbers)}", price=price, is_default=is_default, groups=groups)


def make_group(
    name: str = "", *options: OptionDraft | str, least: int = 0, most: int = 1, free: int = 0, ref: str = ""
) -> GroupDraft:
    """A group of options, by their names or written out."""
    drafts = tuple(OptionDraft(name=option) if isinstance(option, str) else option for option in options)
    return GroupDraft(
        name=name or f"Group {next(_numbers)}", options=drafts, min_choices=least, max_choices=most, free_count=free, ref=ref
    )


def draft_item(name: str = "", price: int = 1_000, **facts: Any) -> ItemDraft:
    """An item as a partner writes it."""
    return ItemDraft(name=name or f"Dish {next(_numbers)}", price=price, **facts)


async def make_menu(store_id: UUID, *items: ItemDraft, sections: tuple[SectionDraft, ...] = ()) -> MenuTree:
    """The store sells exactly this: the items in one section, or the sections given."""
    if items:
        _written[store_id] = items
    return await replace_menu(
        SEED, store_id, MenuDraft(name="Menu", sections=sections or (SectionDraft(name="All", items=items),))
    )


async def make_item(store: StoreCard | UUID | None = None, *, name: str = "", price: int = 1_000, **facts: Any) -> ItemForSale:
    """One more item of the store (a new one, if none is given), with whatever else a draft takes: `groups`, `stock`, `gtin`."""
    if store is None:
        store = await make_store()
    store_id = store.id if isinstance(store, StoreCard) else store
    draft = draft_item(name, price, **facts)
    tree = await make_menu(store_id, *_written.get(store_id, ()), draft)
    return tree.menus[0].sections[0].items[-1]


def option_named(item: ItemForSale, name: str) -> OptionForSale:
    """The option of that name, at any depth."""
    waiting: list[GroupForSale] = list(item.groups)
    while waiting:
        for option in waiting.pop().options:
            if option.name == name:
                return option
            waiting.extend(option.groups)
    raise AssertionError(f"no option is called {name}")
