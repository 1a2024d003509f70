"""What the consumer app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.consumer.account import AccountMutations, AccountQueries
from api.resolvers.consumer.browse import BrowseQueries
from api.resolvers.consumer.carts import CartMutations, CartQueries, CartSubscriptions
from api.resolvers.consumer.cases import CaseMutations, CaseQueries
from api.resolvers.consumer.favourites import FavouriteMutations, FavouriteQueries
from api.resolvers.consumer.orders import PurchaseMutations, PurchaseQueries, PurchaseSubscriptions
from api.resolvers.consumer.previews import PreviewQueries
from api.resolvers.consumer.stores import StoreQueries

Query = compose(
    "Query",
    "What the consumer app can read.",
    [AccountQueries, BrowseQueries, CartQueries, CaseQueries, PurchaseQueries, PreviewQueries, StoreQueries, FavouriteQueries],
)
Mutation = compose(
    "Mutation",
    "What the consumer app can do.",
    [AccountMutations, CartMutations, CaseMutations, PurchaseMutations, FavouriteMutations],
)
Subscription = compose("Subscription", "What the consumer app can follow.", [CartSubscriptions, PurchaseSubscriptions])
