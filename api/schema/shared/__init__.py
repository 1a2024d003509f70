"""Value types that are equal for every audience.

How a noun and a verb are written (names of one word on every floor, see docs/decisions/0004-nouns-and-verbs.md):

    # api/schema/consumer/stores.py: the noun
    async def menus_of(stores: list["Store"], info: ConsumerInfo) -> list[list["Menu"]]:
        return [...]  # one answer per parent, in their order; an Exception instance in a place fails that parent alone

    @strawberry.type(description="A place that sells.")
    class Store:
        id: strawberry.ID
        name: str
        row: strawberry.Private[StoreCard]
        menus: list["Menu"] = batch(menus_of, description="What it sells.")

        @classmethod
        def of(cls, card: StoreCard) -> Self:
            return cls(id=opaque("Store", card.id), name=card.name, row=card)

    @strawberry.type(description="The store does not take orders now.")
    class StoreClosedProblem(Problem):
        opens_at: datetime | None

        @classmethod
        def of(cls, refusal: StoreClosed) -> Self:
            return cls(message=str(refusal), opens_at=refusal.opens_at)

    # Success first, then the problems.
    QuoteCartResult = Annotated[QuoteCartSuccess | StoreClosedProblem, strawberry.union("QuoteCartResult", description="...")]

    # api/resolvers/consumer/carts.py: the verb; a refusal raised below comes back as its problem by the table in api/problems.py
    @strawberry.type
    class CartMutations:
        @strawberry.mutation(description="Price the cart.")
        async def quote_cart(self, info: ConsumerInfo) -> QuoteCartResult:
            return QuoteCartSuccess(quote=Quote.of(await operations.quote_cart(info.context.actor)))

    # api/resolvers/consumer/__init__.py: one line per class in the bases of Query, Mutation, Subscription
"""
