"""The use cases of payments: hold, take, give back, and bring the provider to what was decided."""

from services.payments.operations.authorisation import authorise, confirm_payment, open_payment
from services.payments.operations.carrying_out import capture_requested, carry_out, look_up_pending_payments
from services.payments.operations.decisions import GivenBack, give_back, request_capture, void_payment
from services.payments.operations.provider_state import apply_provider_state
from services.payments.operations.refunds import settle_refund
from services.payments.operations.webhooks import receive_webhook

__all__ = [
    "GivenBack",
    "apply_provider_state",
    "authorise",
    "capture_requested",
    "carry_out",
    "confirm_payment",
    "give_back",
    "look_up_pending_payments",
    "open_payment",
    "receive_webhook",
    "request_capture",
    "settle_refund",
    "void_payment",
]
