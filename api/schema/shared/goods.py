"""Words and values about stores and goods that every audience spells alike."""

from typing import Any, Self

import strawberry

from api.schema.shared.money import Money
from services.catalog.rules import Measure, MediaKind, TaxClass
from services.catalog.rules.measures import PriceUnit
from services.catalog.rules.measures import UnitPrice as PriceByUnit
from services.stores.models import PauseReason, StoreKind, StoreState

__all__ = ["Measure", "Media", "MediaKind", "PauseReason", "PriceUnit", "StoreKind", "StoreState", "TaxClass", "UnitPrice"]

strawberry.enum(StoreKind, name="StoreKind", description="What a store is: a kitchen, a grocer, or another shop.")
strawberry.enum(StoreState, name="StoreState", description="Whether a store is not yet, now, or no longer in business here.")
strawberry.enum(PauseReason, name="PauseReason", description="Why a store is paused.")
strawberry.enum(TaxClass, name="TaxClass", description="Which of the country's tax rates an item has.")
strawberry.enum(MediaKind, name="MediaKind", description="A picture, a film, or a model in three dimensions (glTF, USDZ).")
strawberry.enum(Measure, name="Measure", description="What goods are counted by, or a price is for: pieces, or weight.")
strawberry.enum(PriceUnit, name="PriceUnit", description="What a shown price is for: a kilogram, a litre, a piece.")


@strawberry.type(description="Something to look at.")
class Media:
    kind: MediaKind
    url: str = strawberry.field(description="https.")
    alt: str = strawberry.field(description="What it shows, for who cannot see it; empty where nobody said.")
    width: int | None = strawberry.field(description="Pixels.")
    height: int | None = strawberry.field(description="Pixels.")
    size_bytes: int | None

    @classmethod
    def of(cls, one: dict[str, Any]) -> Self:
        return cls(**{**one, "kind": MediaKind(one["kind"])})


@strawberry.type(description="The price by the unit that the law asks to be shown (directive 98/6/EC).")
class UnitPrice:
    price: Money
    unit: PriceUnit

    @classmethod
    def of(cls, found: PriceByUnit, currency: str) -> Self:
        return cls(price=Money.minor(found.amount, currency), unit=found.unit)
