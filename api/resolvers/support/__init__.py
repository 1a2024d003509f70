"""What the support app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.support.account import AccountMutations, AccountQueries

Query = compose("Query", "What the support app can read.", [AccountQueries])
Mutation = compose("Mutation", "What the support app can do.", [AccountMutations])
Subscription = compose("Subscription", "What the support app can follow.", [])
