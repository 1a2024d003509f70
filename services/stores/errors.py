"""Refusals about stores."""

from datetime import datetime
from uuid import UUID

from services.kernel.errors import Refusal
from services.stores.rules.areas import AreaFault
from services.stores.rules.fees import FeeBounds, FeesFault
from services.stores.rules.week import WeekFault


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


class BusyNotAllowed(Refusal):
    """A busy time adds some minutes and ends within a day."""

    def __init__(self, most_minutes: int, latest: datetime) -> None:
        super().__init__("A busy time adds some minutes and ends within a day.")
        self.most_minutes = most_minutes
        self.latest = latest


class WeekNotAllowed(Refusal):
    """Windows or special days that cannot be kept."""

    def __init__(self, fault: WeekFault) -> None:
        super().__init__("These hours cannot be kept.")
        self.fault = fault


class PreparationTableNotAllowed(Refusal):
    """Two rows speak of the same minute, or there are too many."""

    def __init__(self, most_rows: int) -> None:
        super().__init__("Each row speaks of its own hours, and there are not too many.")
        self.most_rows = most_rows


class DeliveryAreaNotAllowed(Refusal):
    """An area is a closed ring around the store that does not cross itself."""

    def __init__(self, fault: AreaFault) -> None:
        super().__init__("This area cannot be delivered to.")
        self.fault = fault


class DeliveryFeesNotAllowed(Refusal):
    """Fees lie within bounds, and farther never costs less."""

    def __init__(self, fault: FeesFault, bounds: FeeBounds, currency: str) -> None:
        super().__init__("These delivery fees cannot be asked.")
        self.fault = fault
        self.bounds = bounds
        self.currency = currency


class DeliveryFeesChanged(Refusal):
    """Somebody else changed the fees since they were seen; `kept` is what they are."""

    def __init__(self, kept: str, currency: str) -> None:
        super().__init__("Somebody else changed the delivery fees meanwhile.")
        self.kept = kept
        self.currency = currency


class StoreAtCapacity(Refusal):
    """The store has taken on what it can for a quarter of an hour; `next_slot` would do, None where none does within a day."""

    def __init__(self, store_id: UUID, name: str, slot: datetime, next_slot: datetime | None) -> None:
        super().__init__("A store of this cart has taken on what it can for this time.")
        self.store_id = store_id
        self.name = name
        self.slot = slot
        self.next_slot = next_slot


class LastOwner(Refusal):
    """A store always has an owner."""

    def __init__(self) -> None:
        super().__init__("A store always has an owner: make somebody else one first.")
