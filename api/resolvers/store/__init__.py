"""What the store app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.store.catalog import CatalogMutations, CatalogQueries
from api.resolvers.store.editions import EditionMutations, EditionQueries, EditionSubscriptions
from api.resolvers.store.hours import HoursMutations, HoursQueries
from api.resolvers.store.menu_imports import MenuImportMutations, MenuImportQueries, MenuImportSubscriptions
from api.resolvers.store.opening import OpeningMutations, OpeningQueries
from api.resolvers.store.orders import OrderMutations, OrderQueries, OrderSubscriptions
from api.resolvers.store.staff import StaffMutations, StaffQueries
from api.resolvers.store.taking import TakingMutations
from api.resolvers.store.team import TeamMutations, TeamQueries

Query = compose(
    "Query",
    "What the store app can read.",
    [CatalogQueries, EditionQueries, HoursQueries, MenuImportQueries, OrderQueries, OpeningQueries, StaffQueries, TeamQueries],
)
Mutation = compose(
    "Mutation",
    "What the store app can do.",
    [
        CatalogMutations,
        EditionMutations,
        HoursMutations,
        MenuImportMutations,
        OrderMutations,
        OpeningMutations,
        StaffMutations,
        TakingMutations,
        TeamMutations,
    ],
)
Subscription = compose(
    "Subscription", "What the store app can follow.", [EditionSubscriptions, MenuImportSubscriptions, OrderSubscriptions]
)
