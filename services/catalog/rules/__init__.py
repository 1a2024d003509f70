"""Decisions about menus: what may be written, what may be chosen, what can be had."""

from services.catalog.rules.drafts import GroupDraft, ItemDraft, MediaDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.for_sale import MenuForSale, SectionForSale
from services.catalog.rules.gtin import normalised_gtin
from services.catalog.rules.marks import Allergen, ContentUnit, Diet, Measure, MediaKind, TaxClass
from services.catalog.rules.offers import (
    GroupForSale,
    ItemFacts,
    ItemForSale,
    OptionForSale,
    available_at,
    available_from,
    check_choices,
    chosen_by_group,
    default_choices,
    option_available_at,
)

__all__ = [
    "Allergen",
    "ContentUnit",
    "Diet",
    "GroupDraft",
    "GroupForSale",
    "ItemDraft",
    "ItemFacts",
    "ItemForSale",
    "Measure",
    "MediaDraft",
    "MediaKind",
    "MenuDraft",
    "MenuForSale",
    "OptionDraft",
    "OptionForSale",
    "SectionDraft",
    "SectionForSale",
    "TaxClass",
    "available_at",
    "available_from",
    "check_choices",
    "chosen_by_group",
    "default_choices",
    "normalised_gtin",
    "option_available_at",
]
