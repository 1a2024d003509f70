"""Counters and clocks for Prometheus: operations by audience and outcome, sockets, SQL."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from services.kernel import database


class Tally(Collector):
    """A counter for what happens thousands of times a second: a lock and a look-up by labels would cost as much as the thing."""

    def __init__(self, name: str, told: str, label: str) -> None:
        self._name, self._told, self._label = name, told, label
        self._counts: dict[str, int] = {}
        REGISTRY.register(self)

    def count(self, of: str) -> None:
        self._counts[of] = self._counts.get(of, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self._name, self._told, labels=[self._label])
        for of, count in list(self._counts.items()):
            family.add_metric([of], count)
        yield family


REGISTRY: Final = CollectorRegistry()
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MOST_NAMES: Final = 200

OPERATIONS: Final = Counter(
    "pannier_operations", "GraphQL operations answered.", ("audience", "operation", "outcome"), registry=REGISTRY
)
OPERATION_SECONDS: Final = Histogram(
    "pannier_operation_seconds", "How long an answer took.", ("audience", "operation"), buckets=_SECONDS, registry=REGISTRY
)
HTTP_RESPONSES: Final = Counter("pannier_http_responses", "HTTP responses by status.", ("path", "status"), registry=REGISTRY)
SOCKETS: Final = Gauge("pannier_sockets_open", "Open WebSockets.", ("audience",), registry=REGISTRY)
SOCKET_MESSAGES: Final = Tally("pannier_socket_messages", "Subscription answers sent.", "audience")
SOCKET_CLOSES: Final = Counter(
    "pannier_socket_closes", "WebSockets closed by us, by code.", ("audience", "code"), registry=REGISTRY
)
SQL_STATEMENTS: Final = Counter("pannier_sql_statements", "Statements sent to PostgreSQL.", registry=REGISTRY)
SQL_SECONDS: Final = Counter("pannier_sql_seconds", "Time PostgreSQL took to answer them.", registry=REGISTRY)
OUTBOX_WAITING: Final = Gauge("pannier_outbox_waiting", "Errands that wait in the outbox.", registry=REGISTRY)
OUTBOX_LAG: Final = Gauge("pannier_outbox_lag_seconds", "How long the oldest errand has been due.", registry=REGISTRY)
RELEASE_OPERATIONS: Final = Counter(
    "pannier_release_operations",
    "Registered documents asked for, by the release that asks.",
    ("audience", "app", "platform", "version", "operation"),
    registry=REGISTRY,
)
REGISTERED: Final = Gauge(
    "pannier_registered_documents", "Documents of releases that are served.", ("audience",), registry=REGISTRY
)
RELEASES_FINGERPRINT: Final = Gauge(
    "pannier_releases_fingerprint", "The same number on every gateway that serves the same releases.", registry=REGISTRY
)
RELEASES_REFUSED: Final = Counter(
    "pannier_releases_refused", "Changes of the releases' folder that are broken.", registry=REGISTRY
)
ORDERS: Final = Gauge("pannier_orders", "Orders by stage.", ("stage",), registry=REGISTRY)

_names: dict[str, set[str]] = {}

# Looking a child up by its labels costs more than counting; every label here is one of a few.
_operations = lru_cache(maxsize=8_192)(OPERATIONS.labels)
_operation_seconds = lru_cache(maxsize=2_048)(OPERATION_SECONDS.labels)
_release_operations = lru_cache(maxsize=8_192)(RELEASE_OPERATIONS.labels)
_responses = lru_cache(maxsize=1_024)(HTTP_RESPONSES.labels)


def observe(audience: str, operation: str | None, outcome: str, seconds: float) -> None:
    """Count one operation; outcome is `ok`, or the code of its first error."""
    name = known_name(audience, operation)
    _operations(audience, name, outcome).inc()
    _operation_seconds(audience, name).observe(seconds)


def count_release(audience: str, label: tuple[str, str, str], operation: str | None) -> None:
    """Count who asked for an operation, so that `pannier contracts usage` can tell what is still relied on."""
    _release_operations(audience, *label, known_name(audience, operation)).inc()


def count_response(path: str, status: int) -> None:
    """Count one HTTP response."""
    _responses(path, str(status)).inc()


def known_name(audience: str, operation: str | None) -> str:
    """The operation's name as a label; those beyond the first 200 of an audience are `other`, for names come from outside."""
    if operation is None:
        return "anonymous"
    names = _names.setdefault(audience, set())
    if operation not in names and len(names) >= MOST_NAMES:
        return "other"
    names.add(operation)
    return operation


def count_statement(statement: database.Statement) -> None:
    """Watches the database of this process."""
    if database.is_statement(statement.query):
        SQL_STATEMENTS.inc()
        SQL_SECONDS.inc(statement.elapsed)
