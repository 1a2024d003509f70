"""What every resolver is given: who looks, what the house can reach, and the name of the request."""

from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

import strawberry

from api.engine.fragments import Reading
from services.bootstrap import Ports
from services.kernel.actors import Consumer, Courier, Person, StoreStaff, SupportAgent
from services.kernel.errors import Unauthenticated

Caller = TypeVar("Caller", bound=Person)


@dataclass(frozen=True, eq=False)
class RequestContext(Generic[Caller]):
    """One operation's surroundings; `eq=False` so that two requests of one person are never taken for the same."""

    asker: Caller | None
    ports: Ports
    request_id: str
    reading: Reading = field(default_factory=Reading)
    """Where public root fields say what their answer depends on."""

    @property
    def viewer(self) -> Caller | None:
        """Who looks, or None for a guest. An answer for which this was asked is nobody else's."""
        self.reading.is_public = False
        return self.asker

    @property
    def actor(self) -> Caller:
        """The person who acts. Raises Unauthenticated for a guest: touching it is what closes a field to guests."""
        if self.viewer is None:
            raise Unauthenticated("Sign in first.")
        return self.viewer


ConsumerInfo: TypeAlias = strawberry.Info[RequestContext[Consumer], None]
StoreInfo: TypeAlias = strawberry.Info[RequestContext[StoreStaff], None]
CourierInfo: TypeAlias = strawberry.Info[RequestContext[Courier], None]
SupportInfo: TypeAlias = strawberry.Info[RequestContext[SupportAgent], None]
