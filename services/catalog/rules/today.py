"""Until when "not today" lasts: the end of the store's day, which a late evening carries past midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.stores.rules import OpenTimes, closes_at, is_open

LONGEST_EVENING = timedelta(hours=12)
_MINUTE = timedelta(minutes=1)


def end_of_today(store: OpenTimes, at: datetime) -> datetime:
    """The next midnight on the store's clock, or the closing of the evening that runs through it.

    After midnight, while that evening still runs, it is its closing. Doors that never close have no evening.
    """
    zone = ZoneInfo(store.time_zone)
    today = at.astimezone(zone).date()
    begun, ending = (_midnight(today + timedelta(days=days), zone) for days in (0, 1))
    running = _evening_through(store, begun)
    if running is not None and at < running:
        return running
    return _evening_through(store, ending) or ending


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _evening_through(store: OpenTimes, midnight: datetime) -> datetime | None:
    """When the evening closes that runs through this midnight; None where the doors are shut then, or open the whole day."""
    closing = closes_at(store, midnight)
    if closing is None or closing - midnight > LONGEST_EVENING or not is_open(store, midnight - _MINUTE):
        return None
    return closing.astimezone(UTC)
