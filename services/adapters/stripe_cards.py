"""Cards through Stripe's PaymentIntents: held with manual capture, captured in parts where the card allows it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import orjson
import stripe

from services.payments.errors import ProviderRefused, ProviderUnavailable, WebhookForged
from services.payments.ports import Authorisation, Movement, ProviderEvent, RefundNews
from services.payments.rules import MovementState, ProviderStatus

OUR_KEY, OUR_REFUND = "pannier_payment", "pannier_refund"
RETRIES = 1
SIGNED_WITHIN = 300
_STATUS = {
    "requires_payment_method": ProviderStatus.FAILED,
    "requires_confirmation": ProviderStatus.PENDING,
    "requires_action": ProviderStatus.NEEDS_CONFIRMATION,
    "processing": ProviderStatus.PENDING,
    "requires_capture": ProviderStatus.AUTHORISED,
    "canceled": ProviderStatus.VOIDED,
    "succeeded": ProviderStatus.CAPTURED,
}
_REFUND_STATE = {
    "succeeded": MovementState.DONE,
    "pending": MovementState.REQUESTED,
    "requires_action": MovementState.REQUESTED,
    "failed": MovementState.FAILED,
    "canceled": MovementState.FAILED,
}
# Money that moved but whose answer was lost, a key that is in use, a limit, a wrong key of ours: ask again, by the same key.
_NO_ANSWER = (
    stripe.APIConnectionError,
    stripe.APIError,
    stripe.RateLimitError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)
_SAID_NO = (stripe.CardError, stripe.InvalidRequestError)


class StripeCards:
    """A CardProvider; `url` replaces Stripe's address (tests)."""

    def __init__(self, key: str, webhook_secret: str, url: str = "") -> None:
        self._http = _Http()
        self._webhook_secret = webhook_secret
        addresses: Any = {"api": url} if url else None
        client = stripe.StripeClient(key, http_client=self._http, base_addresses=addresses, max_network_retries=RETRIES)
        self._intents, self._refunds = client.v1.payment_intents, client.v1.refunds

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()

    async def authorise(self, key: UUID, amount: int, currency: str, method: str) -> Authorisation:
        wanted: Any = {
            "amount": amount,
            "currency": currency.lower(),
            "payment_method": method,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "use_stripe_sdk": True,  # a confirmation is done by the app's own SDK, with the client secret
            "payment_method_options": {"card": {"request_multicapture": "if_available"}},
            "metadata": {OUR_KEY: str(key)},
            "expand": ["latest_charge"],
        }
        with _heard():
            try:
                intent = await self._intents.create_async(wanted, {"idempotency_key": f"authorise-{key}"})
            except _SAID_NO as refusal:
                return Authorisation(provider_ref=_ref_in(refusal), key=key, status=ProviderStatus.FAILED, failure=_code(refusal))
        return _authorisation(intent.to_dict())

    async def confirm(self, provider_ref: str, answer: str) -> Authorisation:
        """The app has confirmed with Stripe itself: ask Stripe what came of it. `answer` is nothing that Stripe would believe."""
        del answer
        return await self.look_up(provider_ref)

    async def capture(self, key: UUID, provider_ref: str, amount: int, *, final: bool) -> Movement:
        wanted: Any = {"amount_to_capture": amount}
        if not final:
            wanted["final_capture"] = False
        with _heard():
            intent = await self._intents.capture_async(provider_ref, wanted, {"idempotency_key": f"capture-{key}"})
        return Movement(str(intent.latest_charge))

    async def void(self, key: UUID, provider_ref: str) -> None:
        with _heard():
            intent = (await self._intents.retrieve_async(provider_ref)).to_dict()
            if intent["status"] in {"canceled", "succeeded"}:
                return
            if intent.get("amount_received"):
                # After a part was taken, an empty last capture lets the rest go.
                rest: Any = {"amount_to_capture": 0, "final_capture": True}
                await self._intents.capture_async(provider_ref, rest, {"idempotency_key": f"release-{key}"})
                return
            await self._intents.cancel_async(provider_ref, {}, {"idempotency_key": f"void-{key}"})

    async def refund(self, key: UUID, provider_ref: str, amount: int) -> Movement:
        wanted: Any = {"payment_intent": provider_ref, "amount": amount, "metadata": {OUR_REFUND: str(key)}}
        with _heard():
            refund = await self._refunds.create_async(wanted, {"idempotency_key": f"refund-{key}"})
        return _refund(refund.to_dict())

    async def look_up(self, provider_ref: str) -> Authorisation:
        with _heard():
            intent = await self._intents.retrieve_async(provider_ref, {"expand": ["latest_charge"]})
        return _authorisation(intent.to_dict())

    async def look_up_refund(self, provider_ref: str) -> Movement:
        with _heard():
            return _refund((await self._refunds.retrieve_async(provider_ref)).to_dict())

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        signature = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), None)
        try:
            stripe.WebhookSignature.verify_header(raw, signature, self._webhook_secret, SIGNED_WITHIN)
            event = orjson.loads(raw)
            return _event(event["id"], event["type"], event["data"]["object"])
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as strange:
            raise WebhookForged("not a call of Stripe") from strange


