"""A menu as a tablet sends it, nested as it is read; amounts are in the one currency named at the top."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

import strawberry

from api.schema.shared.goods import TaxClass
from api.schema.shared.money import MoneyInput, whole_minor
from api.schema.store.menu_words import MeasureInput, MediaInput, SellingWindowInput, WordingInput, by_language, hours_of
from services.catalog.errors import RowFault
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.limits import FAULTS_TOLD, refuse
from services.catalog.rules.marks import marks_of


@strawberry.input(description="One choice of a group.")
class MenuOptionInput:
    name: str
    price: Decimal = strawberry.field(default=Decimal(0), description="What it adds to the item's price.")
    is_default: bool = False
    groups: "list[MenuGroupInput]" = strawberry.field(
        default_factory=list, description="What is asked once it is chosen; six levels at most."
    )
    ref: str = ""
    tax_class: TaxClass | None = strawberry.field(default=None, description="Without it, it is taxed as its item is.")
    names: list[WordingInput] = strawberry.field(default_factory=list, description="Its name in other languages.")

    def read(self, currency: str) -> OptionDraft:
        return OptionDraft(
            name=self.name,
            price=_minor(self.price, currency),
            is_default=self.is_default,
            groups=tuple(group.read(currency) for group in self.groups),
            ref=self.ref,
            tax_class=self.tax_class,
            names=by_language(self.names, "names"),
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
    names: list[WordingInput] = strawberry.field(default_factory=list, description="Its name in other languages.")

    def read(self, currency: str) -> GroupDraft:
        return GroupDraft(
            name=self.name,
            options=tuple(option.read(currency) for option in self.options),
            min_choices=self.min_choices,
            max_choices=self.max_choices,
            free_count=self.free_count,
            ref=self.ref,
            names=by_language(self.names, "names"),
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
    names: list[WordingInput] = strawberry.field(default_factory=list, description="Its name in other languages.")
    descriptions: list[WordingInput] = strawberry.field(default_factory=list, description="Its description in other languages.")
    media: list[MediaInput] = strawberry.field(default_factory=list)
    energy_kj: int | None = strawberry.field(default=None, description="Of one portion.")
    energy_kcal: int | None = strawberry.field(default=None, description="Of one portion.")
    age_limit: int | None = strawberry.field(default=None, description="Years.")
    preparation_minutes: int | None = strawberry.field(default=None, description="Where it takes longer than the store's own.")
    most_per_day: int | None = strawberry.field(default=None, description="How many one person may buy on one day.")
    aisle: str = ""
    shelf: str = ""
    measure: MeasureInput | None = None

    def read(self, currency: str) -> ItemDraft:
        return ItemDraft(
            name=self.name,
            price=_minor(self.price, currency),
            description=self.description,
            tax_class=self.tax_class,
            allergens=marks_of(self.allergens),
            diets=marks_of(self.diets),
            groups=tuple(group.read(currency) for group in self.groups),
            stock=self.stock,
            gtin=self.gtin,
            brand=self.brand,
            size_text=self.size_text,
            ref=self.ref,
            names=by_language(self.names, "names"),
            descriptions=by_language(self.descriptions, "descriptions"),
            media=tuple(one.read() for one in self.media),
            energy_kj=self.energy_kj,
            energy_kcal=self.energy_kcal,
            age_limit=self.age_limit,
            preparation_minutes=self.preparation_minutes,
            most_per_day=self.most_per_day,
            aisle=self.aisle,
            shelf=self.shelf,
            **vars(self.measure or MeasureInput()),
        )


@strawberry.input(description="A part of a menu.")
class MenuSectionInput:
    name: str
    items: list[MenuItemInput]
    ref: str = ""
    names: list[WordingInput] = strawberry.field(default_factory=list, description="Its name in other languages.")

    def read(self, currency: str) -> SectionDraft:
        return SectionDraft(
            name=self.name,
            items=tuple(item.read(currency) for item in self.items),
            ref=self.ref,
            names=by_language(self.names, "names"),
        )


@strawberry.input(description="One menu.")
class MenuInput:
    name: str
    sections: list[MenuSectionInput]
    ref: str = ""
    names: list[WordingInput] = strawberry.field(default_factory=list, description="Its name in other languages.")
    language: str = strawberry.field(default="", description="The language of its plain names: BCP 47, such as fi.")
    hours: str | None = strawberry.field(
        default=None, description="When it is sold, in OpenStreetMap's language and the store's time; without it, at any time."
    )
    windows: list[SellingWindowInput] = strawberry.field(default_factory=list, description="The same, told as windows.")

    def read(self, currency: str) -> MenuDraft:
        return MenuDraft(
            name=self.name,
            sections=tuple(section.read(currency) for section in self.sections),
            ref=self.ref,
            names=by_language(self.names, "names"),
            language=self.language,
            hours=hours_of(self.hours, self.windows),
        )


@strawberry.input(description="All that the store is to sell; what is left out leaves the menu.")
class ReplaceMenuInput:
    currency: str = strawberry.field(description="The store's currency, as a check: ISO 4217.")
    menus: list[MenuInput]

    def read(self) -> tuple[MenuDraft, ...]:
        """The menus. Raises MenuRowInvalid naming every price that is told in parts of the smallest coin."""
        refuse(islice(self._price_faults(), FAULTS_TOLD))
        return tuple(menu.read(self.currency) for menu in self.menus)

    def _price_faults(self) -> Iterator[RowFault]:
        for place, menu in enumerate(self.menus):
            for at, section in enumerate(menu.sections):
                for no, item in enumerate(section.items):
                    yield from _price_faults(f"menus[{place}].sections[{at}].items[{no}]", item, self.currency)


def _price_faults(row: str, priced: MenuItemInput | MenuOptionInput, currency: str) -> Iterator[RowFault]:
    if whole_minor(priced.price, currency) is None:
        yield RowFault(f"{row}.price", priced.name, f"{currency} has no smaller parts", priced.ref)
    for place, group in enumerate(priced.groups):
        for at, option in enumerate(group.options):
            yield from _price_faults(f"{row}.groups[{place}].options[{at}]", option, currency)


def _minor(price: Decimal, currency: str) -> int:
    return MoneyInput(amount=price, currency=currency).read(currency, "price")
