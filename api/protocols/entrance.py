"""The entrance: the four doors by their addresses, at the price of one look; everything else is the application's."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands at one address: HTTP and WebSocket."""

    http: ASGIApp
    websocket: ASGIApp


class Entrance:
    """Leads a request to its door by the path alone; routes cost as much as a whole small operation."""

    def __init__(self, doors: Mapping[str, Doors], rest: ASGIApp) -> None:
        self._http = {path: door.http for path, door in doors.items()}
        self._websockets = {path: door.websocket for path, door in doors.items()}
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http.get(scope["path"], self._rest)(scope, receive, send)
        elif kind == "websocket":
            await self._websockets.get(scope["path"], self._rest)(scope, receive, send)
        else:
            await self._rest(scope, receive, send)
