"""What the courier app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.courier.account import AccountMutations, AccountQueries

Query = compose("Query", "What the courier app can read.", [AccountQueries])
Mutation = compose("Mutation", "What the courier app can do.", [AccountMutations])
Subscription = compose("Subscription", "What the courier app can follow.", [])
