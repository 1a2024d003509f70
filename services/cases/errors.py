"""What support refuses, with the facts the app needs to word it."""

from datetime import datetime
from uuid import UUID

from services.kernel.errors import Refusal


class CaseAlreadyClosed(Refusal):
    """Nothing more is written about a closed case; a new one can be opened."""

    def __init__(self, case_id: UUID, closed_at: datetime | None) -> None:
        super().__init__("This case is closed.")
        self.case_id = case_id
        self.closed_at = closed_at
