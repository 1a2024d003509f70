"""What orders refuse, each with the facts the app needs to word it."""

from datetime import datetime
from uuid import UUID

from services.kernel.errors import Refusal
from services.orders.rules import OrderStage


class OrderCannotMove(Refusal):
    """The order's present stage does not lead there for this caller.

    `not_yet_open`: the domain knows the step, this release does not take it.
    """

    def __init__(self, order_id: UUID, stage: OrderStage, to: OrderStage, *, not_yet_open: bool = False) -> None:
        rest = "not yet open" if not_yet_open else "not possible"
        super().__init__(f"From {stage} to {to} is {rest}.")
        self.order_id = order_id
        self.stage = stage
        self.to = to
        self.not_yet_open = not_yet_open


class OrderNotAcceptable(Refusal):
    """The order no longer waits for the store's answer, or its deadline has passed."""

    def __init__(self, order_id: UUID, stage: OrderStage, accept_by: datetime | None) -> None:
        super().__init__("The order can no longer be accepted.")
        self.order_id = order_id
        self.stage = stage
        self.accept_by = accept_by


class ReadyTimeOutOfReach(Refusal):
    """The ready time lies in the past or too far ahead."""

    def __init__(self, earliest: datetime, latest: datetime) -> None:
        super().__init__("This ready time is not possible.")
        self.earliest = earliest
        self.latest = latest


class CollectionCodeWrong(Refusal):
    """The code the consumer said is not this order's."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__("This is not the order's code.")
        self.order_id = order_id


class OrderNotForCollection(Refusal):
    """A courier brings this order; the store does not hand it to the consumer."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__("A courier collects this order.")
        self.order_id = order_id
