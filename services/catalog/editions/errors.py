"""Refusals about editions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.catalog.editions.queries import EditionCard
from services.catalog.rules.differences import RowDifference
from services.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What whoever comes second needs to go on: both documents, and what each of the two changed since they began alike.

    `common` says that the version both began from is still known; where it is not, both lists compare with what is published.
    """

    theirs: Mapping[str, Any]
    yours: Mapping[str, Any]
    common: bool
    their_changes: Sequence[RowDifference]
    your_changes: Sequence[RowDifference]


class MenuEditedMeanwhile(Refusal):
    """Somebody saved the draft after the version that this change was made from; `edition` is how it stands now."""

    def __init__(self, edition: EditionCard, seen_version: int, overtaken: Overtaken | None) -> None:
        super().__init__(f"The draft is at version {edition.version}; this change was made from version {seen_version}.")
        self.edition = edition
        self.seen_version = seen_version
        self.overtaken = overtaken


class MenuDraftOpen(Refusal):
    """A draft of this store is open already, and it did not begin from the edition asked for."""

    def __init__(self, draft: EditionCard) -> None:
        super().__init__("A draft is open already.")
        self.draft = draft


class MenuEditionCannotMove(Refusal):
    """An edition in this state cannot be moved so."""

    def __init__(self, edition: EditionCard) -> None:
        super().__init__(f"This edition is {edition.state.lower().replace('_', ' ')}.")
        self.edition = edition


class MenuPublishedMeanwhile(Refusal):
    """Something else was published after this draft began; `latest` is that publication."""

    def __init__(self, edition: EditionCard, latest: EditionCard) -> None:
        super().__init__(
            f"The draft began from publication {edition.based_on}; publication {latest.publication} is the present one."
        )
        self.edition = edition
        self.latest = latest


class PublicationTimeNotAllowed(Refusal):
    """A publication waits for a time ahead, at most a year away."""

    def __init__(self, at: datetime, latest: datetime) -> None:
        super().__init__("A publication waits for a time that lies ahead, at most a year away.")
        self.at = at
        self.latest = latest
