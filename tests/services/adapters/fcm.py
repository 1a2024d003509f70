"""A small FCM on this machine: answers HTTP v1 as Google documents it, and gives out access tokens to a service account."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import anyio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.local_server import serving

PROJECT = "pannier-test"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


def error(code: int, status: str, fcm_code: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """An answer in Google's form of errors, with FCM's own code among the details where there is one."""
    details = [{"@type": FCM_ERROR, "errorCode": fcm_code}] if fcm_code else []
    told = {"error": {"code": code, "message": "Said by a test.", "status": status, "details": details}}
    return JSONResponse(told, status_code=code, headers=headers)


@dataclass
class SmallFcm:
    """What stands at the other end; `answers` by device address, everybody else is sent to."""

    answers: dict[str, Response] = field(default_factory=dict)
    slow: float = 0.0
    got: list[dict[str, Any]] = field(default_factory=list)
    tokens_given: int = 0
    token_answer: Response | None = None
    stale_tokens: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    async def send(self, request: Request) -> Response:
        self.asked[request.url.path] += 1
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token in self.stale_tokens or not token.startswith("access-"):
            return error(401, "UNAUTHENTICATED")
        body = await request.json()
        assert set(body) == {"message"}
        message = body["message"]
        self.got.append(message)
        if self.slow:
            await anyio.sleep(self.slow)
        address = message.get("token") or message["fid"]
        return self.answers.get(address) or JSONResponse({"name": f"projects/{PROJECT}/messages/{len(self.got)}"})

    async def token(self, request: Request) -> Response:
        asked = parse_qs((await request.body()).decode())
        assert asked["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        if self.token_answer:
            return self.token_answer
        self.tokens_given += 1
        return JSONResponse({"access_token": f"access-{self.tokens_given}", "expires_in": 3600, "token_type": "Bearer"})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """The address at which it answers while the block runs."""
        path = f"/v1/projects/{PROJECT}/messages:send"
        app = Starlette(routes=[Route(path, self.send, methods=["POST"]), Route("/token", self.token, methods=["POST"])])
        async with serving(app) as address:
            yield address


def service_account(folder: Path, address: str) -> Path:
    """The key file of an account whose tokens come from `address`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "service-account.json"
    told = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "test",
        "private_key": text.decode(),
        "client_email": f"push@{PROJECT}.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"{address}/token",
    }
    file.write_text(json.dumps(told))
    return file
