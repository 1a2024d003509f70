"""What a courier's phone says of where it is: each four seconds on a job, each minute idle, several at a time in a fast city."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mobile_contracts.phones.city_map import Place
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.riding import Fix, Ride

ON_A_JOB = 4.0
IDLE = 60.0
STILL_FRESH = 150.0
"""An idle courier is not asked once their position is three minutes old."""
CALLS_APART = 2.0
"""Wall seconds between two calls: faster than that nobody looks at a map."""
POINTS = 250
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Beacon:
    """Where the courier is, and what of it has been sent."""

    phone: Phone
    pace: Pace
    place: Place
    ride: Ride | None = None
    on_shift: bool = False
    on_a_job: bool = False
    sent_until: datetime = NEVER
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def shine(self) -> None:
        """Send positions for ever; nobody asks where somebody is who rests."""
        while True:
            if self.on_shift:
                await self.send()
            await self.pace.sleep(self._apart())

    def _apart(self) -> float:
        calls_apart = CALLS_APART * self.pace.speed
        return max(ON_A_JOB, calls_apart) if self.on_a_job else max(IDLE, min(STILL_FRESH, calls_apart))

    async def send(self) -> None:
        """Send what was noted since the last call."""
        async with self._sending:
            at = self.pace.now()
            fixes = self._noted(at)
            self.sent_until = at
            if fixes:
                await self.phone.ask("SendPositions", {"input": {"points": [fix.said() for fix in fixes[-POINTS:]]}})

    def _noted(self, at: datetime) -> list[Fix]:
        if self.ride is None:
            # Somebody who stands has one position, however often it is looked at.
            return [Fix(self.place, at)]
        return list(self.ride.fixes(max(self.sent_until, self.ride.since), at, ON_A_JOB))

    async def travel(self, ride: Ride) -> None:
        """Be on the way until the end of it, and let the gateway know that it is reached."""
        self.ride = ride
        try:
            await self.pace.sleep_until(ride.ends_at)
            await self.send()
        finally:
            self.place = ride.place_at(self.pace.now())
            self.ride = None

    async def stand(self) -> None:
        """Make sure that the gateway knows where the courier stands now."""
        await self.pace.sleep_until(self.sent_until + timedelta(seconds=1))
        await self.send()
