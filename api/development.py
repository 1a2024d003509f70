"""What only developers get: GraphiQL at each door, and the stand-in for the sign-in SDK on a phone. Absent in production."""

from collections.abc import Callable
from pathlib import Path

import strawberry
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.limits import BODY
from api.problems import coded
from api.protocols.requests import Refused, read_body, read_json
from services.bootstrap import Ports
from services.identity.ports import VerifiedIdentity
from services.identity.rules import LONGEST_UID, e164
from services.kernel.actors import Audience
from services.kernel.errors import BadInput

_PAGE_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' https://unpkg.com data: ws: wss:; frame-ancestors 'none'"


class Phone(BaseModel):
    """Whose phone the ID token is for; one of phone, name or uid is enough."""

    model_config = ConfigDict(extra="forbid", strict=True)

    audience: str
    phone: str | None = None
    name: str | None = None
    uid: str | None = None


class DeveloperSignIn:
    """`POST /dev/sign-in {audience, phone | name | uid}` answers `{idToken}` as the SDK on a phone would."""

    def __init__(self, ports: Callable[[], Ports]) -> None:
        self._ports = ports

    def route(self) -> Route:
        return Route("/dev/sign-in", self.sign_in, methods=["POST"])

    async def sign_in(self, request: Request) -> Response:
        issuer = self._ports().issuer
        try:
            phone = Phone.model_validate(read_json(await read_body(request.headers, request.receive, BODY)))
            identity = _identity(phone, Audience(phone.audience.lower()))
        except (Refused, ValidationError, ValueError):
            return _refused("Send {audience, phone | name | uid}, each as text.")
        except BadInput as impossible:
            return _refused(str(impossible))
        if issuer is None:
            return _refused("Sign-in here goes through Firebase.")
        return JSONResponse({"idToken": issuer.issue(identity)})


class Playground:
    """Serves GraphiQL to a browser that opens a door's address; everything else goes to the door."""

    def __init__(self, door: ASGIApp) -> None:
        self._door = door
        page = (Path(strawberry.__file__).parent / "static" / "graphiql.html").read_text("utf-8")
        self._page = page.replace("{{ SUBSCRIPTION_ENABLED }}", "true")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = dict(scope["headers"]).get(b"accept", b"")
        if scope["method"] == "GET" and b"query=" not in scope["query_string"] and b"text/html" in accepted:
            page = HTMLResponse(self._page, headers={"content-security-policy": _PAGE_POLICY})
            await page(scope, receive, send)
        else:
            await self._door(scope, receive, send)


def _identity(phone: Phone, audience: Audience) -> VerifiedIdentity:
    """Who holds the phone: called `<audience>-<phone or name>` if no uid is said, so that a number is the same person again."""
    number = e164(phone.phone) if phone.phone else None
    known_by = number or phone.name
    uid = phone.uid or (f"{audience}-{known_by}" if known_by else "")
    if not 1 <= len(uid) <= LONGEST_UID or not uid.isprintable():
        raise BadInput("Say phone, name or uid, in one short line.")
    return VerifiedIdentity(uid, phone=number, name=phone.name)


def _refused(message: str) -> Response:
    return JSONResponse({"errors": [coded(message, "BAD_REQUEST")]}, status_code=400)
