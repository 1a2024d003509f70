"""The log of what agents looked at: only added to, each row sealed by SHA-256 over the one before, and how to check the chain."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from uuid import UUID

import structlog

from services.cases.rules import AuditedAction
from services.kernel.actors import SupportAgent
from services.kernel.clock import now
from services.kernel.database import row, rows

BEGINNING = bytes(32)
_PAGE = 1_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is looked at: `subject` masked, whom it is about, and for a reveal why and until when it may be shown."""

    action: AuditedAction
    subject: str
    about_id: UUID | None = None
    purchase_id: UUID | None = None
    case_id: UUID | None = None
    reason: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Look):
    """A row of the log as it is written."""

    sequence: int
    at: datetime
    person_id: UUID
    session_id: UUID
    level: str
    previous_hash: bytes
    hash: bytes


_COLUMNS = ", ".join(field.name for field in fields(Entry))


async def note_look(agent: SupportAgent, look: Look) -> int:
    """Add a row in the transaction in force, as its last statement: writers of the log wait for each other until they commit.

    Answers the row's sequence.
    """
    written = await row(
        "INSERT INTO audit_log"
        " (at, person_id, session_id, level, action, subject, about_id, purchase_id, case_id, reason, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING sequence",
        now(),
        agent.person_id,
        agent.session_id,
        agent.level,
        look.action,
        look.subject,
        look.about_id,
        look.purchase_id,
        look.case_id,
        look.reason,
        look.expires_at,
    )
    assert written is not None  # noqa: S101 - INSERT … RETURNING of one row
    return int(written["sequence"])


async def entries(*, after: int = 0, first: int = _PAGE) -> list[Entry]:
    """Rows of the log beyond a sequence, in order."""
    found = await rows(f"SELECT {_COLUMNS} FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT $2", after, first)  # noqa: S608 - our own columns
    return [Entry(**dict(record) | {"action": AuditedAction(record["action"])}) for record in found]


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check of the log found: up to where it holds, the seal of that row, and the first sequence that does not fit."""

    length: int
    head: bytes
    broken_at: int | None


async def verify_chain(known: Chain | None = None) -> Chain:
    """Compute every seal anew. What an earlier check `known` saw must still stand: a cut-off end shows by that alone."""
    length, head = 0, BEGINNING
    while page := await entries(after=length):
        for entry in page:
            fits = entry.sequence == length + 1 and entry.previous_hash == head and entry.hash == seal(entry)
            if not fits or (known and known.length == entry.sequence and known.head != entry.hash):
                return Chain(length, head, length + 1)
            length, head = entry.sequence, entry.hash
    cut_off = known is not None and length < known.length
    return Chain(length, head, length + 1 if cut_off else None)


# What the last check of this process found: the next one sees by it that an end was cut off.
_known: list[Chain] = []


async def watch_chain() -> int:
    """Timer: check the whole log, and alert whoever reads the logs where it does not hold; answers how many rows do."""
    chain = await verify_chain(_known[-1] if _known else None)
    if chain.broken_at is None:
        _known[:] = [chain]
        _log.info("audit_log_verified", length=chain.length, head=chain.head.hex())
    else:
        _log.error("audit_log_broken", broken_at=chain.broken_at, length=chain.length)
    return chain.length


def seal(entry: Entry) -> bytes:
    """The hash that the row must have: over the hash before and the row's own facts, spelled as the database spells JSON."""
    facts = [
        entry.sequence,
        _spell(entry.at),
        str(entry.person_id),
        str(entry.session_id),
        entry.level,
        entry.action,
        entry.subject,
        str(entry.about_id) if entry.about_id else None,
        str(entry.purchase_id) if entry.purchase_id else None,
        str(entry.case_id) if entry.case_id else None,
        entry.reason,
        _spell(entry.expires_at) if entry.expires_at else None,
    ]
    return hashlib.sha256(entry.previous_hash + json.dumps(facts, ensure_ascii=False).encode()).digest()


def _spell(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
