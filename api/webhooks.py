"""Calls from providers: plain HTTP, verified on the raw body, recorded, answered."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.limits import BODY
from api.problems import MASK, RETRY_AFTER, coded, is_away
from api.protocols.requests import Refused, read_body
from services.bootstrap import Ports
from services.payments.errors import WebhookForged
from services.payments.operations.webhooks import receive_webhook

_log = structlog.get_logger(__name__)


class Webhooks:
    """`POST /webhooks/cards`: 200 once the event is recorded, new or repeated; after anything else the provider calls again."""

    def __init__(self, ports: Callable[[], Ports]) -> None:
        self._ports = ports

    def routes(self) -> list[Route]:
        return [Route("/webhooks/cards", self.cards, methods=["POST"])]

    async def cards(self, request: Request) -> Response:
        try:
            raw = await self._body(request)
            new = await receive_webhook(raw, request.headers, self._ports().cards)
        except Refused as refused:
            return _refused(refused.status, str(refused), refused.code)
        except WebhookForged:
            _log.warning("webhook_refused", provider="cards")
            return _refused(400, "The signature is not accepted.", "BAD_REQUEST")
        except Exception as error:
            if not is_away(error):
                raise
            answer = _refused(503, MASK, "UNAVAILABLE")
            answer.headers["retry-after"] = str(int(RETRY_AFTER))
            return answer
        return JSONResponse({"received": True, "new": new})

    async def _body(self, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self._ports().settings.gate.body_within):
                return await read_body(request.headers, request.receive, BODY)
        except TimeoutError:
            raise Refused(408, "The body did not come in time.", "TIMEOUT") from None


def _refused(status: int, message: str, code: str) -> Response:
    return JSONResponse({"errors": [coded(message, code)]}, status_code=status)
