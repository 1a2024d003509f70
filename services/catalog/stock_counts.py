"""What is counted on a store's shelf, by the references of its items."""

from uuid import UUID

from services.kernel.database import rows


async def stock_by_ref(store_id: UUID) -> dict[str, int | None]:
    """How many of each counted item are free to sell."""
    found = await rows("SELECT ref, stock FROM items WHERE store_id = $1 AND stock IS NOT NULL", store_id)
    return {record["ref"]: record["stock"] for record in found}
