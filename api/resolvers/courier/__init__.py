"""What the courier app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.courier.account import AccountMutations, AccountQueries
from api.resolvers.courier.deliveries import DeliveryMutations
from api.resolvers.courier.offers import OfferMutations
from api.resolvers.courier.shifts import ShiftMutations, ShiftQueries, ShiftSubscriptions

Query = compose("Query", "What the courier app can read.", [AccountQueries, ShiftQueries])
Mutation = compose(
    "Mutation", "What the courier app can do.", [AccountMutations, ShiftMutations, OfferMutations, DeliveryMutations]
)
Subscription = compose("Subscription", "What the courier app can follow.", [ShiftSubscriptions])
