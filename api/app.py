"""The composition root of the gateway: settings become ports, ports become routes, and one layer watches over all."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from api.development import DeveloperSignIn, Playground
from api.graphql import gate_of, schema_of
from api.operators import metrics
from api.operators.cors import Cors
from api.operators.probes import Probes
from api.operators.releases import ReleaseWatch
from api.operators.usage import Usage, keep_adding
from api.operators.watch import Watch
from api.problems import coded
from api.protocols.at_once import AtOnce
from api.protocols.doorman import Desk, Doorman
from api.protocols.entrance import Doors, Entrance
from api.protocols.gate import Gate
from api.protocols.guard import Turnstile
from api.protocols.http import HttpDoor
from api.protocols.sockets import SocketDoor
from api.rate import keep_settled
from api.releases.shelf import FOLDER
from api.webhooks import Webhooks
from services import reactions
from services.bootstrap import Ports, running
from services.kernel import background, database
from services.kernel.actors import Audience
from services.production import refuse_unfit
from services.settings import Settings, use

# How many new objects there must be before the collector looks at them: a request makes hundreds that are gone with it.
YOUNG_OBJECTS = 20_000


class Gateway:
    """What the routes share once the process runs."""

    def __init__(self, settings: Settings, ports: Ports | None) -> None:
        self.settings = settings
        self.releases: ReleaseWatch | None = None
        self.turnstile = Turnstile(settings.gate, production=settings.profile == "production")
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
                _spare_the_collector()
            stack.callback(database.watch(metrics.count_statement))
            kinds = (self.turnstile.persons, self.turnstile.guests)
            running_on = [
                asyncio.create_task(keep_settled(self.ports().redis.requests, kinds)),
                asyncio.create_task(keep_adding(Usage())),
            ]
            if self.releases is not None:
                running_on.append(asyncio.create_task(self.releases.keep_looking()))
            stack.push_async_callback(background.end, running_on)
            yield


def make_app(settings: Settings, ports: Ports | None = None) -> ASGIApp:
    """The gateway; with `ports` it uses a house that runs already, else it opens and closes its own."""
    refuse_unfit(settings)
    gateway = Gateway(settings, ports)
    gates = [_gate(audience, gateway) for audience in Audience]
    gateway.releases = ReleaseWatch(settings.contracts_folder or FOLDER, [gate.reception for gate in gates])
    gateway.releases.begin()
    routes = [*Webhooks(gateway.ports).routes(), *Probes(gateway.ports, settings).routes()]
    if settings.profile != "production":
        routes.append(DeveloperSignIn(gateway.ports).route())
    rest = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_route}, lifespan=gateway.lifespan)
    doors = {f"/graphql/{gate.audience}": doors_of(gate, settings) for gate in gates}
    watched = Watch(Entrance(doors, rest), settings.allowed_hosts, settings.gate.trusted_proxies)
    desks = {f"/graphql/{gate.audience}": Desk.of(gate.audience, gate.name_of, gate.hits.are_usual) for gate in gates}
    doorman = Doorman(watched, gateway.turnstile.turns, desks, gateway.turnstile.lane)
    return AtOnce(doorman, watched, {f"/graphql/{gate.audience}": gate for gate in gates})


def _gate(audience: Audience, gateway: Gateway) -> Gate:
    production = gateway.settings.profile == "production"
    return gate_of(
        audience,
        schema_of(audience),
        gateway.ports,
        open_inside=not production,
        only_registered=production or gateway.settings.documents == "released",
        turnstile=gateway.turnstile,
    )


def doors_of(gate: Gate, settings: Settings) -> Doors:
    """The doors of one audience: HTTP and WebSocket at one address."""
    http: ASGIApp = HttpDoor(gate)
    if settings.profile != "production":
        http = Playground(http)
    if settings.allowed_origins:
        http = Cors(http, settings.allowed_origins)
    return Doors(http, SocketDoor(gate, frozenset(settings.allowed_origins)))


def _spare_the_collector() -> None:
    """What was made until now, four schemas above all, lives as long as the process: never walk it in search of garbage again.

    Walking it was a fifth to a third of what a request of any size cost.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


async def _no_such_route(_request: Request, error: Exception) -> JSONResponse:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    return JSONResponse({"errors": [coded("There is nothing at this address.", "NOT_FOUND")]}, status, headers)
