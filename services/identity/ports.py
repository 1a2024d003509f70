"""What identity needs of strangers: somebody who vouches for who is holding the phone, and somebody who sends it a text."""

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


@dataclass(frozen=True, slots=True)
class TextSent:
    """The provider has taken the message; `ref` is its name for it."""

    ref: str


@dataclass(frozen=True, slots=True)
class TextDelayed:
    """Not now; again after so many seconds."""

    retry_after: float
    reason: str


@dataclass(frozen=True, slots=True)
class TextRefused:
    """Never: the provider's reason."""

    reason: str


class TextMessages(Protocol):
    async def send(self, phone: str, text: str) -> TextSent | TextDelayed | TextRefused:
        """Send a text to a number in E.164. Raises nothing: whatever happens is one of the outcomes."""
        ...

    async def close(self) -> None:
        """Let go what is open."""
        ...


class HasTexts(Protocol):
    @property
    def texts(self) -> TextMessages: ...
