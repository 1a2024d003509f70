"""The sandbox card network: no money moves, all else is as with a real one; its memory is tables that all processes share."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.kernel import clock
from services.kernel.database import Row, row, rows, run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.payments.errors import ProviderRefused, WebhookForged
from services.payments.ports import Authorisation, HasCards, Movement, ProviderEvent
from services.payments.rules import ProviderStatus
from services.settings import settings

RIGHT_ANSWER = "1234"
TRIES = 3
DELIVERY_TRIES = 7
AT_ONCE = 20
_HOLDS_NOTHING = {ProviderStatus.VOIDED, ProviderStatus.CAPTURED, ProviderStatus.FAILED}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a card acts: its first status, what it decides later, how often its webhooks come, whether it is captured in parts."""

    status: ProviderStatus
    decides_after: float | None = None
    webhook_times: int = 1
    many_captures: bool = True
    failure: str | None = None


METHODS: Mapping[str, Behaviour] = {
    "card_ok": Behaviour(ProviderStatus.AUTHORISED),
    "card_declined": Behaviour(ProviderStatus.FAILED, failure="card_declined"),
    "card_needs_confirmation": Behaviour(ProviderStatus.NEEDS_CONFIRMATION),
    "card_slow": Behaviour(ProviderStatus.PENDING, decides_after=3.0),
    "card_webhook_twice": Behaviour(ProviderStatus.AUTHORISED, webhook_times=2),
    "card_captured_once": Behaviour(ProviderStatus.AUTHORISED, many_captures=False),
}


