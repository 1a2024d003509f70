"""A house for one play: servers, gateway and worker of its own in this process, on a summer's day that passes quickly."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from api.app import make_app
from api.protocols.wire import Wire
from services import reactions
from services.adapters.embedded import start_pair
from services.bootstrap import running
from services.kernel import clock
from services.migrations.run import migrate
from services.seeds.load import seed_city
from services.settings import Limits, Settings, use
from services.worker.relay import relay
from services.worker.schedule import keep_time

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
SPEED = 60.0
STORES = 4
# A busy machine must not make anybody miss what they would hear in life; nobody wants to stand at a shut door for long.
PATIENT = {
    "offer_lasts": 600,
    "accept_within": 3_600,
    "pay_within": 7_200,
    "quote_valid_for": 7_200,
    "access_token_lasts": 21_600,
    "position_is_fresh_for": 1_200,
    "wait_at_door": 60,
    "search_gives_up_after": 7_200,
    "menu_sync_pause": 300,
}


@contextmanager
def settings_of_its_own() -> Iterator[Settings]:
    """Settings for embedded servers that nobody else uses and that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pannier-examples-", ignore_cleanup_errors=True) as folder:
        pair = start_pair(Path(folder), durable=False)
        try:
            yield Settings(  # type: ignore[call-arg]  # aliases
                profile="test",
                DATABASE_URL=pair.database_url,
                REDIS_URL=pair.redis_url,
                data_folder=Path(folder),
                limits=Limits.model_validate(PATIENT),
            )
        finally:
            pair.stop()


@asynccontextmanager
async def opened(chosen: Settings, tell: Callable[[str], None]) -> AsyncIterator[str]:
    """The house, open: answers the address of its gateway."""
    use(chosen)
    reactions.wire()
    await migrate(chosen.database_url)
    clock.set_anchor(clock.Anchor(clock.wall(), NOON, SPEED))
    try:
        async with running(chosen) as ports:
            await seed_city(1, stores=STORES, tell=tell)
            work = [asyncio.create_task(relay(ports, poll_every=0.2)), asyncio.create_task(keep_time(ports))]
            async with _served(make_app(chosen, ports)) as address:
                yield address
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    finally:
        clock.set_anchor(None)


@asynccontextmanager
async def _served(app: ASGIApp) -> AsyncIterator[str]:
    """A real server on a free port of this machine."""
    config = uvicorn.Config(
        app, lifespan="off", ws=Wire, ws_per_message_deflate=False, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Not `serve()`: Ctrl-C belongs to the command.
        serving = asyncio.create_task(server._serve([listening]))  # noqa: SLF001
        host, port = listening.getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            await serving
