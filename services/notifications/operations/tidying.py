"""What time takes away: messages nobody asks about any more, and the pace of devices that have been quiet."""

from datetime import timedelta

from services.kernel.clock import now
from services.kernel.database import run

PUSHES_KEPT_FOR = timedelta(days=30)
PACES_KEPT_FOR = timedelta(days=1)
BATCH = 5_000


async def forget_old_pushes() -> int:
    """Remove messages of more than 30 days ago, a batch at a time; answers how many."""
    await run("DELETE FROM push_paces WHERE used_at < $1 AND collapsible_from < $2", now() - PACES_KEPT_FOR, now())
    return await run(
        "DELETE FROM push_messages WHERE id IN (SELECT id FROM push_messages WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        now() - PUSHES_KEPT_FOR,
        BATCH,
    )
