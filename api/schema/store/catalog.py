"""What a store sells, as its staff see it and mark it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.goods import Measure, Media, TaxClass, UnitPrice
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import Problem
from services.catalog.errors import MenuLimitExceeded, MenuRowInvalid, RowFault
from services.catalog.queries import MenuTree, configured_items
from services.catalog.rules import (
    GroupForSale,
    ItemFacts,
    ItemForSale,
    MenuForSale,
    OptionForSale,
    SectionForSale,
    available_at,
    available_from,
)
from services.catalog.rules.for_sale import Texts
from services.kernel.clock import now


@strawberry.type(description="What a row is called in a language other than its menu's own.")
class StoreWording:
    language: str = strawberry.field(description="BCP 47, such as sv.")
    name: str | None = strawberry.field(description="Null where only the description is told.")
    description: str | None = strawberry.field(description="Null where none is told, and for what has none.")

    @classmethod
    def all_of(cls, names: Texts | None, descriptions: Texts | None = None) -> list[Self]:
        """What is told in each language."""
        if not names and not descriptions:
            return []
        said, told = names or {}, descriptions or {}
        return [cls(language=one, name=said.get(one), description=told.get(one)) for one in sorted({*said, *told})]


@strawberry.type(description="One choice of a group.")
class StoreOption:
    id: strawberry.ID
    name: str
    price: Money
    is_default: bool
    option_groups: "list[StoreOptionGroup]"
    tax_class: TaxClass | None = strawberry.field(description="Null where it is taxed as its item is.")
    wordings: list[StoreWording]
    unavailable_until: datetime | None = strawberry.field(
        description="Until when it is marked out; in the year 9999 until somebody says otherwise. A time that has passed is none."
    )

    @classmethod
    def of(cls, option: OptionForSale, currency: str) -> Self:
        return cls(
            id=opaque("StoreOption", option.id),
            name=option.name,
            price=Money.minor(option.price, currency),
            is_default=option.is_default,
            option_groups=[StoreOptionGroup.of(group, currency) for group in option.groups],
            tax_class=TaxClass(option.tax_class) if option.tax_class else None,
            wordings=StoreWording.all_of(option.names),
            unavailable_until=option.unavailable_until,
        )


@strawberry.type(description="What may be chosen on an item or below an option.")
class StoreOptionGroup:
    id: strawberry.ID
    name: str
    min_choices: int
    max_choices: int
    free_count: int
    options: list[StoreOption]
    wordings: list[StoreWording]

    @classmethod
    def of(cls, group: GroupForSale, currency: str) -> Self:
        return cls(
            id=opaque("StoreOptionGroup", group.id),
            name=group.name,
            min_choices=group.min_choices,
            max_choices=group.max_choices,
            free_count=group.free_count,
            options=[StoreOption.of(option, currency) for option in group.options],
            wordings=StoreWording.all_of(group.names),
        )


async def groups_of(items: "list[StoreItem]") -> list[list[StoreOptionGroup]]:
    """The option groups of these items; those read with their menu bring them along."""
    bare = [item.row.id for item in items if not isinstance(item.row, ItemForSale)]
    loaded = {item.id: item for item in await configured_items([(item_id, ()) for item_id in bare])} if bare else {}
    whole = [item.row if isinstance(item.row, ItemForSale) else loaded[item.row.id] for item in items]
    return [[StoreOptionGroup.of(group, item.currency) for group in item.groups] for item in whole]


async def unit_prices_of(items: "list[StoreItem]") -> list[UnitPrice | None]:
    """The prices by the law's unit."""
    found = [(item.row.unit_price, item.row.currency) for item in items]
    return [UnitPrice.of(price, currency) if price else None for price, currency in found]


@strawberry.type(description="Something the store sells.")
class StoreItem:
    id: strawberry.ID
    name: str
    description: str
    price: Money = strawberry.field(description="For one of what `pricedBy` says: a piece, or a kilogram.")
    tax_class: TaxClass
    allergens: list[str]
    diets: list[str]
    gtin: str | None
    stock: int | None = strawberry.field(description="How many are free to sell; null where nobody counts.")
    is_available: bool
    available_from: datetime | None = strawberry.field(
        description="When it can be had again; null while it can be had, and while nobody said."
    )
    brand: str | None
    size_text: str | None
    media: list[Media]
    wordings: list[StoreWording]
    energy_kj: int | None
    energy_kcal: int | None
    age_limit: int | None
    preparation_minutes: int | None
    most_per_day: int | None
    aisle: str = strawberry.field(description="Where a picker finds it; empty where nobody said.")
    shelf: str
    sold_by: Measure
    priced_by: Measure
    step_grams: int | None
    nominal_grams: int | None
    row: strawberry.Private[ItemFacts]
    option_groups: list[StoreOptionGroup] = batch(groups_of, description="What may be chosen on it.")
    unit_price: UnitPrice | None = batch(
        unit_prices_of, description="The price by the kilogram, litre or piece; null where nobody told what a package holds."
    )

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
            brand=item.brand,
            size_text=item.size_text,
            media=[Media.of(one) for one in item.media] if item.media else [],
            wordings=StoreWording.all_of(item.names, item.descriptions),
            energy_kj=item.energy_kj,
            energy_kcal=item.energy_kcal,
            age_limit=item.age_limit,
            preparation_minutes=item.preparation_minutes,
            most_per_day=item.most_per_day,
            aisle=item.aisle,
            shelf=item.shelf,
            sold_by=Measure(item.sold_by),
            priced_by=Measure(item.priced_by),
            step_grams=item.grams if item.sold_by == Measure.WEIGHT else None,
            nominal_grams=item.grams if item.sold_by == Measure.PIECE else None,
            row=item,
        )


