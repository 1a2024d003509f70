"""`make hostile`: what each known attack costs the gateway in CPU, on the consumer's real schema, nothing kept from before."""

import asyncio
import sys
import time
from statistics import median
from types import SimpleNamespace
from typing import Any, cast

import orjson
from rich.console import Console
from rich.table import Table
from starlette.types import Message

from api import limits
from api.engine.documents import Documents
from api.graphql import gate_of, schema_of
from api.protocols.gate import Gate
from api.protocols.http import HttpDoor
from bench.exploits import bodies
from services.bootstrap import Ports
from services.kernel.actors import Audience
from services.settings import Settings, use

MOST_MS = 10.0
ROUNDS = 5
_console = Console(width=110)


def gate() -> Gate:
    """The consumer's gate as partners with a key meet it: closed inside, open to any document."""
    settings = Settings(profile="test")
    use(settings)
    ports = cast("Ports", SimpleNamespace(settings=settings))
    return gate_of(Audience.CONSUMER, schema_of(Audience.CONSUMER), lambda: ports, open_inside=False)


async def cost_of(made: Gate, body: bytes) -> tuple[int, float]:
    """The status of a body's answer and the CPU it took, milliseconds, with an empty cache of documents."""
    kept: Documents = made.documents
    kept.forget()
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/graphql/consumer",
        "query_string": b"",
        "headers": headers,
    }
    began = time.process_time()
    await HttpDoor(made)(scope, receive, send)
    return answered[0]["status"], (time.process_time() - began) * 1_000


async def _measure() -> list[dict[str, Any]]:
    made = gate()
    await cost_of(made, orjson.dumps({"query": "{ __typename }"}))
    found = []
    for name, body in bodies():
        runs = [await cost_of(made, body) for _ in range(ROUNDS)]
        found.append({"attack": name, "bytes": len(body), "status": runs[0][0], "ms": round(median(ms for _, ms in runs), 2)})
    return found


def main() -> None:
    """Print the table, the dearest first; exit 1 if an attack costs more than ten milliseconds or is not refused."""
    found = sorted(asyncio.run(_measure()), key=lambda row: -row["ms"])
    table = Table(title=f"CPU of one attack, median of {ROUNDS}; tokens at most {limits.TEXT.tokens}", title_justify="left")
    for heading in ("attack", "bytes", "status", "ms"):
        table.add_column(heading, justify="left" if heading == "attack" else "right")
    for row in found:
        table.add_row(row["attack"], str(row["bytes"]), str(row["status"]), f"{row['ms']:.2f}")
    _console.print(table)
    too_dear = [row for row in found if row["ms"] > MOST_MS or not 400 <= row["status"] < 500]
    _console.print(f"{len(found)} attacks, {len(too_dear)} too dear or not refused.")
    sys.exit(1 if too_dear else 0)


if __name__ == "__main__":
    main()
