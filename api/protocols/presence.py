"""Who holds a socket, and whether they still may: asked of thousands, so the token is read again only at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api import doors
from api.protocols.messages import Closed
from services.identity import revocations
from services.kernel.actors import Person
from services.kernel.clock import now
from services.kernel.errors import Unauthenticated

EXPIRED = "Forbidden: the token has expired; refresh it and connect again"
ENDED = "Forbidden: the session has ended; sign in again"


@dataclass(slots=True)
class Presence:
    """Nobody, until somebody has come in; `viewer` None is a guest."""

    enter: Callable[[str | None], Person | None]
    viewer: Person | None = None
    _authorization: str | None = None
    _until: datetime | None = None

    def come_in(self, authorization: str | None) -> None:
        """Raises Closed for a token that is not in order here."""
        try:
            self.viewer = self.enter(authorization)
        except Unauthenticated as refused:
            raise Closed(4403, "Forbidden") from refused
        if self.viewer is not None and authorization is not None:
            self._authorization, self._until = authorization, doors.written_end(authorization)

    def look_again(self) -> None:
        """Raises Closed once the token has expired or the session has ended."""
        if self.viewer is None:
            return
        if revocations.has_ended(self.viewer.session_id):
            raise Closed(4403, ENDED)
        if self._until is not None and now() < self._until:
            return
        try:
            # The door knows what an end means: how far two clocks may be apart.
            self.viewer = self.enter(self._authorization)
        except Unauthenticated as refused:
            raise Closed(4403, EXPIRED) from refused
