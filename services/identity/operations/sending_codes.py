"""Sending what was asked for: codes leave once, from whichever worker is free, and are forgotten a day after they expired."""

import asyncio
from datetime import timedelta

import structlog

from services.identity import code_rules, tokens
from services.identity.ports import HasTexts, TextDelayed, TextMessages, TextRefused
from services.kernel.clock import now
from services.kernel.database import Row, rows, run

BATCH = 20
ATTEMPTS = 3
KEPT_FOR = timedelta(days=1)
DEVICE_KEPT_FOR = timedelta(days=270)
_log = structlog.get_logger(__name__)


async def send_due_codes(ports: HasTexts) -> int:
    """Send the codes that wait; answers how many.

    Each is marked before it leaves: a worker that dies in between sends nothing twice, and the phone asks again.
    """
    due = await rows(_CLAIM, now(), BATCH, ATTEMPTS)
    await asyncio.gather(*(_send(code, ports.texts) for code in due))
    return len(due)


async def forget_old_codes() -> int:
    """Forget codes, budgets and devices that play no part any more; answers how many."""
    at = now()
    forgotten = await run("DELETE FROM sign_in_codes WHERE expires_at < $1", at - KEPT_FOR)
    forgotten += await run("DELETE FROM sign_in_code_budgets WHERE began_at < $1", at - 2 * KEPT_FOR)
    return forgotten + await run("DELETE FROM sign_in_devices WHERE seen_at < $1", at - DEVICE_KEPT_FOR)


async def _send(waiting: Row, texts: TextMessages) -> None:
    _, secret = tokens.code_secret(waiting["key_id"])
    text = code_rules.text_of(code_rules.code_of(waiting["id"], secret), waiting["locale"])
    outcome = await texts.send(waiting["phone"], text)
    if isinstance(outcome, TextDelayed):
        await run(_PUT_OFF, waiting["id"], now() + timedelta(seconds=outcome.retry_after))
    elif isinstance(outcome, TextRefused):
        # The number stays out of the log.
        _log.warning("sign_in_code_not_sent", reason=outcome.reason, code=str(waiting["id"]))


_CLAIM = """
UPDATE sign_in_codes SET sent_at = $1, send_from = NULL, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM sign_in_codes WHERE send_from <= $1 AND expires_at > $1 AND attempts < $3
    ORDER BY send_from, id LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING id, phone, locale, key_id
"""
_PUT_OFF = "UPDATE sign_in_codes SET sent_at = NULL, send_from = $2 WHERE id = $1 AND used_at IS NULL"
