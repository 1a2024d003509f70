"""Usage that outlives a gateway: what releases ask for, added up by day in the database once a minute, while nobody waits."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Final

import structlog

from api.operators import metrics
from api.problems import is_away
from services.kernel.clock import wall
from services.kernel.database import rows, run

ADDED_EVERY: Final = 60.0
# A release is served for eighteen months.
KEPT_FOR: Final = timedelta(days=800)
Asked = Counter[tuple[str, str, str, str]]
_LABELS: Final = ("app", "platform", "version", "operation")
_ADD: Final = """
INSERT INTO release_usage AS u (day, app, platform, version, operation, asked)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
ON CONFLICT (day, app, platform, version, operation) DO UPDATE SET asked = u.asked + EXCLUDED.asked
"""
_SINCE: Final = """
SELECT app, platform, version, operation, sum(asked)::bigint AS asked FROM release_usage WHERE day >= $1
GROUP BY app, platform, version, operation
"""
_log = structlog.get_logger("pannier.releases")


class Usage:
    """What this process's counters hold that the database does not know yet."""

    def __init__(self) -> None:
        self._told = counted()
        self._cleared_on: date | None = None

    async def add(self) -> None:
        """Tell the database what was asked since the last time; what could not be told is told later."""
        now = counted()
        new = now - self._told
        if not new:
            return
        today = wall().date()
        # In one order, so that two gateways never wait for each other.
        labels = sorted(new)
        await run(_ADD, today, *(list(column) for column in zip(*labels, strict=True)), [new[label] for label in labels])
        self._told = now
        if self._cleared_on != today:
            self._cleared_on = today
            await run("DELETE FROM release_usage WHERE day < $1", today - KEPT_FOR)


async def keep_adding(usage: Usage, every: float = ADDED_EVERY) -> None:
    """Add up for ever, and once more at the end; a database that is away is tried again."""
    try:
        while True:
            await asyncio.sleep(every)
            await _try_to_add(usage)
    finally:
        await _try_to_add(usage)


async def _try_to_add(usage: Usage) -> None:
    try:
        await usage.add()
    except Exception as error:
        if not is_away(error):
            raise
        _log.warning("usage_not_added", error=type(error).__name__)


def counted() -> Asked:
    """What this process has counted since it began."""
    asked: Asked = Counter()
    for family in metrics.RELEASE_OPERATIONS.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                app, platform, version, operation = (sample.labels[label] for label in _LABELS)
                asked[app, platform, version, operation] += int(sample.value)
    return asked


async def asked_since(day: date) -> Asked:
    """What all gateways were asked for since that day, as far as they have added it up."""
    found = await rows(_SINCE, day)
    return Counter({(one["app"], one["platform"], one["version"], one["operation"]): one["asked"] for one in found})
