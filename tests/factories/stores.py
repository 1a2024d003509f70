"""Stores for tests: real operations, invented places in the middle of Helsinki."""

from dataclasses import fields
from itertools import count
from typing import Any
from uuid import UUID

from services.kernel.actors import System
from services.stores.models import Store, StoreKind
from services.stores.operations import StoreDescription, open_store, register_partner
from services.stores.queries import StoreCard, store

RAILWAY_SQUARE = (60.1712, 24.9443)
SEED = System("tests")
_numbers = count(1)
_DESCRIBED = {field.name for field in fields(StoreDescription)}


async def make_partner(legal_name: str = "Keittiö Oy", commission_bps: int = 2_500) -> UUID:
    """A partner without stores."""
    return await register_partner(SEED, legal_name=legal_name, commission_bps=commission_bps)


async def make_store(
    *, position: tuple[float, float] = RAILWAY_SQUARE, partner_id: UUID | None = None, **facts: Any
) -> StoreCard:
    """A live store that never closes, at the railway square, delivering 5 km far; any column may be said otherwise."""
    number = next(_numbers)
    told = {
        "kind": StoreKind.RESTAURANT,
        "name": f"Kitchen {number}",
        "category": "restaurant",
        "street": "Kaivokatu",
        "housenumber": str(number),
        "postcode": "00100",
        "city": "Helsinki",
        "country": "FI",
        "time_zone": "Europe/Helsinki",
        "currency": "EUR",
        "opening_hours": "24/7",
    } | {name: value for name, value in facts.items() if name in _DESCRIBED}
    partner = partner_id or await make_partner()
    card = await open_store(SEED, StoreDescription(partner_id=partner, latitude=position[0], longitude=position[1], **told))
    later = {name: value for name, value in facts.items() if name not in _DESCRIBED}
    if later:
        await Store.filter(id=card.id).update(**later)
    return await store(card.id)
