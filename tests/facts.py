"""What tests ask of a running house: which events were recorded, what every table holds, and to run what the outbox holds."""

from typing import TypeVar

from services.bootstrap import Ports
from services.kernel import database, events
from services.kernel.events import Event
from services.worker.relay import relay_once

Fact = TypeVar("Fact", bound=Event)


async def run_errands(ports: Ports, *, rounds: int = 50) -> int:
    """Run the outbox until it is empty (or only waits for a later attempt); answers how many errands ran."""
    ran = 0
    for _ in range(rounds):
        claimed = await relay_once(ports)
        if not claimed:
            return ran
        ran += claimed
    raise AssertionError("the outbox does not come to rest")


async def recorded(kind: type[Fact]) -> list[Fact]:
    """Every recorded event of this kind, in order of writing."""
    found = await database.rows(f"SELECT {events.COLUMNS} FROM events WHERE kind = $1 ORDER BY recorded_at, id", kind.kind)  # noqa: S608
    facts = [events.EventRow(*record).event() for record in found]
    return [fact for fact in facts if isinstance(fact, kind)]


async def fingerprint() -> dict[str, str]:
    """One hash for each table with rows: equal before and after means that nothing was written, changed or deleted anywhere."""
    if not _fingerprint:
        names = await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'")
        _fingerprint.append(" UNION ALL ".join(_HASH.format(record[0]) for record in names))
    return {record[0]: record[1] for record in await database.rows(_fingerprint[0]) if record[1] is not None}


_HASH = "SELECT '{0}', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM \"{0}\" t"
_fingerprint: list[str] = []
