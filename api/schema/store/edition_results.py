"""What is answered to those who edit the menu: the edition, or why nothing was done."""

from datetime import datetime
from typing import Annotated, Self

import orjson
import strawberry

from api.schema.shared.problems import Problem
from api.schema.store.catalog import MenuLimitExceededProblem, MenuRowInvalidProblem
from api.schema.store.editions import MenuEdition, MenuRowDifference
from services.catalog.editions import errors

CHANGES_TOLD = 100


@strawberry.type(description="The open draft.")
class BeginMenuDraftSuccess:
    edition: MenuEdition


@strawberry.type(description="The draft says what was sent.")
class SaveMenuDraftSuccess:
    edition: MenuEdition


@strawberry.type(description="The draft is thrown away.")
class DiscardMenuDraftSuccess:
    edition: MenuEdition


@strawberry.type(description="The store sells what the edition says.")
class PublishMenuEditionSuccess:
    edition: MenuEdition


@strawberry.type(description="The edition waits for its time.")
class ScheduleMenuEditionSuccess:
    edition: MenuEdition


@strawberry.type(description="The edition does not wait any more.")
class CallOffMenuEditionSuccess:
    edition: MenuEdition


@strawberry.type(description="The store sells again what it sold then.")
class UndoMenuSuccess:
    edition: MenuEdition = strawberry.field(description="The publication that did it.")


@strawberry.type(description="Somebody saved the draft after the version that was seen; nothing was changed.")
class MenuEditedMeanwhileProblem(Problem):
    edition: MenuEdition = strawberry.field(description="The draft as it stands now, with who saved it and when.")
    seen_version: int
    yours: str | None = strawberry.field(description="What was sent, as JSON text; null where nothing was to be saved.")
    shares_version: bool = strawberry.field(
        description="Whether the changes are told against the version that both began from; else against what is published."
    )
    their_changes: list[MenuRowDifference] = strawberry.field(description="What the others changed; a hundred rows at most.")
    your_changes: list[MenuRowDifference] = strawberry.field(description="What was changed in what was sent; a hundred at most.")

    @classmethod
    def of(cls, refusal: errors.MenuEditedMeanwhile) -> Self:
        both = refusal.overtaken
        return cls(
            message=str(refusal),
            edition=MenuEdition.of(refusal.edition),
            seen_version=refusal.seen_version,
            yours=orjson.dumps(dict(both.yours)).decode() if both else None,
            shares_version=both.common if both else False,
            their_changes=[MenuRowDifference.of(row) for row in both.their_changes[:CHANGES_TOLD]] if both else [],
            your_changes=[MenuRowDifference.of(row) for row in both.your_changes[:CHANGES_TOLD]] if both else [],
        )


@strawberry.type(description="A draft is open already; go on with it, or throw it away first.")
class MenuDraftOpenProblem(Problem):
    draft: MenuEdition

    @classmethod
    def of(cls, refusal: errors.MenuDraftOpen) -> Self:
        return cls(message=str(refusal), draft=MenuEdition.of(refusal.draft))


@strawberry.type(description="An edition in this state cannot be moved so; nothing was changed.")
class MenuEditionCannotMoveProblem(Problem):
    edition: MenuEdition

    @classmethod
    def of(cls, refusal: errors.MenuEditionCannotMove) -> Self:
        return cls(message=str(refusal), edition=MenuEdition.of(refusal.edition))


@strawberry.type(description="Something else was published after this draft began; look at it, and say `over` to replace it.")
class MenuPublishedMeanwhileProblem(Problem):
    edition: MenuEdition
    latest: MenuEdition = strawberry.field(description="The present publication.")

    @classmethod
    def of(cls, refusal: errors.MenuPublishedMeanwhile) -> Self:
        return cls(message=str(refusal), edition=MenuEdition.of(refusal.edition), latest=MenuEdition.of(refusal.latest))


@strawberry.type(description="A publication waits for a time that lies ahead, and not too far.")
class PublicationTimeNotAllowedProblem(Problem):
    latest_at: datetime

    @classmethod
    def of(cls, refusal: errors.PublicationTimeNotAllowed) -> Self:
        return cls(message=str(refusal), latest_at=refusal.latest)


BeginMenuDraftResult = Annotated[
    BeginMenuDraftSuccess | MenuDraftOpenProblem, strawberry.union("BeginMenuDraftResult", description="The open draft.")
]
SaveMenuDraftResult = Annotated[
    SaveMenuDraftSuccess
    | MenuEditedMeanwhileProblem
    | MenuEditionCannotMoveProblem
    | MenuLimitExceededProblem
    | MenuRowInvalidProblem,
    strawberry.union("SaveMenuDraftResult", description="The draft as it was saved, or why it was not."),
]
DiscardMenuDraftResult = Annotated[
    DiscardMenuDraftSuccess | MenuEditionCannotMoveProblem,
    strawberry.union("DiscardMenuDraftResult", description="The draft, thrown away."),
]
PublishMenuEditionResult = Annotated[
    PublishMenuEditionSuccess
    | MenuEditedMeanwhileProblem
    | MenuPublishedMeanwhileProblem
    | MenuEditionCannotMoveProblem
    | MenuLimitExceededProblem
    | MenuRowInvalidProblem,
    strawberry.union("PublishMenuEditionResult", description="The publication, or why it did not come about."),
]
ScheduleMenuEditionResult = Annotated[
    ScheduleMenuEditionSuccess
    | MenuEditedMeanwhileProblem
    | MenuPublishedMeanwhileProblem
    | MenuEditionCannotMoveProblem
    | PublicationTimeNotAllowedProblem,
    strawberry.union("ScheduleMenuEditionResult", description="The edition that waits, or why it does not."),
]
CallOffMenuEditionResult = Annotated[
    CallOffMenuEditionSuccess | MenuEditionCannotMoveProblem,
    strawberry.union("CallOffMenuEditionResult", description="The edition, called off."),
]
UndoMenuResult = Annotated[
    UndoMenuSuccess | MenuEditionCannotMoveProblem | MenuLimitExceededProblem | MenuRowInvalidProblem,
    strawberry.union("UndoMenuResult", description="The publication that brings the earlier one back."),
]