class SandboxCards:
    """A CardProvider; `gateway_url` is where its webhooks are posted, signed with `webhook_secret` as Standard Webhooks says."""

    def __init__(self, webhook_secret: str, gateway_url: str) -> None:
        self._signer = Webhook(webhook_secret)
        self._address = f"{gateway_url.rstrip('/')}/webhooks/cards"
        self._tls = ssl.create_default_context()

    async def authorise(self, key: UUID, amount: int, currency: str, method: str) -> Authorisation:
        behaviour = METHODS.get(method)
        if behaviour is None:
            return Authorisation(provider_ref=None, key=key, status=ProviderStatus.FAILED, failure="method_unknown")
        ref, at = f"sandbox_{new_id().hex}", clock.now()
        decides_at = at + timedelta(seconds=behaviour.decides_after) if behaviour.decides_after else None
        async with unit_of_work():
            made = await run(_OPEN, ref, str(key), amount, currency, method, behaviour.status, behaviour.failure, decides_at, at)
            if made:
                await _tell(ref, method, "authorisation.updated", decides_at)
            found = await row("SELECT * FROM sandbox_cards_intents WHERE key = $1", str(key))
        return _authorisation(found)

    async def confirm(self, provider_ref: str, answer: str) -> Authorisation:
        async with unit_of_work():
            intent = await _lock(provider_ref)
            if _status(intent) is not ProviderStatus.NEEDS_CONFIRMATION:
                return _authorisation(intent)
            last = intent["tries"] + 1 >= TRIES
            status = ProviderStatus.FAILED if last else ProviderStatus.NEEDS_CONFIRMATION
            if answer == RIGHT_ANSWER:
                status = ProviderStatus.AUTHORISED
            failure = "confirmation_failed" if status is ProviderStatus.FAILED else None
            changed = await row(_CONFIRM, provider_ref, status, failure)
            if status is not ProviderStatus.NEEDS_CONFIRMATION:
                await _tell(provider_ref, intent["method"], "authorisation.updated")
            return _authorisation(changed)

    async def capture(self, key: UUID, provider_ref: str, amount: int, *, final: bool) -> Movement:
        async with unit_of_work():
            intent = await _lock(provider_ref)
            earlier = await _movement(f"capture:{key}")
            if earlier:
                return earlier
            left = intent["amount"] - intent["captured"]
            if _status(intent) is not ProviderStatus.AUTHORISED or amount > left:
                raise ProviderRefused("amount_too_large" if amount > left else "not_capturable")
            closes = final or amount == left or not METHODS[intent["method"]].many_captures
            status = ProviderStatus.CAPTURED if closes else ProviderStatus.AUTHORISED
            await run(_CAPTURE, provider_ref, amount, status)
            return await _move(f"capture:{key}", intent, "CAPTURE", amount)

    async def void(self, key: UUID, provider_ref: str) -> None:
        async with unit_of_work():
            intent = await _lock(provider_ref)
            if await _movement(f"void:{key}") or _status(intent) in _HOLDS_NOTHING:
                return
            status = ProviderStatus.CAPTURED if intent["captured"] else ProviderStatus.VOIDED
            await run("UPDATE sandbox_cards_intents SET status = $2, decides_at = NULL WHERE ref = $1", provider_ref, status)
            await _move(f"void:{key}", intent, "VOID", intent["amount"] - intent["captured"])

    async def refund(self, key: UUID, provider_ref: str, amount: int) -> Movement:
        async with unit_of_work():
            intent = await _lock(provider_ref)
            earlier = await _movement(f"refund:{key}")
            if earlier:
                return earlier
            if amount > intent["captured"] - intent["refunded"]:
                raise ProviderRefused("amount_too_large")
            await run("UPDATE sandbox_cards_intents SET refunded = refunded + $2 WHERE ref = $1", provider_ref, amount)
            return await _move(f"refund:{key}", intent, "REFUND", amount)

    async def look_up(self, provider_ref: str) -> Authorisation:
        return _authorisation(await row("SELECT * FROM sandbox_cards_intents WHERE ref = $1", provider_ref))

    async def look_up_refund(self, provider_ref: str) -> Movement:
        return Movement(provider_ref)

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        try:
            event = self._signer.verify(raw, dict(headers))
            said = event["data"]
            event_id = next(value for name, value in headers.items() if name.lower() == "webhook-id")
            authorisation = Authorisation(**said | {"status": ProviderStatus(said["status"]), "key": UUID(said["key"])})
        except (WebhookVerificationError, ValueError, KeyError, TypeError) as strange:
            raise WebhookForged("not a call of the sandbox") from strange
        return ProviderEvent(event_id, event["type"], authorisation=authorisation)

    async def deliver_due_webhooks(self) -> int:
        """Post the webhooks that are due to the gateway, each until it is answered with 2xx; answers how many calls were made."""
        due = await rows(_CLAIM, clock.now(), clock.wall(), clock.wall() + timedelta(seconds=settings().lease), AT_ONCE)
        if due:
            async with httpx.AsyncClient(verify=self._tls, timeout=5.0) as client:
                await asyncio.gather(*(self._deliver(client, webhook) for webhook in due))
        return len(due)

    async def _deliver(self, client: httpx.AsyncClient, webhook: Row) -> None:
        body = orjson.dumps({"type": webhook["kind"], "data": _plain(_authorisation(webhook))})
        at = clock.wall()
        signature = self._signer.sign(webhook["id"], at, body.decode())
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook["id"],
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }
        try:
            heard = (await client.post(self._address, content=body, headers=headers)).is_success
        except httpx.HTTPError:
            heard = False
        if heard:
            await run(_DELIVERED, webhook["id"], clock.now())
            return
        pause = timedelta(seconds=2.0 ** (webhook["attempts"] - 1))
        await run(_PUT_OFF, webhook["id"], clock.now() + pause, DELIVERY_TRIES)


async def deliver_sandbox_webhooks(ports: HasCards) -> int:
    """Deliver the sandbox's webhooks; nothing where a real provider sends its own."""
    return await ports.cards.deliver_due_webhooks() if isinstance(ports.cards, SandboxCards) else 0


