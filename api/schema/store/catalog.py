"""What a store sells, as its staff see it and mark it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.goods import TaxClass
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import Problem
from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid
from services.catalog.queries import MenuForSale, MenuTree, SectionForSale, configured_items
from services.catalog.rules import GroupForSale, ItemFacts, ItemForSale, OptionForSale, available_at, available_from
from services.kernel.clock import now


@strawberry.type(description="One choice of a group.")
class StoreOption:
    id: strawberry.ID
    name: str
    price: Money
    is_default: bool
    option_groups: "list[StoreOptionGroup]"

    @classmethod
    def of(cls, option: OptionForSale, currency: str) -> Self:
        return cls(
            id=opaque("StoreOption", option.id),
            name=option.name,
            price=Money.minor(option.price, currency),
            is_default=option.is_default,
            option_groups=[StoreOptionGroup.of(group, currency) for group in option.groups],
        )


@strawberry.type(description="What may be chosen on an item or below an option.")
class StoreOptionGroup:
    id: strawberry.ID
    name: str
    min_choices: int
    max_choices: int
    free_count: int
    options: list[StoreOption]

    @classmethod
    def of(cls, group: GroupForSale, currency: str) -> Self:
        return cls(
            id=opaque("StoreOptionGroup", group.id),
            name=group.name,
            min_choices=group.min_choices,
            max_choices=group.max_choices,
            free_count=group.free_count,
            options=[StoreOption.of(option, currency) for option in group.options],
        )


async def groups_of(items: "list[StoreItem]") -> list[list[StoreOptionGroup]]:
    """The option groups of these items; those read with their menu bring them along."""
    bare = [item.row.id for item in items if not isinstance(item.row, ItemForSale)]
    loaded = {item.id: item for item in await configured_items([(item_id, ()) for item_id in bare])} if bare else {}
    whole = [item.row if isinstance(item.row, ItemForSale) else loaded[item.row.id] for item in items]
    return [[StoreOptionGroup.of(group, item.currency) for group in item.groups] for item in whole]


@strawberry.type(description="Something the store sells.")
class StoreItem:
    id: strawberry.ID
    name: str
    description: str
    price: Money
    tax_class: TaxClass
    allergens: list[str]
    diets: list[str]
    gtin: str | None
    stock: int | None = strawberry.field(description="How many are free to sell; null where nobody counts.")
    is_available: bool
    available_from: datetime | None = strawberry.field(
        description="When it can be had again; null while it can be had, and while nobody said."
    )
    row: strawberry.Private[ItemFacts]
    option_groups: list[StoreOptionGroup] = batch(groups_of, description="What may be chosen on it.")

    @classmethod
    def of(cls, item: ItemFacts, at: datetime | None = None) -> Self:
        moment = at or now()
        return cls(
            id=opaque("StoreItem", item.id),
            name=item.name,
            description=item.description,
            price=Money.minor(item.price, item.currency),
            tax_class=TaxClass(item.tax_class),
            allergens=item.allergens,
            diets=item.diets,
            gtin=item.gtin,
            stock=item.stock,
            is_available=available_at(item, moment),
            available_from=available_from(item, moment),
            row=item,
        )


@strawberry.type(description="A part of a menu.")
class StoreMenuSection:
    id: strawberry.ID
    name: str
    items: list[StoreItem]

    @classmethod
    def of(cls, section: SectionForSale, at: datetime) -> Self:
        return cls(
            id=opaque("StoreMenuSection", section.id), name=section.name, items=[StoreItem.of(item, at) for item in section.items]
        )


@strawberry.type(description="One of the store's menus.")
class StoreMenuCard:
    id: strawberry.ID
    name: str
    sections: list[StoreMenuSection]

    @classmethod
    def of(cls, menu: MenuForSale, at: datetime) -> Self:
        sections = [StoreMenuSection.of(section, at) for section in menu.sections]
        return cls(id=opaque("StoreMenuCard", menu.id), name=menu.name, sections=sections)


@strawberry.type(description="All that the store sells.")
class StoreMenu:
    version: int = strawberry.field(description="The store's version that this menu belongs to.")
    menus: list[StoreMenuCard]

    @classmethod
    def of(cls, tree: MenuTree) -> Self:
        return cls(version=tree.version, menus=[StoreMenuCard.of(menu, tree.at) for menu in tree.menus])


@strawberry.input(description="What cannot be had, and until when.")
class MarkItemOutInput:
    item_id: strawberry.ID
    until: datetime | None = strawberry.field(default=None, description="Until when; without it, until it is marked back.")


@strawberry.input(description="What can be had again.")
class MarkItemBackInput:
    item_id: strawberry.ID


@strawberry.type(description="The item cannot be had.")
class MarkItemOutSuccess:
    item: StoreItem


@strawberry.type(description="The item can be had again.")
class MarkItemBackSuccess:
    item: StoreItem


@strawberry.type(description="The store sells what was sent, and nothing else.")
class ReplaceMenuSuccess:
    menu: StoreMenu


@strawberry.type(description="The menu is larger than allowed; nothing was changed.")
class MenuLimitExceededProblem(Problem):
    row: str = strawberry.field(description="The offending row, such as `menus[0].sections[3]`.")
    name: str = strawberry.field(description="What that row is called.")
    limit: str = strawberry.field(description="What there is too much of, such as `items`.")
    allowed: int
    found: int

    @classmethod
    def of(cls, refusal: MenuLimitExceeded) -> Self:
        return cls(
            message=str(refusal),
            row=refusal.row,
            name=refusal.name,
            limit=refusal.limit,
            allowed=refusal.allowed,
            found=refusal.found,
        )


@strawberry.type(description="A row of the menu cannot be meant; nothing was changed.")
class MenuRowInvalidProblem(Problem):
    row: str = strawberry.field(description="The offending row, such as `menus[0].sections[3].items[7]`.")
    name: str = strawberry.field(description="What that row is called.")
    fault: str

    @classmethod
    def of(cls, refusal: MenuRowInvalid) -> Self:
        return cls(message=str(refusal), row=refusal.row, name=refusal.name, fault=refusal.fault)


MarkItemOutResult = Annotated[MarkItemOutSuccess, strawberry.union("MarkItemOutResult", description="The item, marked.")]
MarkItemBackResult = Annotated[MarkItemBackSuccess, strawberry.union("MarkItemBackResult", description="The item, on sale.")]
ReplaceMenuResult = Annotated[
    ReplaceMenuSuccess | MenuLimitExceededProblem | MenuRowInvalidProblem,
    strawberry.union("ReplaceMenuResult", description="The new menu, or the first row that cannot stand."),
]
