"""Shifts, the work before a courier, and the positions their phone sends."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.courier.deliveries import Delivery
from api.schema.courier.offers import JobOffer
from api.schema.shared.deliveries import Vehicle
from api.schema.shared.places import to_the_centimetre
from api.schema.shared.problems import Problem
from services.dispatch import errors
from services.dispatch.queries import Work
from services.dispatch.rules import Point, PointFault, Sifted

strawberry.enum(PointFault, name="PointFault", description="Why a position was not believed.")


@strawberry.type(description="What the courier has before them: an offer to answer, a delivery in hand, or nothing.")
class CourierWork:
    online: bool = strawberry.field(description="Whether offers come.")
    misses_in_row: int = strawberry.field(description="Offers left unanswered; the third in a row ends the shift.")
    offer: JobOffer | None
    delivery: Delivery | None

    @classmethod
    def of(cls, work: Work) -> Self:
        shown = JobOffer.of(work.offer, work.offered_delivery) if work.offer and work.offered_delivery else None
        return cls(
            online=work.online,
            misses_in_row=work.misses_in_row,
            offer=shown,
            delivery=Delivery.of(work.delivery) if work.delivery else None,
        )


@strawberry.input(description="Begin to be offered jobs.")
class StartShiftInput:
    vehicle: Vehicle


@strawberry.type(description="On shift.")
class StartShiftSuccess:
    work: CourierWork


@strawberry.type(description="Off shift.")
class EndShiftSuccess:
    work: CourierWork


@strawberry.type(description="A shift does not end with a delivery in hand.")
class ShiftHasWorkProblem(Problem):
    pass


StartShiftResult = Annotated[StartShiftSuccess, strawberry.union("StartShiftResult", description="What came of starting.")]
EndShiftResult = Annotated[
    EndShiftSuccess | ShiftHasWorkProblem, strawberry.union("EndShiftResult", description="What came of ending.")
]


@strawberry.input(description="Where the phone was, and when.")
class PointInput:
    latitude: float
    longitude: float
    accuracy_m: float = strawberry.field(description="Radius of the circle it surely was in, metres.")
    taken_at: datetime

    def read(self) -> Point:
        latitude, longitude = to_the_centimetre(self.latitude), to_the_centimetre(self.longitude)
        return Point(latitude, longitude, self.accuracy_m, self.taken_at)


@strawberry.input(description="Positions since the last call, at most 250.")
class SendPositionsInput:
    points: list[PointInput]


@strawberry.type(description="How many points were refused for one reason.")
class RefusedPoints:
    fault: PointFault
    count: int


@strawberry.type(description="The points are taken in.")
class SendPositionsSuccess:
    accepted: int
    refused: list[RefusedPoints]

    @classmethod
    def of(cls, sifted: Sifted) -> Self:
        refused = [RefusedPoints(fault=fault, count=count) for fault, count in sifted.refused.items()]
        return cls(accepted=len(sifted.accepted), refused=refused)


@strawberry.type(description="Positions are wanted on shift only.")
class NotOnShiftProblem(Problem):
    @classmethod
    def of(cls, refusal: errors.NotOnShift) -> Self:
        return cls(message=str(refusal))


SendPositionsResult = Annotated[
    SendPositionsSuccess | NotOnShiftProblem, strawberry.union("SendPositionsResult", description="What came of the positions.")
]
