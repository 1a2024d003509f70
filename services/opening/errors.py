"""How opening a store may be refused."""

from collections.abc import Sequence

from services.kernel.errors import Refusal
from services.opening.rules import Lack


class StoreNotReady(Refusal):
    """Something is missing before the store can sell."""

    def __init__(self, missing: Sequence[Lack]) -> None:
        super().__init__("Something is missing before this store can go live.")
        self.missing = tuple(missing)


class TooManyDrafts(Refusal):
    """A person has so many stores that never went live, and no more."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Let one of your {most} stores go live first.")
        self.most = most
