"""What machines ask of the gateway: are you alive, can you work, how are you doing."""

import asyncio
import time
from collections.abc import Callable
from secrets import compare_digest

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.operators import metrics
from api.problems import coded, is_away
from services.bootstrap import Ports
from services.kernel import outbox
from services.kernel.database import row
from services.orders.queries import orders_by_stage
from services.orders.rules import OrderStage
from services.settings import Settings

_PATIENCE = 2.0
_FRESH_FOR = 2.0
# By this whoever finds somebody on a port knows whom.
SERVICE = {"service": "pannier"}


class Probes:
    """The routes, with the figures of the database kept for two seconds so that scraping costs nothing."""

    def __init__(self, ports: Callable[[], Ports], settings: Settings) -> None:
        self._ports = ports
        self._token = settings.metrics_token.get_secret_value().encode()
        self._shows_figures = bool(self._token) or settings.profile != "production"
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    def routes(self) -> list[Route]:
        """In production the figures have an address only for those who hold a token: the port is everybody's."""
        figures = [Route("/metrics", self.metrics)] if self._shows_figures else []
        return [Route("/healthz", self.healthz), Route("/readyz", self.readyz), *figures]

    async def healthz(self, _request: Request) -> Response:
        """Alive: the process turns its loop."""
        return JSONResponse({"status": "ok"} | SERVICE)

    async def readyz(self, _request: Request) -> Response:
        """Ready when PostgreSQL answers; without Redis the house still works, slower to tell."""
        postgresql, redis = await asyncio.gather(self._postgresql_answers(), self._redis_answers())
        state = {"status": "ready" if postgresql else "away", "postgresql": _word(postgresql), "redis": _word(redis)}
        return JSONResponse(state | SERVICE, status_code=200 if postgresql else 503)

    async def metrics(self, request: Request) -> Response:
        said = request.headers.get("authorization", "").encode()
        if self._token and not compare_digest(said, b"Bearer " + self._token):
            error = coded("The figures are for operators.", "UNAUTHENTICATED")
            return JSONResponse({"errors": [error]}, 401, {"www-authenticate": "Bearer"})
        async with self._reading:
            if time.monotonic() - self._read_at > _FRESH_FOR:
                await self._read_figures()
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    async def _read_figures(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                waiting, lag = await outbox.lag()
                stages = await orders_by_stage()
        except Exception as error:
            if not is_away(error):
                raise
            return
        self._read_at = time.monotonic()
        metrics.OUTBOX_WAITING.set(waiting)
        metrics.OUTBOX_LAG.set(lag)
        for stage in OrderStage:
            metrics.ORDERS.labels(stage).set(stages.get(stage, 0))

    async def _postgresql_answers(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await row("SELECT 1 AS one") is not None
        except Exception as error:
            if not is_away(error):
                raise
            return False

    async def _redis_answers(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                return bool(await self._ports().redis.requests.ping())
        except (RedisError, OSError, TimeoutError):
            return False


def _word(answers: bool) -> str:
    return "ok" if answers else "away"
