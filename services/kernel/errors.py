"""What may go wrong: refusals, which a person can act on, and coded errors, which say why a request cannot be answered."""


class Refusal(Exception):
    """A rule of the business said no; nothing has changed. The edge answers it as a problem."""


class CodedError(Exception):
    """The request cannot be answered; `code` is what the app is told."""

    code = "INTERNAL"


class Unauthenticated(CodedError):
    """Nobody is signed in, or not for this door."""

    code = "UNAUTHENTICATED"


class Forbidden(CodedError):
    """Signed in, but the role does not allow it."""

    code = "FORBIDDEN"


class NotFound(CodedError):
    """It does not exist, or it is not yours: the two are told alike."""

    code = "NOT_FOUND"


class BadInput(CodedError):
    """The request says something that cannot be meant; `field` names where."""

    code = "BAD_REQUEST"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RateLimited(CodedError):
    """Too much, too fast; try again after `retry_after` seconds."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many requests.")
        self.retry_after = retry_after


class Unavailable(CodedError):
    """A part of the house is away for a moment; try again after `retry_after` seconds."""

    code = "UNAVAILABLE"

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__("The service is away for a moment.")
        self.retry_after = retry_after


class Overloaded(CodedError):
    """More is asked than the house can do, and this is not what matters most; try again after `retry_after` seconds."""

    code = "OVERLOADED"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too much is going on. Try again in a moment.")
        self.retry_after = retry_after


class TimedOut(CodedError):
    """It took too long and was given up; a change that was under way is undone, or was done: the same key tells."""

    code = "TIMEOUT"

    def __init__(self) -> None:
        super().__init__("This took too long and was given up.")
