"""What time takes away: sessions nobody came back to, spent refresh tokens, devices that were not seen for long."""

from datetime import timedelta

from services.identity.operations.ending import finish
from services.identity.rules import EndReason
from services.kernel.clock import now
from services.kernel.database import rows, run
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings

BATCH = 500


async def end_idle_sessions() -> int:
    """End sessions whose last refresh token has run out; answers how many."""
    idle_since = now() - timedelta(seconds=settings().limits.refresh_token_lasts)
    async with unit_of_work() as work:
        idle = await rows(
            "SELECT id FROM sessions WHERE ended_at IS NULL AND last_seen_at < $1 "
            "ORDER BY last_seen_at LIMIT $2 FOR UPDATE SKIP LOCKED",
            idle_since,
            BATCH,
        )
        return await finish(work, [record["id"] for record in idle], EndReason.EXPIRED)


async def forget_spent_refresh_tokens() -> int:
    """Remove the hashes of tokens that have run out: their signature's own time refuses them; answers how many."""
    margin = timedelta(seconds=2 * settings().limits.clock_skew)
    return await run("DELETE FROM refresh_tokens WHERE expires_at < $1", now() - margin)


async def forget_unseen_devices() -> int:
    """Remove push addresses that no app has shown for 270 days; answers how many."""
    unseen_since = now() - timedelta(seconds=settings().limits.push_token_kept_for)
    return await run("DELETE FROM devices WHERE seen_at < $1", unseen_since)
