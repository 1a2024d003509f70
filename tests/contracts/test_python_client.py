"""A typed Python client is made of the contracts by ariadne-codegen, and the recorded answers are what its models expect.

The generator has a room of its own (`uv run`, from a lock file): it asks for a graphql-core that is older than ours may be.
"""

import asyncio
import importlib
import re
import sys
from pathlib import Path

import pytest
import uv
from pydantic import BaseModel, ValidationError

from api.contracts import FOLDER
from api.examples.files import answers_in, read
from services.kernel.actors import Audience

TOOL = Path(__file__).with_name("typed_clients") / "python"
GENERATED_WITHIN = 90


async def generate(audience: Audience, target: Path) -> None:
    """The client of one app, as a package `pannier_<audience>` under `target`."""
    told = (TOOL / "ariadne.toml").read_text("utf-8").format(contracts=FOLDER, audience=audience, target=target)
    config = target / f"{audience}.toml"
    config.write_text(told, "utf-8")
    room = (
        "run",
        "--quiet",
        "--no-project",
        "--isolated",
        "--python",
        sys.executable,
        "--with-requirements",
        TOOL / "requirements.lock",
    )
    process = await asyncio.create_subprocess_exec(
        uv.find_uv_bin(),
        *room,
        "ariadne-codegen",
        "--config",
        config,
        cwd=target,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told_by_it, _ = await asyncio.wait_for(process.communicate(), GENERATED_WITHIN)
    assert process.returncode == 0, told_by_it.decode()


def model_of(audience: Audience, operation: str) -> type[BaseModel]:
    module = importlib.import_module(f"pannier_{audience}.{re.sub(r'(?<!^)(?=[A-Z])', '_', operation).lower()}")
    found: type[BaseModel] = getattr(module, operation)
    return found


@pytest.mark.timeout(300)
async def test_every_recorded_answer_is_what_the_generated_client_expects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for audience in Audience:
        await generate(audience, tmp_path)
    importlib.invalidate_caches()

    for audience in Audience:
        for file in sorted((FOLDER / audience / "examples").glob("*.json")):
            for answer in answers_in(read(file)):
                model_of(audience, file.stem).model_validate(answer["data"])

    with pytest.raises(ValidationError):
        model_of(Audience.CONSUMER, "Me").model_validate({"me": {"id": "1", "name": None, "phone": None, "locale": "fi"}})
