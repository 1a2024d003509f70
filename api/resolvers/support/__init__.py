"""What the support app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose
from api.resolvers.support.account import AccountMutations, AccountQueries
from api.resolvers.support.cases import CaseMutations, CaseQueries
from api.resolvers.support.orders import OrderMutations, OrderQueries, OrderSubscriptions

Query = compose("Query", "What the support app can read.", [AccountQueries, CaseQueries, OrderQueries])
Mutation = compose("Mutation", "What the support app can do.", [AccountMutations, CaseMutations, OrderMutations])
Subscription = compose("Subscription", "What the support app can follow.", [OrderSubscriptions])
