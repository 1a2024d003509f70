"""Which version a store is at, known in this process for a moment, so that what is kept of it can be shown without a read."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from services.kernel import nudges
from services.kernel.gathering import GatheredRead

TRUSTED = 1.0
"""Wall seconds for which a version is believed without a word: a nudge ends that at once, and no nudge is ever relied upon."""
ON_THE_MAP = UUID(int=0)
"""Whose version rises whenever it changes which stores deliver where."""
_MOST = 20_000
_PREFIX = "store:"


class _Known:
    """Versions with the time they were read at, and how often something was told meanwhile."""

    def __init__(self) -> None:
        self.versions: OrderedDict[UUID, tuple[int, float]] = OrderedDict()
        self.told = 0


_known = _Known()


async def current_versions(store_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The versions of these stores, or of what is ON_THE_MAP, at most a second old; stores that do not exist are left out."""
    now = time.monotonic()
    found: dict[UUID, int] = {}
    unknown = []
    for store_id in store_ids:
        version, read_at = _known.versions.get(store_id, (0, -TRUSTED))
        if now - read_at < TRUSTED:
            found[store_id] = version
        else:
            unknown.append(store_id)
    return found | await _read(unknown) if unknown else found


def known_versions(store_ids: Iterable[UUID]) -> dict[UUID, int] | None:
    """The same without a read; None where one would be needed."""
    oldest, found = time.monotonic() - TRUSTED, {}
    for store_id in store_ids:
        known = _known.versions.get(store_id)
        if known is None or known[1] <= oldest:
            return None
        found[store_id] = known[0]
    return found


_versions = GatheredRead(
    "SELECT id, version FROM stores WHERE id = ANY($1) UNION ALL SELECT id, version FROM stores_on_map WHERE id = ANY($1)",
    by="id",
)


async def _read(store_ids: list[UUID]) -> dict[UUID, int]:
    before, now = _known.told, time.monotonic()
    read = {store_id: found[0]["version"] for store_id, found in (await _versions.rows_of(store_ids)).items() if found}
    # What was told while this was read may be newer than it.
    if _known.told == before:
        for store_id, version in read.items():
            _known.versions[store_id] = (version, now)
            _known.versions.move_to_end(store_id)
        while len(_known.versions) > _MOST:
            _known.versions.popitem(last=False)
    return read


def _overheard(topics: Iterable[str] | None) -> None:
    if topics is None:
        _known.told += 1
        _known.versions.clear()
        return
    for topic in topics:
        if topic.startswith(_PREFIX):
            _known.told += 1
            _known.versions.pop(UUID(topic[len(_PREFIX) :]), None)
            _known.versions.pop(ON_THE_MAP, None)


nudges.overhear(_overheard)
