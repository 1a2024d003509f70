"""How a store's row is changed: by those who may, with a new version, told to everybody who reads it."""

from uuid import UUID

from tortoise.expressions import F

from services.kernel.actors import StoreStaff
from services.kernel.errors import Forbidden
from services.kernel.unit_of_work import UnitOfWork
from services.stores import rules
from services.stores.models import Store


async def raise_version(work: UnitOfWork, store_ids: list[UUID]) -> None:
    """Tell readers that what these stores show has changed; part of the work that changed it, the stores locked before."""
    await Store.filter(id__in=store_ids).update(version=F("version") + 1)
    work.nudge(*(f"store:{store_id}" for store_id in store_ids))


async def change(store_id: UUID, **columns: object) -> None:
    """Write columns of a store that is held; what it shows is another version from now on."""
    await Store.filter(id=store_id).update(version=F("version") + 1, **columns)


def must_be_allowed(staff: StoreStaff, right: str) -> None:
    """Raises Forbidden where the role of this person in their store lacks the right."""
    if not rules.staff_may(staff.role, right):
        raise Forbidden("Your role in this store does not allow it.")
