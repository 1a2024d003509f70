"""What the store app can ask, composed of the classes of this folder's files: a new file adds its class to a list below."""

from api.resolvers import compose

Query = compose("Query", "What the store app can read.", [])
Mutation = compose("Mutation", "What the store app can do.", [])
Subscription = compose("Subscription", "What the store app can follow.", [])
