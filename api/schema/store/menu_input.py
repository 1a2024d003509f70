"""A menu as a tablet sends it, nested as it is read; amounts are in the one currency named at the top."""

from decimal import Decimal

import strawberry

from api.schema.shared.goods import TaxClass
from api.schema.shared.money import MoneyInput
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft


@strawberry.input(description="One choice of a group.")
class MenuOptionInput:
    name: str
    price: Decimal = strawberry.field(default=Decimal(0), description="What it adds to the item's price.")
    is_default: bool = False
    groups: "list[MenuGroupInput]" = strawberry.field(
        default_factory=list, description="What is asked once it is chosen; six levels at most."
    )
    ref: str = ""

    def read(self, currency: str) -> OptionDraft:
        return OptionDraft(
            name=self.name,
            price=_minor(self.price, currency),
            is_default=self.is_default,
            groups=tuple(group.read(currency) for group in self.groups),
            ref=self.ref,
        )


@strawberry.input(description="What may be chosen on an item or below an option.")
class MenuGroupInput:
    name: str
    options: list[MenuOptionInput]
    min_choices: int = 0
    max_choices: int = 1
    free_count: int = 0
    ref: str = strawberry.field(
        default="", description="Groups with one reference are one group, shared between items; write them alike."
    )

    def read(self, currency: str) -> GroupDraft:
        return GroupDraft(
            name=self.name,
            options=tuple(option.read(currency) for option in self.options),
            min_choices=self.min_choices,
            max_choices=self.max_choices,
            free_count=self.free_count,
            ref=self.ref,
        )


@strawberry.input(description="Something to sell.")
class MenuItemInput:
    name: str
    price: Decimal
    description: str = ""
    tax_class: TaxClass = TaxClass.FOOD
    allergens: list[str] = strawberry.field(default_factory=list)
    diets: list[str] = strawberry.field(default_factory=list)
    groups: list[MenuGroupInput] = strawberry.field(default_factory=list)
    stock: int | None = strawberry.field(default=None, description="How many are free to sell; null where nobody counts.")
    gtin: str | None = strawberry.field(default=None, description="GTIN-8, -12, -13 or -14.")
    brand: str = ""
    size_text: str = ""
    ref: str = strawberry.field(
        default="", description="The store's own key; with it the item stays the same when renamed or moved."
    )

    def read(self, currency: str) -> ItemDraft:
        return ItemDraft(
            name=self.name,
            price=_minor(self.price, currency),
            description=self.description,
            tax_class=self.tax_class,
            allergens=tuple(self.allergens),
            diets=tuple(self.diets),
            groups=tuple(group.read(currency) for group in self.groups),
            stock=self.stock,
            gtin=self.gtin,
            brand=self.brand,
            size_text=self.size_text,
            ref=self.ref,
        )


@strawberry.input(description="A part of a menu.")
class MenuSectionInput:
    name: str
    items: list[MenuItemInput]
    ref: str = ""

    def read(self, currency: str) -> SectionDraft:
        return SectionDraft(name=self.name, items=tuple(item.read(currency) for item in self.items), ref=self.ref)


@strawberry.input(description="One menu.")
class MenuInput:
    name: str
    sections: list[MenuSectionInput]
    ref: str = ""

    def read(self, currency: str) -> MenuDraft:
        return MenuDraft(name=self.name, sections=tuple(section.read(currency) for section in self.sections), ref=self.ref)


@strawberry.input(description="All that the store is to sell; what is left out leaves the menu.")
class ReplaceMenuInput:
    currency: str = strawberry.field(description="The store's currency, as a check: ISO 4217.")
    menus: list[MenuInput]

    def read(self) -> tuple[MenuDraft, ...]:
        return tuple(menu.read(self.currency) for menu in self.menus)


def _minor(price: Decimal, currency: str) -> int:
    return MoneyInput(amount=price, currency=currency).read(currency, "price")