@contextmanager
def _heard() -> Iterator[None]:
    """Stripe's exceptions as the port names them."""
    try:
        yield
    except _NO_ANSWER as silence:
        raise ProviderUnavailable(type(silence).__name__) from silence
    except _SAID_NO as refusal:
        raise ProviderRefused(_code(refusal)) from refusal


def _event(event_id: str, kind: str, subject: Mapping[str, Any]) -> ProviderEvent:
    if subject.get("object") == "payment_intent":
        return ProviderEvent(event_id, kind, authorisation=_authorisation(subject))
    ours = (subject.get("metadata") or {}).get(OUR_REFUND)
    if subject.get("object") == "refund" and ours:
        return ProviderEvent(event_id, kind, refund=RefundNews(UUID(ours), _refund(subject)))
    return ProviderEvent(event_id, kind)


def _authorisation(intent: Mapping[str, Any]) -> Authorisation:
    status = _STATUS[intent["status"]]
    ours = (intent.get("metadata") or {}).get(OUR_KEY)
    error = intent.get("last_payment_error") or {}
    return Authorisation(
        provider_ref=intent["id"],
        status=status,
        key=UUID(ours) if ours else None,
        many_captures=_many_captures(intent.get("latest_charge")),
        next_action=_next_action(intent) if status is ProviderStatus.NEEDS_CONFIRMATION else None,
        failure=(error.get("decline_code") or error.get("code") or "declined") if status is ProviderStatus.FAILED else None,
    )


def _many_captures(charge: Any) -> bool | None:
    """Whether the card can be captured in parts; a webhook names the charge without telling."""
    if not isinstance(charge, Mapping):
        return None
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    return bool((card.get("multicapture") or {}).get("status") == "available")


def _next_action(intent: Mapping[str, Any]) -> dict[str, Any]:
    action = intent.get("next_action") or {}
    redirect = action.get("redirect_to_url") or {}
    return {"type": action.get("type"), "client_secret": intent.get("client_secret"), "url": redirect.get("url")}


def _refund(refund: Mapping[str, Any]) -> Movement:
    return Movement(refund["id"], _REFUND_STATE[refund["status"]], refund.get("failure_reason"))


def _code(refusal: stripe.StripeError) -> str:
    said = refusal.error.to_dict() if refusal.error else {}
    return str(said.get("decline_code") or said.get("code") or refusal.code or "refused")


def _ref_in(refusal: stripe.StripeError) -> str | None:
    """The intent that a declined card leaves behind."""
    said = refusal.error.to_dict() if refusal.error else {}
    intent = said.get("payment_intent")
    return str(intent["id"]) if intent else None


class _Http(stripe.HTTPClient):
    """Stripe's calls over one httpx client; its own httpx client sends bodies in a way that httpx has deprecated."""

    name = "httpx"

    def __init__(self) -> None:
        super().__init__()
        self._client: httpx.AsyncClient | None = None

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=3.0))
        try:
            answer = await self._client.request(method, url, headers=dict(headers), content=post_data or None)
        except httpx.HTTPError as failure:
            raise stripe.APIConnectionError(type(failure).__name__, should_retry=True) from failure  # type: ignore[no-untyped-call]  # theirs
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None
