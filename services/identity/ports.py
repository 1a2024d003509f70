"""What identity needs of strangers: somebody who vouches for who is holding the phone."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """Who an ID token was made for, once it has been verified; `phone` is in E.164."""

    uid: str
    phone: str | None = None
    name: str | None = None


class IdTokenVerifier(Protocol):
    async def verify(self, token: str) -> VerifiedIdentity:
        """Who the token was made for. Raises IdTokenNotAccepted, or Unavailable when the keys to check it by cannot be had."""
        ...
