"""Idempotency keys: what a phone says twice happens once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.kernel import clock
from services.kernel.actors import Person
from services.kernel.database import row, run
from services.kernel.errors import BadInput, Refusal
from services.settings import settings

LONGEST_KEY = 128


class KeyReusedWithOtherInput(Refusal):
    """The key was used before with other input; a new intention needs a new key."""


class OperationInProgress(Refusal):
    """The same key is being worked on at this moment; ask again shortly."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the first call with this key left behind."""

    result: Mapping[str, Any]


async def once(person: Person, operation: str, key: str, arguments: Mapping[str, Any]) -> Earlier | None:
    """Claim the key inside the unit of work in force: None for the first time, the earlier result for a repeat.

    Raises KeyReusedWithOtherInput, OperationInProgress (a twin in flight, answered without waiting), BadInput for a key that is
    empty or too long.
    """
    fingerprint, at = fingerprint_of(key, arguments), clock.now()
    name = f"{person.person_id}/{operation}/{key}"
    said = await row(_CLAIM, name, person.person_id, operation, key, fingerprint, at, kept_until(at))
    if said is None or not said["free"]:
        raise OperationInProgress("The same request is being worked on.")
    return None if said["is_fresh"] else await _earlier(person, operation, key, fingerprint)


def fingerprint_of(key: str, arguments: Mapping[str, Any]) -> str:
    """What tells other input under the same key. Raises BadInput for a key that is empty or too long."""
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadInput(f"A key has 1 to {LONGEST_KEY} characters.", field="key")
    return hashlib.sha256(orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def kept_until(at: datetime) -> datetime:
    """Until when a key that is used at this time is known."""
    return at + timedelta(seconds=settings().limits.money_keys_kept_for)


async def _earlier(person: Person, operation: str, key: str, fingerprint: str) -> Earlier:
    left = await row(
        "SELECT fingerprint, result FROM idempotency_keys WHERE person_id = $1 AND operation = $2 AND key = $3",
        person.person_id,
        operation,
        key,
    )
    if left is None or left["fingerprint"] != fingerprint:
        raise KeyReusedWithOtherInput("This key was used with other input.")
    return Earlier(left["result"])


async def keep(person: Person, operation: str, key: str, result: Mapping[str, Any]) -> None:
    """Leave the result for repeats, in the same transaction as the effect."""
    await run(
        "UPDATE idempotency_keys SET result = $4 WHERE person_id = $1 AND operation = $2 AND key = $3",
        person.person_id,
        operation,
        key,
        orjson.loads(orjson.dumps(result, default=str)),
    )


# A twin in flight holds the lock, and is not waited for.
_CLAIM = """
WITH lock AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free
), fresh AS (
    INSERT INTO idempotency_keys (person_id, operation, key, fingerprint, created_at, kept_until)
    SELECT $2, $3, $4, $5, $6, $7 FROM lock WHERE free ON CONFLICT DO NOTHING RETURNING key
)
SELECT free, EXISTS (SELECT FROM fresh) AS is_fresh FROM lock
"""


async def forget_old_keys() -> int:
    """Timer: drop keys beyond their term; answers how many."""
    return await run("DELETE FROM idempotency_keys WHERE kept_until < $1", clock.now())
