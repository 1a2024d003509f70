"""Servers in folders of their own: these tests kill and damage what the house of the other tests stands on."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

KILLED_OWNER = """
import os, signal, sys
import psutil
from pathlib import Path
from services.adapters.embedded import {kind}
server = {kind}(Path(sys.argv[1]), durable={durable})
server.start()
print(server.pid, flush=True)
for guard in psutil.Process().children() if {guard_dies} else ():
    if guard.pid != server.pid:
        guard.kill()
        guard.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _in_an_empty_house() -> None:
    """No house is needed here."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pannier-embedded-") as place:
        yield Path(place).resolve() / "server"


def leave_an_orphan(kind: str, folder: Path, *, durable: bool = True, guard_dies: bool = True) -> int:
    """Start a server from a process that is then killed, after its guard or without it; gives the server's process number."""
    owner = subprocess.run(
        [sys.executable, "-c", KILLED_OWNER.format(kind=kind, durable=durable, guard_dies=guard_dies), str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert owner.returncode == -9, owner.stderr
    return int(owner.stdout)
