"""What the courier app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose

Query = compose("Query", "What the courier app can read.", [])
Mutation = compose("Mutation", "What the courier app can do.", [])
Subscription = compose("Subscription", "What the courier app can follow.", [])
