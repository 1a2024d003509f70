"""What dispatch refuses, each with the facts the app needs to word it."""

from datetime import datetime
from uuid import UUID

from services.dispatch.rules import DeliveryState, OfferState, StopState
from services.kernel.errors import Refusal


class OfferOver(Refusal):
    """The offer ended before the answer: taken back, timed out, or given to somebody else."""

    def __init__(self, offer_id: UUID, state: OfferState) -> None:
        super().__init__("This offer is over.")
        self.offer_id = offer_id
        self.state = state


class DeliveryCannotMove(Refusal):
    """The delivery's present state does not lead there."""

    def __init__(self, delivery_id: UUID, state: DeliveryState, to: DeliveryState) -> None:
        super().__init__(f"A delivery does not go from {state} to {to}.")
        self.delivery_id = delivery_id
        self.state = state
        self.to = to


class StopNotNext(Refusal):
    """Another stop comes first, or this one is over."""

    def __init__(self, stop_id: UUID, state: StopState, next_stop_id: UUID | None) -> None:
        super().__init__("This is not the next stop.")
        self.stop_id = stop_id
        self.state = state
        self.next_stop_id = next_stop_id


class NotAtStop(Refusal):
    """The courier's last position is too far from the stop; `metres` is None where there is no position."""

    def __init__(self, stop_id: UUID, metres: int | None) -> None:
        super().__init__("You are not there yet.")
        self.stop_id = stop_id
        self.metres = metres


class PickupCodeWrong(Refusal):
    """The code the store said is not that of an order at this stop; after the last try none is taken until `locked_until`."""

    def __init__(self, stop_id: UUID, tries_left: int, locked_until: datetime | None) -> None:
        super().__init__("Too many wrong codes: try again later." if locked_until else "This is not the order's code.")
        self.stop_id = stop_id
        self.tries_left = tries_left
        self.locked_until = locked_until


class DropOffPinWrong(Refusal):
    """The PIN is not the consumer's; after the last try only support can help."""

    def __init__(self, stop_id: UUID, tries_left: int) -> None:
        super().__init__("This is not the PIN." if tries_left else "Too many wrong PINs: call support.")
        self.stop_id = stop_id
        self.tries_left = tries_left


class CannotGiveUpYet(Refusal):
    """The wait at the door is not over, or the consumer was not called often enough."""

    def __init__(self, stop_id: UUID, wait_until: datetime | None, contact_attempts_left: int) -> None:
        super().__init__("Wait and try to reach the consumer first.")
        self.stop_id = stop_id
        self.wait_until = wait_until
        self.contact_attempts_left = contact_attempts_left


class ShiftHasWork(Refusal):
    """A shift does not end with a delivery in hand."""

    def __init__(self, delivery_id: UUID) -> None:
        super().__init__("Finish the delivery first.")
        self.delivery_id = delivery_id


class NotOnShift(Refusal):
    """The courier is offline; a shift has to be started first."""

    def __init__(self) -> None:
        super().__init__("Start your shift first.")
