"""PostgreSQL and Valkey from wheels, as child processes, so that one command runs on a fresh machine."""

from services.adapters.embedded.errors import EmbeddedServerProblem
from services.adapters.embedded.pair import Pair, start_pair
from services.adapters.embedded.postgres import EmbeddedPostgres
from services.adapters.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedServerProblem", "EmbeddedValkey", "Pair", "start_pair"]
