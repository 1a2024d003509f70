"""What happened to support cases, told within their purchase; what was written in them stays in the case."""

from dataclasses import dataclass
from uuid import UUID

from services.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Event):
    """What every event of one case says."""

    case_id: UUID
    case_number: str
    purchase_id: UUID
    order_id: UUID | None

    @property
    def stream(self) -> UUID:
        return self.purchase_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"purchase:{self.purchase_id}",)


@dataclass(frozen=True, kw_only=True)
class CaseOpened(CaseEvent):
    case_reason: str


@dataclass(frozen=True, kw_only=True)
class CaseNoted(CaseEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseClosed(CaseEvent):
    pass
