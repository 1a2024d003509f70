"""A menu as a partner writes it, before anything of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.catalog.rules.marks import ContentUnit, Measure, MediaKind, TaxClass

__all__ = ["GroupDraft", "ItemDraft", "MediaDraft", "MenuDraft", "OptionDraft", "SectionDraft", "TaxClass"]


@dataclass(frozen=True, kw_only=True)
class MediaDraft:
    """Something to look at: `url` is https; width and height are pixels, and none of the sizes need be known."""

    kind: MediaKind
    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class OptionDraft:
    """`ref` tells the options of one group apart; without a tax class an option is taxed as its item is."""

    name: str
    price: int = 0
    is_default: bool = False
    groups: tuple["GroupDraft", ...] = ()
    ref: str = ""
    tax_class: TaxClass | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GroupDraft:
    """Groups with the same `ref` are one group, shared between items; they must be written alike."""

    name: str
    options: tuple[OptionDraft, ...]
    min_choices: int = 0
    max_choices: int = 1
    free_count: int = 0
    ref: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """`ref` is the partner's own key (unique in the store); with it an item keeps its id when it is renamed or moved.

    `name` and `description` are in the menu's own language, `names` and `descriptions` say them in others.

    `sold_by` is what a quantity (and `stock`) counts: pieces, or steps of `step_grams`. `price` is for one of what `priced_by`
    says: a piece, or a kilogram. What is sold by the piece and priced by weight (a melon) tells in `nominal_grams` what a piece
    weighs as a rule. `content` in `content_unit` is what one piece holds, for the price per kilogram, litre or piece; without it
    `size_text` is read.

    `most_per_day` is how many one consumer may buy on one day of the store's calendar: a cart refuses more, and so does a
    checkout, which counts that day's earlier orders. `age_limit` is told to the app; whoever hands over asks for the card.
    `preparation_minutes` moves the promise where it is longer than the store's own.
    """

    name: str
    price: int
    description: str = ""
    tax_class: TaxClass = TaxClass.FOOD
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    groups: tuple[GroupDraft, ...] = ()
    stock: int | None = None
    gtin: str | None = None
    brand: str = ""
    size_text: str = ""
    ref: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    media: tuple[MediaDraft, ...] = ()
    energy_kj: int | None = None
    energy_kcal: int | None = None
    age_limit: int | None = None
    preparation_minutes: int | None = None
    most_per_day: int | None = None
    aisle: str = ""
    shelf: str = ""
    sold_by: Measure = Measure.PIECE
    priced_by: Measure = Measure.PIECE
    nominal_grams: int | None = None
    step_grams: int | None = None
    content: Decimal | None = None
    content_unit: ContentUnit | None = None


@dataclass(frozen=True, kw_only=True)
class SectionDraft:
    name: str
    items: tuple[ItemDraft, ...]
    ref: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MenuDraft:
    """`hours`, in OpenStreetMap's language and the store's own time, is when this menu is sold; without them, at any time.

    `language` (BCP 47) is the one its plain names are in.
    """

    name: str
    sections: tuple[SectionDraft, ...]
    ref: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    hours: str = ""