def _status(intent: Mapping[str, Any]) -> ProviderStatus:
    if intent["status"] == ProviderStatus.PENDING and intent["decides_at"] and intent["decides_at"] <= clock.now():
        return ProviderStatus.AUTHORISED
    return ProviderStatus(intent["status"])


def _authorisation(intent: Row | None) -> Authorisation:
    if intent is None:
        raise ProviderRefused("unknown")
    status = _status(intent)
    wanted = {"type": "code", "hint": "The sandbox's code is 1234."} if status is ProviderStatus.NEEDS_CONFIRMATION else None
    return Authorisation(
        provider_ref=intent["ref"],
        status=status,
        key=UUID(intent["key"]),
        many_captures=METHODS[intent["method"]].many_captures,
        next_action=wanted,
        failure=intent["failure"],
    )


def _plain(said: Authorisation) -> dict[str, Any]:
    return {
        "provider_ref": said.provider_ref,
        "status": said.status,
        "key": str(said.key),
        "many_captures": said.many_captures,
        "next_action": said.next_action,
        "failure": said.failure,
    }


async def _lock(ref: str) -> Row:
    intent = await row("SELECT * FROM sandbox_cards_intents WHERE ref = $1 FOR UPDATE", ref)
    if intent is None:
        raise ProviderRefused("unknown")
    return intent


async def _movement(key: str) -> Movement | None:
    found = await row("SELECT ref FROM sandbox_cards_movements WHERE key = $1", key)
    return Movement(found["ref"]) if found else None


async def _move(key: str, intent: Row, kind: str, amount: int) -> Movement:
    ref = f"{kind.lower()}_{new_id().hex}"
    await run(
        "INSERT INTO sandbox_cards_movements (key, ref, intent_ref, kind, amount, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        key,
        ref,
        intent["ref"],
        kind,
        amount,
        clock.now(),
    )
    await _tell(intent["ref"], intent["method"], f"{kind.lower()}.done")
    return Movement(ref)


async def _tell(ref: str, method: str, kind: str, due_at: Any = None) -> None:
    await run(_TELL, f"msg_{new_id().hex}", ref, kind, due_at or clock.now(), METHODS[method].webhook_times, clock.now())


_OPEN = """
INSERT INTO sandbox_cards_intents
    (ref, key, amount, currency, method, status, captured, refunded, tries, failure, decides_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9) ON CONFLICT (key) DO NOTHING
"""
_CONFIRM = "UPDATE sandbox_cards_intents SET status = $2, failure = $3, tries = tries + 1 WHERE ref = $1 RETURNING *"
_CAPTURE = "UPDATE sandbox_cards_intents SET captured = captured + $2, status = $3 WHERE ref = $1"
_TELL = """
INSERT INTO sandbox_cards_webhooks (id, intent_ref, kind, due_at, attempts, times_left, created_at)
VALUES ($1, $2, $3, $4, 0, $5, $6)
"""
_CLAIM = """
WITH due AS (
    SELECT id FROM sandbox_cards_webhooks
    WHERE times_left > 0 AND due_at <= $1 AND (leased_until IS NULL OR leased_until < $2)
    ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE sandbox_cards_webhooks w SET leased_until = $3, attempts = attempts + 1 FROM due WHERE w.id = due.id
    RETURNING w.id, w.kind, w.attempts, w.intent_ref
)
SELECT l.id, l.kind, l.attempts, i.ref, i.key, i.method, i.status, i.failure, i.decides_at
FROM leased l JOIN sandbox_cards_intents i ON i.ref = l.intent_ref
"""
_DELIVERED = """
UPDATE sandbox_cards_webhooks SET times_left = times_left - 1, leased_until = NULL, attempts = 0, due_at = $2 WHERE id = $1
"""
_PUT_OFF = """
UPDATE sandbox_cards_webhooks
SET leased_until = NULL, due_at = $2, times_left = CASE WHEN attempts >= $3 THEN 0 ELSE times_left END
WHERE id = $1
"""
