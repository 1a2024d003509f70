"""A store's public page as data: all that a website could be made from."""

from typing import Self

import strawberry

from api.schema.consumer.stores import Store
from api.schema.shared.week import WeekHours
from services.stores.pages import StorePage as Page


@strawberry.type(description="What people say of a store. There are no reviews yet: until there are, all of it is null.")
class StoreReviews:
    count: int | None
    rating: float | None = strawberry.field(description="1 to 5, the mean.")


@strawberry.type(description="A store's page: the store with its menus, and what only its page tells.")
class StorePage:
    store: Store
    story: str = strawberry.field(description="In the store's own words; empty where it told none.")
    week: WeekHours | None = strawberry.field(
        description="`openingHours` as windows and special days; null where the text says more than these can."
    )
    reviews: StoreReviews
    credits: list[str] = strawberry.field(description="Whom to name beside what is shown.")

    @classmethod
    def of(cls, page: Page) -> Self:
        store = Store.of(page.card)
        return cls(
            store=store,
            story=page.story,
            week=WeekHours.of(page.card.opening_hours),
            reviews=StoreReviews(count=None, rating=None),
            credits=[store.data_credit] if store.data_credit else [],
        )
