"""`make sockets`: five thousand sockets on one process, side by side with graphql-ws on Node, and all dropped at once."""

import argparse
import asyncio
import os
import resource
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import asyncpg
import orjson
import uvloop
from redis.asyncio import Redis
from rich.console import Console

from bench.city import build
from bench.servers import Server
from bench.sockets import report
from bench.sockets.fleet import Fleet, Phone
from bench.sockets.measures import Events, FanOut, Round, Storm, fan_out, storm
from bench.sockets.peer import Peer, start_peer
from bench.sockets.rides import Rides, rides
from bench.sockets.town import Town, consumers, settle, tablets
from bench.subjects import GATEWAY
from services import reactions
from services.adapters.embedded import start_pair
from services.bootstrap import running
from services.kernel.database import connection_arguments
from services.kernel.nudges import CHANNEL
from services.migrations.run import migrate
from services.settings import GateSettings, Settings, use

GATEWAY_PORT, PEER_PORT = 8_193, 8_194
SPARE_FILES = 500
# Each reads on its own: more than that are more than one process answers when each courier moves.
MOST_LOOKING_ON = 1_000
_console = Console(width=170)


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m bench.sockets", description=__doc__)
    parser.add_argument("--part", choices=("all", "fan-out", "storm", "rides"), default="all", help="what is measured")
    parser.add_argument("--sockets", type=int, default=5_000, help="how many sockets are open at a time")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each round of fan-out lasts")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two events of one of the stores")
    parser.add_argument("--rounds", type=int, default=3, help="how often the subjects of the fan-out take turns")
    parser.add_argument("--spread", type=float, default=20.0, help="seconds over which the dropped come back")
    parser.add_argument("--calm", type=float, default=20.0, help="seconds of mutations before all are dropped")
    parser.add_argument("--mutations", type=float, default=20.0, help="mutations a second")
    chosen = parser.parse_args()
    _enough_files(chosen.sockets)
    with tempfile.TemporaryDirectory(prefix="pannier-bench-", ignore_cleanup_errors=True) as folder:
        pair = start_pair(Path(folder))
        try:
            environment = {"DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url, "PANNIER_DATA_FOLDER": folder}
            if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
                os.sched_setaffinity(0, {1})
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_bench(Path(folder), environment, chosen))
        finally:
            pair.stop()


def _enough_files(sockets: int) -> None:
    """Raise the limit of open files as far as it may be raised; ends with a sentence where that is not far enough."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{sockets} sockets need {wanted} open files, and this shell allows {hard}: raise `ulimit -Hn` first.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _bench(folder: Path, environment: dict[str, str], chosen: argparse.Namespace) -> None:
    # Turns as in production; a developer's machine has more patience.
    patience = orjson.dumps(GateSettings().patience_of(production=True)).decode()
    environment |= {"PANNIER_LIMITS__ACCESS_TOKEN_LASTS": "86400", "PANNIER_GATE__PATIENCE": patience}
    os.environ.update(environment)
    settings = Settings()
    use(settings)
    with _console.status("Building the bench's city …"):
        await migrate(settings.database_url)
        reactions.wire()
        async with running(settings):
            await build()
    gateway = GATEWAY.start(GATEWAY_PORT, environment, folder)
    peer: Peer | None = None
    try:
        gateway.wait_until_ready()
        town = await settle(GATEWAY_PORT, settings.database_url)
        rounds: list[FanOut] = []
        stormed: Storm | None = None
        ridden: Rides | None = None
        if chosen.part in {"all", "fan-out"}:
            peer = start_peer(PEER_PORT, environment, folder)
            rounds = await _fan_outs(gateway, peer, town, settings, chosen)
        if chosen.part in {"all", "rides"}:
            with _console.status("Couriers ride, and phones look on …"):
                looking_on = min(chosen.sockets, MOST_LOOKING_ON)
                ridden = await rides(gateway, town, settings.database_url, sockets=looking_on, seconds=2 * chosen.seconds)
        if chosen.part in {"all", "storm"}:
            with _console.status("All sockets are dropped, and come back …"):
                fleet = Fleet(GATEWAY_PORT, "/graphql/consumer", await consumers(town, settings.database_url, chosen.sockets))
                stormed = await storm(gateway, fleet, town, spread=chosen.spread, calm=chosen.calm, per_second=chosen.mutations)
    finally:
        gateway.stop()
        if peer is not None:
            await peer.stop()
    report.show(rounds, stormed, ridden, _console)
    _console.print(f"Everything measured: {report.keep(rounds, stormed, ridden)}", highlight=False)


async def _fan_outs(gateway: Server, peer: Peer, town: Town, settings: Settings, chosen: argparse.Namespace) -> list[FanOut]:
    phones = tablets(town, chosen.sockets)
    owner = await asyncpg.connect(**connection_arguments(settings.database_url))
    redis = Redis.from_url(settings.redis_url)
    await owner.execute("SET session_replication_role = replica")

    async def by_the_house(topic: int, ready_at: datetime) -> None:
        store = town.stores[topic]
        await owner.execute("UPDATE orders SET ready_at = $2 WHERE store_id = $1", store, ready_at)
        await redis.publish(CHANNEL, orjson.dumps({"from": "bench", "topics": [f"store:{store}"]}))

    rounds: list[FanOut] = []
    try:
        await peer.learn(await _recorded(phones[: len(town.stores)]), town.stores)
        for number in range(chosen.rounds):
            for subject, server, publish in (("Pannier", gateway, by_the_house), ("graphql-ws", peer.server, peer.publish)):
                with _console.status(f"Round {number + 1}: {subject} …"):
                    fleet = Fleet(server.port, "/graphql/store", phones)
                    events = Events(len(town.stores), chosen.every, chosen.seconds)
                    rounds.append(await fan_out(Round(subject, server, fleet, publish), events))
                    await asyncio.sleep(2.0)
    finally:
        await owner.close()
        await redis.aclose()
    return rounds


async def _recorded(phones: list[Phone]) -> list[bytes]:
    """The first answer of the gateway to each of these phones."""
    answers: dict[int, bytes] = {}
    take: Callable[[int, bytes], None] = answers.__setitem__
    fleet = Fleet(GATEWAY_PORT, "/graphql/store", phones, take)
    await fleet.open_all()
    fleet.drop_all()
    return [answers[number] for number in range(len(phones))]


if __name__ == "__main__":
    main()
