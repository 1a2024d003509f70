"""How far a store is on its way to go live."""

from dataclasses import dataclass
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.database import row
from services.opening.rules import Lack, Shelf, lacks
from services.stores.queries import StoreCard, store


@dataclass(frozen=True, slots=True)
class Checklist:
    """A store, and what it still lacks; live stores lack nothing."""

    card: StoreCard
    missing: list[Lack]


async def checklist(staff: StoreStaff) -> Checklist:
    """What is missing before the store can go live."""
    return await checklist_of(await store(staff.store_id))


async def checklist_of(card: StoreCard) -> Checklist:
    """The same of a store that was read."""
    missing = [] if card.state == "LIVE" else lacks(card, await _shelf(card.id), clock.now())
    return Checklist(card, missing)


async def drafts_of(person_id: UUID) -> int:
    """How many stores that never went live a person owns."""
    found = await row(_DRAFTS, person_id)
    return int(found[0]) if found else 0


async def partner_of(person_id: UUID, legal_name: str) -> UUID | None:
    """The business of this name that owns a store of this person's; None where there is none yet."""
    found = await row(_PARTNER, person_id, legal_name)
    return found["id"] if found else None


async def _shelf(store_id: UUID) -> Shelf:
    found = await row(_SHELF, store_id, clock.now())
    return Shelf(found["items"], found["available"]) if found else Shelf(0, 0)


_SHELF = """
SELECT count(*) AS items, count(*) FILTER (
    WHERE coalesce(greatest(unavailable_until, choices_out_until) <= $2, true) AND stock IS DISTINCT FROM 0) AS available
FROM items WHERE store_id = $1 AND removed_at IS NULL
"""
_DRAFTS = """
SELECT count(*) FROM roles r JOIN stores s ON s.id = r.store_id
WHERE r.person_id = $1 AND r.role = 'OWNER' AND r.revoked_at IS NULL AND s.state = 'DRAFT'
"""
_PARTNER = """
SELECT p.id FROM roles r JOIN stores s ON s.id = r.store_id JOIN partners p ON p.id = s.partner_id
WHERE r.person_id = $1 AND r.role = 'OWNER' AND r.revoked_at IS NULL AND p.legal_name = $2 LIMIT 1
"""
