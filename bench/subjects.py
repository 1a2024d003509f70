"""Who is measured: the gateway, the limits of what can be, and the servers a user would pick instead."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from bench.driver import Request, http_request
from bench.node import NODE, install
from bench.plain import uuid_in
from bench.servers import Server
from bench.works import Work
from services.identity import tokens
from services.kernel.actors import Audience

PEERS = Path(__file__).parent / "peers"
_UVICORN = (
    "--factory",
    "--loop",
    "uvloop",
    "--http",
    "httptools",
    "--no-access-log",
    "--log-level",
    "warning",
    "--port",
    "{port}",
)
_TREES = frozenset({"W1", "W2", "W3", "W4"})
_READS = _TREES | {"W2S"}
_ALL = _READS | {"W5", "W6"}


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def node(script: str) -> tuple[str, ...]:
    return (str(NODE), str(PEERS / script))


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One server: how it is started, what it can do, and where it is asked."""

    name: str
    title: str
    command: tuple[str, ...]
    works: frozenset[str] = _ALL
    path: str = "/graphql/{audience}"
    environment: dict[str, str] = field(default_factory=dict)
    # The servers that a user would pick instead of us; the strongest of them sets the bar.
    is_peer: bool = False
    # A folder of documents of its own, where the subject has another schema.
    documents: str | None = None

    def request(self, work: Work) -> Request:
        """The n-th request of a work, as this subject is asked."""
        path = self.path.format(audience=work.audience, work=work.name)
        if not self.documents:
            return work.request(path)
        query = (PEERS / self.documents / f"{work.name}.graphql").read_text("utf-8")
        body = orjson.dumps({"query": query, "variables": _bare_ids(work)})
        asked = http_request(path, body, None)
        return lambda _number: asked

    def start(self, port: int, environment: dict[str, str], folder: Path) -> Server:
        """The running server; wait until it is ready before asking it."""
        command = [part.format(port=port) for part in self.command]
        mine = environment | self.environment | {"PORT": str(port), "PANNIER_PORT": str(port), "NODE_ENV": "production"}
        return Server(self.name, port, command, mine | {"GRAPHILE_ENV": "production"}, folder / f"{self.name}.log")


GATEWAY = Subject("gateway", "Pannier", python("api", "serve"))
READY = Subject("ready", "ready bytes", python("uvicorn", "bench.plain:make_plain", *_UVICORN), path="/ready/{work}")
UNKEPT = Subject("unkept", "Pannier, nothing kept", GATEWAY.command, works=_READS, environment={"PANNIER_GATE__KEPT_BYTES": "0"})
PLAIN = Subject("plain", "graphql-core plain", python("uvicorn", "bench.plain:make_plain", *_UVICORN), path="/plain/{audience}")
STRAWBERRY = Subject("strawberry", "plain Strawberry", python("uvicorn", "bench.plain_strawberry:make_strawberry", *_UVICORN))
PEER_SERVERS = (
    Subject("mercurius", "mercurius, jit", node("mercurius.js"), is_peer=True),
    Subject(
        "mercurius-plain",
        "mercurius, jit, a write by plain statements",
        node("mercurius.js"),
        works=frozenset({"W5"}),
        environment={"BENCH_PLAIN_WRITES": "1"},
    ),
    Subject("yoga", "graphql-yoga, jit", node("yoga.js"), is_peer=True),
    Subject("apollo", "Apollo Server", node("apollo.js"), is_peer=True),
    Subject(
        "yoga-cache",
        "graphql-yoga, jit, response cache",
        node("yoga.js"),
        works=_READS,
        environment={"BENCH_RESPONSE_CACHE": "1"},
    ),
    Subject(
        "postgraphile",
        "PostGraphile",
        node("postgraphile.js"),
        works=_TREES,
        path="/graphql/postgraphile",
        is_peer=True,
        documents="postgraphile",
    ),
)
SUBJECTS = (GATEWAY, UNKEPT, READY, PLAIN, STRAWBERRY, *PEER_SERVERS)


def _bare_ids(work: Work) -> dict[str, str]:
    """The ids that a work speaks of, without our wrapping: PostGraphile knows rows, not nouns."""
    ids = {name: str(uuid_in(value)) for name, value in work.variables(0).items() if isinstance(value, str)}
    token = work.token(0)
    return ids | ({"person": str(tokens.read_access(token, Audience(work.audience)).person_id)} if token else {})


def install_peers() -> None:
    """Install the locked peers into the bench's own folder, once. Raises RuntimeError with npm's words."""
    install(PEERS)
