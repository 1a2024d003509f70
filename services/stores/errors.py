"""Refusals about stores."""

from datetime import datetime

from services.kernel.errors import Refusal


class HoursNotReadable(Refusal):
    """The text is not in OpenStreetMap's language of opening hours."""

    def __init__(self, opening_hours: str, fault: str) -> None:
        super().__init__("These opening hours cannot be read.")
        self.opening_hours = opening_hours
        self.fault = fault


class PauseNotAllowed(Refusal):
    """A pause ends in the future, and within a week."""

    def __init__(self, until: datetime, latest: datetime) -> None:
        super().__init__("A pause has an end, at most a week away.")
        self.until = until
        self.latest = latest
