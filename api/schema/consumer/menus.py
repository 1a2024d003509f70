"""What a store sells, as a consumer sees it."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.goods import Measure, Media, TaxClass, UnitPrice
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from services.catalog.rules import (
    GroupForSale,
    ItemForSale,
    MenuForSale,
    OptionForSale,
    SectionForSale,
    available_at,
    available_from,
    option_available_at,
)
from services.catalog.rules.windows import is_sold, sold_from
from services.catalog.rules.wording import Wording, languages_of
from services.kernel.clock import now
from services.kernel.errors import BadInput

SHOWN_AHEAD = timedelta(days=366)
SHOWN_BACK = timedelta(days=1)


def moment_asked(at: datetime | None) -> datetime:
    """The time a menu is asked for. Raises BadInput for one too far away to be planned for."""
    present = now()
    if at is not None and not present - SHOWN_BACK <= at <= present + SHOWN_AHEAD:
        raise BadInput("Ask for a time within a year.", field="at")
    return at or present


def languages_asked(language: str | None) -> tuple[str, ...]:
    """The languages wanted, the dearest first. Raises BadInput for what Accept-Language would not have."""
    wanted = languages_of(language) if language else ()
    if wanted is None:
        raise BadInput("Languages are told as in Accept-Language, such as `fi, sv;q=0.8`.", field="language")
    return wanted


class _Groups:
    """The groups of one menu as apps see them: a shared group is said once, however many items show it."""

    def __init__(self, currency: str, at: datetime, wording: Wording) -> None:
        self.currency = currency
        self.at = at
        self.say_in = wording.of
        self.said: dict[UUID, OptionGroup] = {}

    def of(self, groups: tuple[GroupForSale, ...]) -> "list[OptionGroup]":
        return [self.said.get(group.id) or self.say(group) for group in groups]

    def say(self, group: GroupForSale) -> "OptionGroup":
        said = self.said[group.id] = OptionGroup(
            id=opaque("OptionGroup", group.id),
            name=self.say_in(group.name, group.names),
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
            name=groups.say_in(option.name, option.names),
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


async def unit_prices_of(items: "list[Item]") -> list[UnitPrice | None]:
    """The prices by the law's unit."""
    found = [(item.row.unit_price, item.row.currency) for item in items]
    return [UnitPrice.of(price, currency) if price else None for price, currency in found]


@strawberry.type(description="What one may put into a cart.")
class Item:
    id: strawberry.ID
    name: str
    description: str
    price: Money = strawberry.field(description="What one costs: a piece, or `stepGrams` of what is sold by weight.")
    tax_class: TaxClass
    allergens: list[str] = strawberry.field(
        description="Of the fourteen of EU law: GLUTEN CRUSTACEANS EGGS FISH PEANUTS SOYBEANS MILK NUTS CELERY MUSTARD SESAME"
        " SULPHITES LUPIN MOLLUSCS."
    )
    diets: list[str] = strawberry.field(description="Such as VEGETARIAN, VEGAN, HALAL, GLUTEN_FREE, LACTOSE_FREE, ORGANIC.")
    gtin: str | None = strawberry.field(description="The article's barcode as 14 digits; null for what has none, such as dishes.")
    brand: str | None
    size_text: str | None
    is_available: bool = strawberry.field(description="Whether it can be had at the time asked for, now where none was.")
    available_from: datetime | None = strawberry.field(
        description="When it can be had again; null while it can be had, and while nobody can tell."
    )
    option_groups: list[OptionGroup]
    media: list[Media]
    energy_kj: int | None = strawberry.field(description="Of one portion.")
    energy_kcal: int | None = strawberry.field(description="Of one portion.")
    age_limit: int | None = strawberry.field(description="How old one must be; whoever hands it over asks for a card.")
    preparation_minutes: int | None = strawberry.field(description="How long it takes, where that may be longer than usual.")
    most_per_day: int | None = strawberry.field(description="How many one person may buy on one day.")
    sold_by: Measure = strawberry.field(description="What a quantity counts: pieces, or steps of `stepGrams`.")
    priced_by: Measure = strawberry.field(description="What the store's price is for: a piece, or a kilogram.")
    step_grams: int | None = strawberry.field(description="Of what is sold by weight: grams of one step.")
    nominal_grams: int | None = strawberry.field(
        description="Of what is sold by the piece and priced by weight: what a piece weighs as a rule."
    )
    row: strawberry.Private[ItemForSale]
    unit_price: UnitPrice | None = batch(
        unit_prices_of, description="The price by the kilogram, litre or piece; null where nobody told what a package holds."
    )

    @classmethod
    def of(cls, item: ItemForSale, groups: _Groups) -> Self:
        return cls(
            id=opaque("Item", item.id),
            name=groups.say_in(item.name, item.names),
            description=groups.say_in(item.description, item.descriptions),
            price=Money.minor(item.price_of_one, item.currency),
            tax_class=TaxClass(item.tax_class),
            allergens=item.allergens,
            diets=item.diets,
            gtin=item.gtin,
            brand=item.brand,
            size_text=item.size_text,
            is_available=available_at(item, groups.at),
            available_from=available_from(item, groups.at),
            option_groups=groups.of(item.groups),
            media=[Media.of(one) for one in item.media] if item.media else [],
            energy_kj=item.energy_kj,
            energy_kcal=item.energy_kcal,
            age_limit=item.age_limit,
            preparation_minutes=item.preparation_minutes,
            most_per_day=item.most_per_day,
            sold_by=Measure(item.sold_by),
            priced_by=Measure(item.priced_by),
            step_grams=item.grams if item.sold_by == Measure.WEIGHT else None,
            nominal_grams=item.grams if item.sold_by == Measure.PIECE else None,
            row=item,
        )


@strawberry.type(description="A part of a menu.")
class MenuSection:
    id: strawberry.ID
    name: str
    items: list[Item]

    @classmethod
    def of(cls, section: SectionForSale, groups: _Groups) -> Self:
        return cls(
            id=opaque("MenuSection", section.id),
            name=groups.say_in(section.name, section.names),
            items=[Item.of(item, groups) for item in section.items],
        )


@strawberry.type(description="A menu of a store.")
class Menu:
    id: strawberry.ID
    name: str
    sections: list[MenuSection]
    selling_hours: str | None = strawberry.field(
        description="When it is sold, in OpenStreetMap's language of opening hours and the store's time; null: at any time."
    )
    is_available: bool = strawberry.field(
        description="Whether it is sold at the time asked for by its own hours; the store's doors are another matter."
    )
    available_from: datetime | None = strawberry.field(
        description="When it is sold again; null while it is sold, and if it never will be."
    )

    @classmethod
    def of(cls, menu: MenuForSale, *, currency: str, at: datetime, languages: tuple[str, ...] = ()) -> Self:
        groups = _Groups(currency, at, Wording(languages, menu.language))
        is_available = is_sold(menu.hours, at)
        return cls(
            id=opaque("Menu", menu.id),
            name=groups.say_in(menu.name, menu.names),
            sections=[MenuSection.of(section, groups) for section in menu.sections],
            selling_hours=menu.hours.opening_hours if menu.hours else None,
            is_available=is_available,
            available_from=None if is_available else sold_from(menu.hours, at),
        )
