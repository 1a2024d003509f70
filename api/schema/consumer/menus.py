"""What a store sells, as a consumer sees it."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from api.schema.shared.goods import TaxClass
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from services.catalog.queries import MenuForSale, SectionForSale
from services.catalog.rules import (
    GroupForSale,
    ItemForSale,
    OptionForSale,
    available_at,
    available_from,
    option_available_at,
)


class _Groups:
    """The groups of one menu as apps see them: a shared group is said once, however many items show it."""

    def __init__(self, currency: str, at: datetime) -> None:
        self.currency = currency
        self.at = at
        self.said: dict[UUID, OptionGroup] = {}

    def of(self, groups: tuple[GroupForSale, ...]) -> "list[OptionGroup]":
        return [self.said.get(group.id) or self.say(group) for group in groups]

    def say(self, group: GroupForSale) -> "OptionGroup":
        said = self.said[group.id] = OptionGroup(
            id=opaque("OptionGroup", group.id),
            name=group.name,
            min_choices=group.min_choices,
            max_choices=group.max_choices,
            free_count=group.free_count,
            options=[Option.of(option, self) for option in group.options],
        )
        return said


@strawberry.type(description="One choice of a group.")
class Option:
    id: strawberry.ID
    name: str
    price: Money = strawberry.field(description="What it adds to the item's price, unless it is among the free choices.")
    is_default: bool
    is_available: bool
    option_groups: "list[OptionGroup]" = strawberry.field(description="What is asked further once this is chosen.")

    @classmethod
    def of(cls, option: OptionForSale, groups: _Groups) -> Self:
        return cls(
            id=opaque("Option", option.id),
            name=option.name,
            price=Money.minor(option.price, groups.currency),
            is_default=option.is_default,
            is_available=option_available_at(option, groups.at),
            option_groups=groups.of(option.groups),
        )


@strawberry.type(description="What may be chosen on an item or below an option; levels reach at most six deep.")
class OptionGroup:
    id: strawberry.ID
    name: str
    min_choices: int
    max_choices: int
    free_count: int = strawberry.field(description="How many of the choices cost nothing.")
    options: list[Option]


@strawberry.type(description="What one may put into a cart.")
class Item:
    id: strawberry.ID
    name: str
    description: str
    price: Money
    tax_class: TaxClass
    allergens: list[str]
    diets: list[str]
    gtin: str | None = strawberry.field(description="The article's barcode as 14 digits; null for what has none, such as dishes.")
    brand: str | None
    size_text: str | None
    is_available: bool
    available_from: datetime | None = strawberry.field(
        description="When it can be had again; null while it can be had, and while nobody can tell."
    )
    option_groups: list[OptionGroup]

    @classmethod
    def of(cls, item: ItemForSale, groups: _Groups) -> Self:
        return cls(
            id=opaque("Item", item.id),
            name=item.name,
            description=item.description,
            price=Money.minor(item.price, item.currency),
            tax_class=TaxClass(item.tax_class),
            allergens=item.allergens,
            diets=item.diets,
            gtin=item.gtin,
            brand=item.brand,
            size_text=item.size_text,
            is_available=available_at(item, groups.at),
            available_from=available_from(item, groups.at),
            option_groups=groups.of(item.groups),
        )


@strawberry.type(description="A part of a menu.")
class MenuSection:
    id: strawberry.ID
    name: str
    items: list[Item]

    @classmethod
    def of(cls, section: SectionForSale, groups: _Groups) -> Self:
        return cls(
            id=opaque("MenuSection", section.id), name=section.name, items=[Item.of(item, groups) for item in section.items]
        )


@strawberry.type(description="A menu of a store.")
class Menu:
    id: strawberry.ID
    name: str
    sections: list[MenuSection]

    @classmethod
    def of(cls, menu: MenuForSale, *, currency: str, at: datetime) -> Self:
        groups = _Groups(currency, at)
        return cls(
            id=opaque("Menu", menu.id), name=menu.name, sections=[MenuSection.of(section, groups) for section in menu.sections]
        )
