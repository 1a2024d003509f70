"""The city's clock in the database: set by an operator of a development city, followed by every process."""

import asyncio
from datetime import datetime

import structlog

from services.kernel import clock
from services.kernel.database import row, run

LOOK_EVERY = 0.25
_log = structlog.get_logger(__name__)


async def read_anchor() -> clock.Anchor | None:
    """The anchor in force, or None where the house keeps the wall's time."""
    found = await row("SELECT wall, city, speed FROM clock_anchor")
    return clock.Anchor(*found) if found else None


async def run_at(speed: float, *, not_before: datetime | None = None) -> clock.Anchor:
    """From now on the city runs `speed` times as fast as the wall; its time never goes back.

    It begins at `not_before` at the earliest.
    """
    clock.set_anchor(await read_anchor())
    city = clock.now()
    if not_before is not None and city < not_before:
        city = not_before
    anchor = clock.Anchor(clock.wall(), city, speed)
    await run(
        "INSERT INTO clock_anchor (wall, city, speed) VALUES ($1, $2, $3) "
        "ON CONFLICT (id) DO UPDATE SET wall = EXCLUDED.wall, city = EXCLUDED.city, speed = EXCLUDED.speed",
        anchor.wall,
        anchor.city,
        anchor.speed,
    )
    clock.set_anchor(anchor)
    return anchor


async def follow() -> None:
    """Keep this process on the city's clock, for ever; a database that is away leaves the clock as it was."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            anchor = await read_anchor()
        except Exception as away:  # noqa: BLE001 - whatever it is, the clock goes on and the next look comes soon
            _log.warning("clock_not_read", error=type(away).__name__)
            continue
        if anchor != clock.anchor():
            clock.set_anchor(anchor)
