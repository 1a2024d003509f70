"""What payments refuse, each with the facts the app needs to word it; and what a provider may say instead of an answer."""

from services.kernel.errors import Refusal
from services.payments.rules import PaymentState


class CardMethodUnknown(Refusal):
    """The method is not a token of a way to pay (and must never be a card number)."""

    def __init__(self) -> None:
        super().__init__("This is not a way to pay.")


class PaymentNotAwaited(Refusal):
    """The payment does not wait for the consumer's confirmation."""

    def __init__(self, state: PaymentState) -> None:
        super().__init__("This payment does not wait for a confirmation.")
        self.state = state


class ConfirmationNotAccepted(Refusal):
    """The bank did not accept the confirmation; the payment still waits for a right one."""

    def __init__(self) -> None:
        super().__init__("The bank did not accept this confirmation.")


class PaymentNotAuthorised(Refusal):
    """No money can be taken from or given back to a payment in this state."""

    def __init__(self, state: PaymentState) -> None:
        super().__init__("The payment is not authorised.")
        self.state = state


class CaptureTooLarge(Refusal):
    """More would be taken than is authorised and still free; `left` may be taken."""

    def __init__(self, left: int) -> None:
        super().__init__("This is more than is authorised.")
        self.left = left


class GiveBackTooLarge(Refusal):
    """More would be given back than was taken or held; `left` may be given back."""

    def __init__(self, left: int) -> None:
        super().__init__("This is more than was paid.")
        self.left = left


class WebhookForged(Exception):
    """The call is not signed by the provider, or is too old; nothing of it was read."""


class ProviderUnavailable(Exception):
    """The provider gave no answer; whether it acted is unknown, and the same key asks again safely."""


class ProviderRefused(Exception):
    """The provider said no for good; `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CalledInsideTransaction(RuntimeError):
    """A provider was about to be called while a transaction is open; that would hold locks for as long as a stranger takes."""
