"""How signing in, and staying signed in, may be refused."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.kernel.actors import Audience
from services.kernel.errors import Refusal


class TokenFault(StrEnum):
    """What is wrong with a token: for our logs, never told to whoever sent it."""

    MALFORMED = "MALFORMED"
    ALGORITHM = "ALGORITHM"
    KEY = "KEY"
    SIGNATURE = "SIGNATURE"
    ISSUER = "ISSUER"
    AUDIENCE = "AUDIENCE"
    SUBJECT = "SUBJECT"
    TYPE = "TYPE"
    MISSING_CLAIM = "MISSING_CLAIM"
    EXPIRED = "EXPIRED"
    NOT_YET = "NOT_YET"


class TokenNotAccepted(Exception):
    """A signed token failed a check; `fault` says which."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__("This token is not accepted.")
        self.fault = fault


class IdTokenNotAccepted(Refusal):
    """The proof of who is signing in does not hold; an `expired` one is renewed by the phone and tried again."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__("We could not confirm who you are. Please sign in again.")
        self.fault = fault

    @property
    def expired(self) -> bool:
        return self.fault is TokenFault.EXPIRED


class NotAllowedHere(Refusal):
    """A known person without the role that this door asks for."""

    def __init__(self, audience: Audience) -> None:
        super().__init__("This account has no access here.")
        self.audience = audience


class StoreChoiceNeeded(Refusal):
    """The person works for several stores and has to say for which one now."""

    def __init__(self, store_ids: list[UUID]) -> None:
        super().__init__("You work for several stores. Choose one.")
        self.store_ids = store_ids


class RefreshTokenNotAccepted(Refusal):
    """Not a refresh token of this door, or one past its time."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__("Please sign in again.")
        self.fault = fault


class RefreshTokenReused(Refusal):
    """A token that was already exchanged came back: somebody may have copied it, so the session has ended."""

    def __init__(self) -> None:
        super().__init__("This session has ended for safety. Please sign in again.")


class SessionEnded(Refusal):
    """The session was ended: signed out, ended from another device, or its role taken away."""

    def __init__(self) -> None:
        super().__init__("This session has ended. Please sign in again.")


class AlreadyStaff(Refusal):
    """Whoever has this number works for the store already."""

    def __init__(self) -> None:
        super().__init__("This person works for the store already.")


class TooManyInvitations(Refusal):
    """So many invitations of a store may be open, and no more."""

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} invitations may be open.")
        self.most = most


class PhoneNotServed(Refusal):
    """No code is sent to this number: its country is not served, or it is no mobile phone. Who it belongs to plays no part."""

    def __init__(self) -> None:
        super().__init__("We cannot send a code to this number. Please sign in another way.")


class TooManySignInCodes(Refusal):
    """A budget of codes is used up; which one is not told. Another way of signing in stays open."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("Too many codes were asked for. Please wait, or sign in another way.")
        self.retry_at = retry_at


class SignInCodeNotAccepted(Refusal):
    """A wrong code, or one that is over: used, too old, tried too often, or never made."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("This code is not right." if tries_left else "This code is no longer good. Please ask for a new one.")
        self.tries_left = tries_left
