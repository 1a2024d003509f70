"""graphql-ws on Node at the same fan-out: it is handed each event ready-made, and need neither read nor sign anybody in."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from bench.node import NODE, install
from bench.servers import Server

FOLDER = Path(__file__).parents[1] / "peers_sockets"
SCHEMA = Path(__file__).parents[2] / "mobile_contracts" / "store" / "schema.graphql"


class Peer:
    """The server, and how events are told to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._stores: list[UUID] = []
        self._queues: list[list[dict[str, Any]]] = []
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def learn(self, answers: list[bytes], stores: list[UUID]) -> None:
        """Take over what the gateway answered for each store."""
        self._stores = stores
        self._queues = [orjson.loads(answer)["payload"]["data"]["storeOrderQueueChanged"] for answer in answers]
        self._line = await asyncio.open_connection("127.0.0.1", self.server.port)
        await self._tell({str(store): queue for store, queue in zip(stores, self._queues, strict=True)})

    async def publish(self, topic: int, ready_at: datetime) -> None:
        """Something happened in a store."""
        for order in self._queues[topic]:
            order["readyAt"] = ready_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await self._tell({str(self._stores[topic]): self._queues[topic]})

    async def _tell(self, event: dict[str, Any]) -> None:
        if self._line is None:
            raise RuntimeError("learn first")
        reader, writer = self._line
        body = orjson.dumps(event)
        writer.write(b"POST /tick HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))

    async def stop(self) -> None:
        if self._line is not None:
            self._line[1].close()
        self.server.stop()


def start_peer(port: int, environment: dict[str, str], folder: Path) -> Peer:
    """The server of the locked packages, installed once into the bench's own folder."""
    install(FOLDER)
    told = environment | {"PORT": str(port), "BENCH_SCHEMA": str(SCHEMA), "NODE_ENV": "production"}
    server = Server("graphql-ws", port, [str(NODE), str(FOLDER / "server.js")], told, folder / "graphql-ws.log")
    server.wait_until_ready()
    return Peer(server)
