"""The embedded PostgreSQL and Valkey together, as one command starts them."""

from dataclasses import dataclass
from pathlib import Path

from services.adapters.embedded.postgres import EmbeddedPostgres
from services.adapters.embedded.valkey import EmbeddedValkey


@dataclass(frozen=True)
class Pair:
    """Two servers that run; `stop` ends those that this process owns."""

    database_url: str
    redis_url: str
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey

    @property
    def borrowed(self) -> bool:
        """Whether another process owns them: `stop` leaves them running then."""
        return self.postgres.borrowed

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()


def start_pair(folder: Path, *, durable: bool = True) -> Pair:
    """Start both servers with their data under `folder`, or use the ones another process of ours runs there."""
    postgres = EmbeddedPostgres(folder / "postgres", durable=durable)
    valkey = EmbeddedValkey(folder / "valkey", durable=durable)
    database_url = postgres.start()
    try:
        redis_url = valkey.start()
    except BaseException:
        postgres.stop()
        raise
    return Pair(database_url, redis_url, postgres, valkey)
