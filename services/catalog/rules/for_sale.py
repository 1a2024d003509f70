"""What is for sale, as it is read: items with all their facts, and what may be chosen on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.catalog.rules.marks import ContentUnit, Measure, TaxClass
from services.catalog.rules.measures import Content, UnitPrice, content_of, price_of_one, unit_price
from services.catalog.rules.windows import SellingHours
from services.kernel.money import half_even

# "Until somebody says otherwise": not PostgreSQL's 'infinity', which the driver reads as a time without a zone.
UNTIL_SAID = datetime(9999, 1, 1, tzinfo=UTC)
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OptionForSale:
    """One choice of a group; choosing it may open further groups. Without a tax class it is taxed as its item is."""

    id: UUID
    group_id: UUID
    name: str
    price: int
    is_default: bool
    unavailable_until: datetime | None
    tax_class: TaxClass | None = None
    names: Texts | None = None
    groups: tuple["GroupForSale", ...] = ()


@dataclass(frozen=True, slots=True)
class GroupForSale:
    """What may be chosen: at least `min_choices`, at most `max_choices`, the first `free_count` free of charge."""

    id: UUID
    name: str
    min_choices: int
    max_choices: int
    free_count: int
    names: Texts | None = None
    options: tuple[OptionForSale, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item without what may be chosen on it; `stock` is what is free to sell, None where nobody counts.

    `price` is for a piece or, where it is priced by weight, for a kilogram; `grams` is then what one of a quantity weighs.
    """

    id: UUID
    store_id: UUID
    section_id: UUID | None
    product_id: UUID | None
    name: str
    description: str
    price: int
    currency: str
    tax_class: TaxClass
    allergens: list[str]
    diets: list[str]
    unavailable_until: datetime | None
    stock: int | None
    removed_at: datetime | None
    gtin: str | None
    brand: str | None
    size_text: str | None
    names: Texts | None = None
    descriptions: Texts | None = None
    media: list[dict[str, Any]] | None = None
    energy_kj: int | None = None
    energy_kcal: int | None = None
    age_limit: int | None = None
    preparation_minutes: int | None = None
    most_per_day: int | None = None
    aisle: str = ""
    shelf: str = ""
    sold_by: str = Measure.PIECE
    priced_by: str = Measure.PIECE
    grams: int | None = None
    content_amount: Decimal | None = None
    content_unit: str | None = None
    selling_hours: str = ""
    time_zone: str = "UTC"
    country: str = ""
    # For want of options; who reads the item with its groups can tell by them.
    choices_out_until: datetime | None = None

    @property
    def hours(self) -> SellingHours | None:
        """When its menu is sold; None where that is at any time."""
        return SellingHours(self.selling_hours, self.time_zone, self.country) if self.selling_hours else None

    @property
    def price_of_one(self) -> int:
        """What one of a quantity costs: a piece, or a step of weight."""
        return self.price if self.grams is None else half_even(price_of_one(self.price, self.grams))

    @property
    def content(self) -> Content | None:
        """What one piece holds: as its store says, else as its size is written."""
        if self.content_amount is not None and self.content_unit is not None:
            return Content(self.content_amount, ContentUnit(self.content_unit))
        return content_of(self.size_text) if self.size_text else None

    @property
    def unit_price(self) -> UnitPrice | None:
        """The price for a kilogram, a litre or a piece, as the law asks."""
        return unit_price(self.price, self.grams, self.content)


@dataclass(frozen=True, slots=True)
class ItemForSale(ItemFacts):
    """An item with its groups and their options, however deep."""

    groups: tuple[GroupForSale, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionForSale:
    id: UUID
    name: str
    items: tuple[ItemForSale, ...]
    names: Texts | None = None


@dataclass(frozen=True, slots=True)
class MenuForSale:
    """`hours` is when it is sold by its own hours, None: at any time; `language` is the one of its plain names."""

    id: UUID
    name: str
    sections: tuple[SectionForSale, ...]
    names: Texts | None = None
    language: str = ""
    hours: SellingHours | None = None
