"""What the four apps call the same things: one row for each audience."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kernel.actors import Audience, Person
from tests.factories.identity import make_agent, make_consumer, make_courier, make_person, make_staff

DEVICE = {"name": "Aino's phone", "platform": "IOS", "locale": "fi"}


@dataclass(frozen=True, slots=True)
class Words:
    """How an audience says it, and how somebody of it comes to be signed in."""

    audience: Audience
    make: Callable[..., Awaitable[Person]]
    viewer: str
    sessions: str
    end_session: str
    sign_out: str
    register: str | None


CONSUMER = Words(Audience.CONSUMER, make_consumer, "Me", "MySessions", "EndSession", "SignOut", "RegisterPushDevice")
STORE = Words(
    Audience.STORE, make_staff, "StoreViewer", "StaffSessions", "EndStaffSession", "SignOutStaff", "RegisterStaffPushDevice"
)
COURIER = Words(
    Audience.COURIER,
    make_courier,
    "CourierViewer",
    "CourierSessions",
    "EndCourierSession",
    "SignOutCourier",
    "RegisterCourierPushDevice",
)
SUPPORT = Words(Audience.SUPPORT, make_agent, "SupportViewer", "AgentSessions", "EndAgentSession", "SignOutAgent", None)
EVERYONE = (CONSUMER, STORE, COURIER, SUPPORT)


async def signed_in(words: Words, person_id: UUID | None = None) -> Any:
    """Somebody of this audience, signed in; typed loosely, for an actor of any kind goes through any door here."""
    return await words.make(person_id=person_id or await make_person())
