"""Sending: claimed messages go out side by side, outside of any transaction; each one's fate is written by itself."""

import asyncio
import secrets
from contextlib import suppress
from datetime import timedelta

import structlog

from services.identity.operations import forget_device
from services.kernel import clock
from services.kernel.database import run
from services.kernel.unit_of_work import in_transaction_now
from services.notifications.operations.claiming import Claimed, claim
from services.notifications.ports import HasPush, Outcome, PushSender, Refused, RetryLater, Sent, Unregistered
from services.notifications.rules import pause_before

AT_ONCE = 50
LOOK_AGAIN_AFTER = 0.25
LONGEST_SENDING = 15.0
_log = structlog.get_logger(__name__)
_chance = secrets.SystemRandom()


async def send_due_pushes(ports: HasPush) -> int:
    """Send what is due, until nothing is; answers how many messages were looked at.

    It may run in many workers at once. A message that a dying worker had in its hands is sent again when its lease is over.
    """
    if in_transaction_now():
        raise RuntimeError("pushes are sent outside of transactions")
    looked_at = 0
    flying: set[asyncio.Task[None]] = set()
    try:
        while True:
            claimed, seen = await claim(AT_ONCE - len(flying)) if len(flying) < AT_ONCE else ([], 0)
            looked_at += seen
            flying |= {asyncio.create_task(_send(one, ports.push)) for one in claimed}
            if not flying and not seen:
                return looked_at
            if flying:
                # One that is slow does not keep the next ones waiting.
                _, flying = await asyncio.wait(flying, timeout=LOOK_AGAIN_AFTER)
    finally:
        await _land(flying)


async def _land(flying: set[asyncio.Task[None]]) -> None:
    """The worker stops: what is in the air is let go, and sent again when its lease is over."""
    for task in flying:
        task.cancel()
    for task in flying:
        with suppress(asyncio.CancelledError):
            await task


async def _send(claimed: Claimed, push: PushSender) -> None:
    try:
        outcome = await asyncio.wait_for(push.send(claimed.message), LONGEST_SENDING)
    except Exception as failure:  # noqa: BLE001 - whatever an adapter does, the message is tried again and the others go on
        outcome = RetryLater(None, type(failure).__name__)
        _log.warning("push_failed", push=str(claimed.message.id), error=type(failure).__name__)
    try:
        await _record(claimed, outcome)
    except Exception as failure:  # noqa: BLE001 - the lease runs out and the message is looked at again
        _log.warning("push_not_recorded", push=str(claimed.message.id), error=type(failure).__name__)


async def _record(claimed: Claimed, outcome: Outcome) -> None:
    match outcome:
        case Sent(ref):
            await _settle(claimed, "SENT", ref=ref)
        case Unregistered():
            await forget_device(claimed.device_id, claimed.message.address.token)
            await _settle(claimed, "DROPPED", error="unregistered")
        case Refused(reason, alert):
            (_log.error if alert else _log.warning)("push_refused", push=str(claimed.message.id), reason=reason)
            await _settle(claimed, "FAILED", error=reason)
        case RetryLater(pause, reason):
            await _put_off(claimed, pause if pause is not None else pause_before(claimed.attempt, _chance.random()), reason)


async def _put_off(claimed: Claimed, pause: float, reason: str) -> None:
    due_at = clock.now() + timedelta(seconds=pause)
    if due_at >= claimed.expires_at:
        _log.warning("push_given_up", push=str(claimed.message.id), reason=reason, attempts=claimed.attempt)
        await _settle(claimed, "FAILED", error=f"given up: {reason}")
        return
    await run(_PUT_OFF, claimed.message.id, claimed.attempt, due_at, reason)


async def _settle(claimed: Claimed, state: str, *, ref: str | None = None, error: str | None = None) -> None:
    """Write the end, unless the lease was lost and somebody else has the message in hand."""
    await run(_SETTLE, claimed.message.id, claimed.attempt, state, ref, error, clock.now() if ref else None)


_PUT_OFF = """
UPDATE push_messages SET leased_until = NULL, due_at = $3, error = $4 WHERE id = $1 AND attempts = $2 AND state = 'PENDING'
"""
_SETTLE = """
UPDATE push_messages SET state = $3, leased_until = NULL, provider_ref = $4, error = $5, sent_at = $6
WHERE id = $1 AND attempts = $2 AND state = 'PENDING'
"""