@strawberry.type(description="A part of a menu.")
class StoreMenuSection:
    id: strawberry.ID
    name: str
    items: list[StoreItem]
    wordings: list[StoreWording]

    @classmethod
    def of(cls, section: SectionForSale, at: datetime) -> Self:
        return cls(
            id=opaque("StoreMenuSection", section.id),
            name=section.name,
            items=[StoreItem.of(item, at) for item in section.items],
            wordings=StoreWording.all_of(section.names),
        )


@strawberry.type(description="One of the store's menus.")
class StoreMenuCard:
    id: strawberry.ID
    name: str
    sections: list[StoreMenuSection]
    language: str | None = strawberry.field(description="The language of its plain names (BCP 47); null where nobody said.")
    selling_hours: str | None = strawberry.field(
        description="When it is sold, in OpenStreetMap's language of opening hours and the store's time; null: at any time."
    )
    wordings: list[StoreWording]

    @classmethod
    def of(cls, menu: MenuForSale, at: datetime) -> Self:
        sections = [StoreMenuSection.of(section, at) for section in menu.sections]
        return cls(
            id=opaque("StoreMenuCard", menu.id),
            name=menu.name,
            sections=sections,
            language=menu.language or None,
            selling_hours=menu.hours.opening_hours if menu.hours else None,
            wordings=StoreWording.all_of(menu.names),
        )


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
    today: bool = strawberry.field(default=False, description="For the rest of the store's day; then without `until`.")


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


@strawberry.type(description="What is wrong with one row of a menu.")
class MenuRowFault:
    row: str = strawberry.field(description="The row, such as `menus[0].sections[3].items[7]`.")
    name: str = strawberry.field(description="What that row is called.")
    ref: str = strawberry.field(description="The partner's own key of that row; empty where it has none.")
    fault: str
    limit: str = strawberry.field(description="What there is too much of, such as `items`; empty where it is not about that.")
    allowed: int
    found: int

    @classmethod
    def of(cls, fault: RowFault) -> Self:
        return cls(
            row=fault.row,
            name=fault.name,
            ref=fault.ref,
            fault=fault.fault,
            limit=fault.limit,
            allowed=fault.allowed,
            found=fault.found,
        )


@strawberry.type(description="The menu is larger than allowed; nothing was changed.")
class MenuLimitExceededProblem(Problem):
    row: str = strawberry.field(description="The offending row, such as `menus[0].sections[3]`.")
    name: str = strawberry.field(description="What that row is called.")
    limit: str = strawberry.field(description="What there is too much of, such as `items`.")
    allowed: int
    found: int
    ref: str = strawberry.field(description="The partner's own key of that row; empty where it has none.")
    rows: list[MenuRowFault] = strawberry.field(description="Every row that cannot stand, this one first, up to a hundred.")

    @classmethod
    def of(cls, refusal: MenuLimitExceeded) -> Self:
        return cls(
            message=str(refusal),
            row=refusal.row,
            name=refusal.name,
            limit=refusal.limit,
            allowed=refusal.allowed,
            found=refusal.found,
            ref=refusal.ref,
            rows=[MenuRowFault.of(fault) for fault in refusal.rows],
        )


@strawberry.type(description="A row of the menu cannot be meant; nothing was changed.")
class MenuRowInvalidProblem(Problem):
    row: str = strawberry.field(description="The offending row, such as `menus[0].sections[3].items[7]`.")
    name: str = strawberry.field(description="What that row is called.")
    fault: str
    ref: str = strawberry.field(description="The partner's own key of that row; empty where it has none.")
    rows: list[MenuRowFault] = strawberry.field(description="Every row that cannot stand, this one first, up to a hundred.")

    @classmethod
    def of(cls, refusal: MenuRowInvalid) -> Self:
        return cls(
            message=str(refusal),
            row=refusal.row,
            name=refusal.name,
            fault=refusal.fault,
            ref=refusal.ref,
            rows=[MenuRowFault.of(fault) for fault in refusal.rows],
        )


MarkItemOutResult = Annotated[MarkItemOutSuccess, strawberry.union("MarkItemOutResult", description="The item, marked.")]
MarkItemBackResult = Annotated[MarkItemBackSuccess, strawberry.union("MarkItemBackResult", description="The item, on sale.")]
ReplaceMenuResult = Annotated[
    ReplaceMenuSuccess | MenuLimitExceededProblem | MenuRowInvalidProblem,
    strawberry.union("ReplaceMenuResult", description="The new menu, or the first row that cannot stand."),
]
