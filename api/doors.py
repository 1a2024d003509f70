"""One door per audience: a token becomes a typed actor, or there is no entry; without a token one is a guest."""

from datetime import datetime

from services.identity import tokens
from services.kernel.actors import Audience, Person
from services.kernel.errors import Unauthenticated

LONGEST_TOKEN = 4_096
_SCHEME = "bearer "


def enter(audience: Audience, authorization: str | None) -> Person | None:
    """Who stands at this audience's door, or None for a guest.

    Raises Unauthenticated for a token that is not in order here, another audience's among them; nothing is looked up for it.
    """
    if authorization is None:
        return None
    if len(authorization) > LONGEST_TOKEN or not authorization[: len(_SCHEME)].lower() == _SCHEME:
        raise Unauthenticated("Say who you are as `Authorization: Bearer <access token>`.")
    return tokens.read_access(authorization[len(_SCHEME) :].strip(), audience)


def written_end(authorization: str) -> datetime:
    """When the token that opened a door says that it ends."""
    return tokens.written_end(authorization[len(_SCHEME) :].strip())
