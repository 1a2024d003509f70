"""Refusals of bringing a menu in."""

from datetime import datetime
from uuid import UUID

from services.kernel.errors import Refusal


class MenuImportTooSoon(Refusal):
    """A whole menu was brought in a moment ago; the next one may be from `retry_at` on."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"A menu was brought in a moment ago; try again at {retry_at:%H:%M:%S} UTC.")
        self.retry_at = retry_at


class MenuImportInProgress(Refusal):
    """Another import of this store is not finished; two whole menus at once have no meaning."""

    def __init__(self, import_id: UUID) -> None:
        super().__init__("Another import of this store is not finished.")
        self.import_id = import_id


class MenuImportCannotMove(Refusal):
    """What was asked does not fit the import's state: only a preview is applied, only what is not finished is cancelled."""

    def __init__(self, import_id: UUID, state: str) -> None:
        super().__init__(f"The import is {state}.")
        self.import_id = import_id
        self.state = state


class MenuFileTooLarge(Refusal):
    """The file is larger than a menu may be."""

    def __init__(self, allowed: int, found: int) -> None:
        super().__init__(f"The file has {found} bytes; at most {allowed} are allowed.")
        self.allowed = allowed
        self.found = found


class FeedTooLong(Refusal):
    """More rows in one call than a feed may have."""

    def __init__(self, allowed: int, found: int) -> None:
        super().__init__(f"{found} rows were sent; at most {allowed} fit one call.")
        self.allowed = allowed
        self.found = found
