"""Words about stores and goods that every audience spells alike."""

import strawberry

from services.catalog.rules import TaxClass
from services.stores.models import PauseReason, StoreKind, StoreState

__all__ = ["PauseReason", "StoreKind", "StoreState", "TaxClass"]

strawberry.enum(StoreKind, name="StoreKind", description="What a store is: a kitchen, a grocer, or another shop.")
strawberry.enum(StoreState, name="StoreState", description="Whether a store is not yet, now, or no longer in business here.")
strawberry.enum(PauseReason, name="PauseReason", description="Why a store is paused.")
strawberry.enum(TaxClass, name="TaxClass", description="Which of the country's tax rates an item has.")
