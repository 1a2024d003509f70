"""The composition root of the gateway: settings become ports, ports become routes, and one layer watches over all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from api.development import DeveloperSignIn, Playground
from api.graphql import gate_of, schema_of
from api.operators import metrics
from api.operators.probes import Probes
from api.operators.releases import ReleaseWatch
from api.operators.watch import Watch
from api.problems import coded
from api.protocols.gate import Gate
from api.protocols.http import HttpDoor
from api.protocols.sockets import SocketDoor
from api.releases.shelf import FOLDER
from api.webhooks import Webhooks
from services import reactions
from services.bootstrap import Ports, running
from services.kernel import database
from services.kernel.actors import Audience
from services.production import refuse_unfit
from services.settings import Settings, use


class Gateway:
    """What the routes share once the process runs."""

    def __init__(self, settings: Settings, ports: Ports | None) -> None:
        self.settings = settings
        self.releases: ReleaseWatch | None = None
        self._ports = ports

    def ports(self) -> Ports:
        if self._ports is None:
            raise RuntimeError("the gateway has not been started")
        return self._ports

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if self._ports is None:
                use(self.settings)
                reactions.wire()
                self._ports = await stack.enter_async_context(running(self.settings))
            stack.callback(database.watch(metrics.count_statement))
            if self.releases is not None:
                stack.callback(asyncio.create_task(self.releases.keep_looking()).cancel)
            yield


def make_app(settings: Settings, ports: Ports | None = None) -> Starlette:
    """The gateway; with `ports` it uses a house that runs already, else it opens and closes its own."""
    refuse_unfit(settings)
    gateway = Gateway(settings, ports)
    open_inside = settings.profile != "production"
    gates = [
        gate_of(audience, schema_of(audience), gateway.ports, open_inside=open_inside, only_registered=not open_inside)
        for audience in Audience
    ]
    gateway.releases = ReleaseWatch(settings.contracts_folder or FOLDER, [gate.reception for gate in gates])
    gateway.releases.begin()
    routes: list[BaseRoute] = [route for gate in gates for route in doors_of(gate, settings)]
    routes += [*Webhooks(gateway.ports).routes(), *Probes(gateway.ports).routes()]
    if settings.profile != "production":
        routes.append(DeveloperSignIn(gateway.ports).route())
    return Starlette(
        routes=routes,
        middleware=[Middleware(Watch, allowed_hosts=settings.allowed_hosts)],
        exception_handlers={HTTPException: _no_such_route},
        lifespan=gateway.lifespan,
    )


def doors_of(gate: Gate, settings: Settings) -> list[BaseRoute]:
    """The routes of one audience: HTTP and WebSocket at one address."""
    path = f"/graphql/{gate.audience}"
    http = HttpDoor(gate)
    return [
        Route(path, http if settings.profile == "production" else Playground(http)),
        WebSocketRoute(path, SocketDoor(gate, frozenset(settings.allowed_origins))),
    ]


async def _no_such_route(_request: Request, error: Exception) -> JSONResponse:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    return JSONResponse({"errors": [coded("There is nothing at this address.", "NOT_FOUND")]}, status, headers)
