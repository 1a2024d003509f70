"""Stores for tests: real operations, invented places in the middle of Helsinki."""

from dataclasses import fields
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

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


async def make_crowd(
    admin: asyncpg.Connection, pattern: StoreCard, count: int, *, preparation_minutes: str = "preparation_minutes"
) -> None:
    """Stores all over a square of 50 km around, as many as said (`n` of them), like the pattern; by PostgreSQL alone."""
    columns = [name for name in Store._meta.db_fields if name not in {"id", "slug", "latitude", "longitude", "source_ref"}]
    taken = [preparation_minutes if name == "preparation_minutes" else name for name in columns]
    await admin.execute(
        f"""
        INSERT INTO stores (id, slug, latitude, longitude, {", ".join(columns)})
        SELECT gen_random_uuid(), $2 || '-' || n, 59.95 + n * 7919 % 45000 / 1e5, 24.5 + n * 104729 % 90000 / 1e5,
            {", ".join(taken)}
        FROM stores CROSS JOIN generate_series(1, $2::bigint) AS n WHERE id = $1
        """,  # noqa: S608 - the model's own columns
        pattern.id,
        count,
    )
    await admin.execute("ANALYZE stores; ANALYZE partners")
