"""A server that answers as Stripe documents: PaymentIntents, refunds, idempotency keys, errors, multicapture, signed events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from stripe import WebhookSignature

SECRET = "whsec_of_the_double"
KEY = "sk_test_of_the_double"
Answer = tuple[int, dict[str, Any]]


@dataclass
class StripeDouble:
    """Its memory; `multicapture` is whether the account has it, `troubles` befall the next calls in turn."""

    multicapture: bool = True
    troubles: list[str] = field(default_factory=list)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, tuple[Any, Answer]] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        form = dict(parse_qsl((await request.body()).decode() or request.url.query))
        key = request.headers.get("idempotency-key", "")
        self.calls.append((f"{request.method} {request.url.path}", key, form))
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble.isdigit():
            await JSONResponse({"error": {"type": "api_error", "message": "trouble"}}, int(trouble))(scope, receive, send)
            return
        if request.headers.get("authorization") != f"Bearer {KEY}":
            status, body = _error(401, "invalid_request_error", "api_key_invalid")
        else:
            status, body = self._once(request, key, form)
        answer = Response(orjson.dumps(body), status, {"request-id": "req_1"}, "application/json")
        if trouble == "lost":
            # The work is done, the line breaks: a body that ends too early.
            answer.headers["content-length"] = str(len(answer.body) + 10)
        await answer(scope, receive, send)

    def _once(self, request: Request, key: str, form: dict[str, str]) -> Answer:
        asked = (request.url.path, form)
        if key in self.answered:
            earlier, answer = self.answered[key]
            return answer if earlier == asked else _error(400, "idempotency_error", None)
        answer = self._route(request.method, request.url.path.removeprefix("/v1/").split("/"), form)
        if request.method == "POST" and key:
            # An answer is a snapshot: a repeat gets what was said then.
            self.answered[key] = (asked, (answer[0], orjson.loads(orjson.dumps(answer[1]))))
        return answer

    def _route(self, method: str, path: list[str], form: dict[str, str]) -> Answer:
        match method, *path:
            case "POST", "payment_intents":
                return self._create(form)
            case "POST", "refunds":
                return self._refund(form)
            case "GET", "refunds", ref if ref in self.refunds:
                return 200, self.refunds[ref]
            case _, "payment_intents", ref, *verb if ref in self.intents:
                return self._about(ref, verb, form)
        return _error(404, "invalid_request_error", "resource_missing")

    def _about(self, ref: str, verb: list[str], form: dict[str, str]) -> Answer:
        if verb == ["capture"]:
            return self._capture(ref, form)
        if verb == ["cancel"]:
            return self._cancel(ref)
        return 200, self.shown(ref, expanded="expand[0]" in form)

    def _create(self, form: dict[str, str]) -> Answer:
        method = form["payment_method"]
        if not method.startswith("pm_card_"):
            return _error(400, "invalid_request_error", "resource_missing")
        ref = f"pi_{len(self.intents) + 1}"
        intent = {
            "id": ref,
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "amount_capturable": int(form["amount"]),
            "amount_received": 0,
            "amount_refunded": 0,
            "currency": form["currency"],
            "status": "requires_capture",
            "client_secret": f"{ref}_secret_1",
            "payment_method": method,
            "metadata": {"pannier_payment": form["metadata[pannier_payment]"]},
            "next_action": None,
            "last_payment_error": None,
            "latest_charge": f"ch_{ref}",
        }
        self.intents[ref] = intent
        if method == "pm_card_visa_chargeDeclined":
            intent |= {"status": "requires_payment_method", "amount_capturable": 0}
            intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "decline_code": "generic_decline"}
            status, body = _error(402, "card_error", "card_declined")
            body["error"] |= {"decline_code": "generic_decline", "payment_intent": self.shown(ref)}
            return status, body
        if method == "pm_card_threeDSecure2Required":
            intent |= {
                "status": "requires_action",
                "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure"}},
            }
        return 200, self.shown(ref, expanded="expand[0]" in form)

    def shown(self, ref: str, *, expanded: bool = False) -> dict[str, Any]:
        """An intent as Stripe shows it."""
        intent = dict(self.intents[ref])
        if expanded:
            available = "available" if self.multicapture else "unavailable"
            card = {"multicapture": {"status": available}}
            intent["latest_charge"] = {
                "id": intent["latest_charge"],
                "object": "charge",
                "payment_method_details": {"card": card},
            }
        return intent

    def _capture(self, ref: str, form: dict[str, str]) -> Answer:
        intent, amount = self.intents[ref], int(form["amount_to_capture"])
        if intent["status"] != "requires_capture":
            return _error(400, "invalid_request_error", "payment_intent_unexpected_state")
        if amount > intent["amount_capturable"]:
            return _error(400, "invalid_request_error", "amount_too_large")
        if "final_capture" in form and not self.multicapture:
            return _error(400, "invalid_request_error", "parameter_unknown")
        last = form.get("final_capture") != "false"
        intent["amount_received"] += amount
        intent["amount_capturable"] = 0 if last else intent["amount_capturable"] - amount
        intent["status"] = "succeeded" if last else "requires_capture"
        return 200, self.shown(ref)

    def _cancel(self, ref: str) -> Answer:
        intent = self.intents[ref]
        if intent["status"] in {"succeeded", "canceled", "processing"}:
            return _error(400, "invalid_request_error", "payment_intent_unexpected_state")
        intent |= {"status": "succeeded" if intent["amount_received"] else "canceled", "amount_capturable": 0}
        return 200, self.shown(ref)

    def _refund(self, form: dict[str, str]) -> Answer:
        intent, amount = self.intents[form["payment_intent"]], int(form["amount"])
        if amount > intent["amount_received"] - intent["amount_refunded"]:
            return _error(400, "invalid_request_error", "charge_already_refunded")
        intent["amount_refunded"] += amount
        ref = f"re_{len(self.refunds) + 1}"
        status = "pending" if intent["payment_method"] == "pm_card_pendingRefund" else "succeeded"
        metadata = {"pannier_refund": form["metadata[pannier_refund]"]}
        self.refunds[ref] = {"id": ref, "object": "refund", "amount": amount, "status": status, "metadata": metadata}
        return 200, self.refunds[ref]


def event(
    kind: str, subject: Mapping[str, Any], *, event_id: str = "evt_1", secret: str = SECRET, at: int | None = None
) -> tuple[bytes, dict[str, str]]:
    """A signed webhook call."""
    body = orjson.dumps({"id": event_id, "object": "event", "type": kind, "data": {"object": subject}})
    header = WebhookSignature.generate_signature_header(body.decode(), secret, at)
    return body, {"Stripe-Signature": header}


def _error(status: int, kind: str, code: str | None) -> Answer:
    return status, {"error": {"type": kind, "code": code, "message": "as the double was told"}}
