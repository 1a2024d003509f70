"""A store opens in three steps: who you are, your menu, your hours; and what it says of itself."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.goods import StoreKind
from api.schema.shared.places import PositionInput
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from api.schema.shared.sessions import IdTokenNotAcceptedProblem, NotAllowedHereProblem
from api.schema.store.hours import StoreProfile
from services.opening.errors import StoreNotReady, TooManyDrafts
from services.opening.operations import Beginning
from services.opening.queries import Checklist
from services.opening.rules import STEP_OF, Lack, Step
from services.stores.operations import StoreWords
from services.stores.pages import StorePage

strawberry.enum(Step, name="OpeningStep", description="A step on the way to go live.")
strawberry.enum(Lack, name="OpeningLack", description="What a store lacks before it can go live.")


@strawberry.type(description="A step, and what it still lacks.")
class OpeningStepState:
    step: Step
    is_done: bool
    missing: list[Lack]


@strawberry.type(description="How far a store is on its way to go live.")
class OpeningChecklist:
    store: StoreProfile
    is_complete: bool
    steps: list[OpeningStepState]

    @classmethod
    def of(cls, found: Checklist) -> Self:
        missing = {step: [lack for lack in found.missing if STEP_OF[lack] is step] for step in Step}
        steps = [OpeningStepState(step=step, is_done=not lacks, missing=lacks) for step, lacks in missing.items()]
        return cls(store=StoreProfile.of(found.card), is_complete=not found.missing, steps=steps)


@strawberry.type(description="What a store says of itself.")
class StorePresentation:
    slug: str = strawberry.field(description="The end of the address of its page; it never changes.")
    name: str
    story: str = strawberry.field(description="In the store's own words; empty where nobody told one.")
    category: str
    cuisines: list[str]
    street: str
    housenumber: str
    postcode: str
    city: str

    @classmethod
    def of(cls, page: StorePage) -> Self:
        card = page.card
        return cls(
            slug=card.slug,
            name=card.name,
            story=page.story,
            category=card.category,
            cuisines=card.cuisines,
            street=card.street,
            housenumber=card.housenumber,
            postcode=card.postcode,
            city=card.city,
        )


@strawberry.input(description="The first step: who you are. Nobody needs to be signed in; the ID token says who opens the store.")
class OpenStoreInput:
    key: str = strawberry.field(description="One for each store that is to be opened.")
    id_token: str = strawberry.field(description="From the sign-in SDK: whose it is owns the store, and signs in to it next.")
    legal_name: str = strawberry.field(description="Of the business that sells.")
    kind: StoreKind
    name: str
    category: str = strawberry.field(default="", description="Such as `cafe` or `supermarket`.")
    street: str = ""
    housenumber: str = ""
    postcode: str = ""
    city: str = ""
    country: str = strawberry.field(description="ISO 3166, such as FI.")
    position: PositionInput

    def read(self) -> Beginning:
        latitude, longitude = self.position.read("position")
        return Beginning(
            legal_name=self.legal_name,
            kind=self.kind,
            name=self.name,
            category=self.category,
            street=self.street,
            housenumber=self.housenumber,
            postcode=self.postcode,
            city=self.city,
            country=self.country,
            latitude=latitude,
            longitude=longitude,
        )


@strawberry.input(description="What the store says of itself: all of it, as it is to be from now on.")
class DescribeStoreInput:
    name: str
    story: str = ""
    category: str = ""
    cuisines: list[str] = strawberry.field(default_factory=list)
    street: str
    housenumber: str = ""
    postcode: str
    city: str

    def read(self) -> StoreWords:
        return StoreWords(
            name=self.name,
            story=self.story,
            category=self.category,
            cuisines=tuple(self.cuisines),
            street=self.street,
            housenumber=self.housenumber,
            postcode=self.postcode,
            city=self.city,
        )


@strawberry.type(description="A draft of a store: its owner signs in to it and goes on.")
class OpenStoreSuccess:
    store: StoreProfile


@strawberry.type(description="The store says this of itself.")
class DescribeStoreSuccess:
    presentation: StorePresentation


@strawberry.type(description="The store is shown and sells.")
class GoLiveSuccess:
    store: StoreProfile


@strawberry.type(description="Something is missing before the store can go live.")
class StoreNotReadyProblem(Problem):
    missing: list[Lack]

    @classmethod
    def of(cls, refusal: StoreNotReady) -> Self:
        return cls(message=str(refusal), missing=list(refusal.missing))


@strawberry.type(description="This person has several stores that never went live.")
class TooManyDraftsProblem(Problem):
    most: int

    @classmethod
    def of(cls, refusal: TooManyDrafts) -> Self:
        return cls(message=str(refusal), most=refusal.most)


OpenStoreResult = Annotated[
    OpenStoreSuccess
    | IdTokenNotAcceptedProblem
    | NotAllowedHereProblem
    | TooManyDraftsProblem
    | KeyReusedProblem
    | OperationInProgressProblem,
    strawberry.union("OpenStoreResult", description="The draft, or why not."),
]
DescribeStoreResult = Annotated[
    DescribeStoreSuccess, strawberry.union("DescribeStoreResult", description="What the store says of itself.")
]
GoLiveResult = Annotated[
    GoLiveSuccess | StoreNotReadyProblem, strawberry.union("GoLiveResult", description="The live store, or what is missing.")
]
