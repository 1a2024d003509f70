"""`pannier contracts examples` and `pannier contracts reference`: record what operations are answered, and write the pages."""

import asyncio
import logging
from typing import Annotated

import orjson
import typer
from rich.console import Console

from api.contracts import commands as contracts
from api.examples.bundle import write_bundles
from api.examples.house import settings_of_its_own
from api.examples.recording import played, record, stale
from api.examples.reference import write_pages
from services.kernel.clock import wall
from services.kernel.logs import configure_logs

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]
_console = Console(stderr=True)


def record_examples(as_json: AsJson = False) -> None:
    """Play a day in a house opened for it and write what every shipped operation was answered.

    The files are mobile_contracts/<audience>/examples/<Operation>.json, and one for each document of a frozen release that
    has none yet. Ids, moments and secrets are stand-ins, so that the same answers give the same files.
    """
    configure_logs(readable=True, level=logging.CRITICAL)
    folder, today = contracts.contracts_folder(), wall().date()
    with settings_of_its_own() as chosen:
        plays = asyncio.run(played(chosen, folder, today, _say))
    written = [str(file) for file in record(plays, folder)]
    for file in stale(plays[0][0], folder):
        file.unlink()
        written.append(f"{file} (removed)")
    _tell(written, "The examples are those that are answered.", as_json=as_json)


def write_reference(as_json: AsJson = False) -> None:
    """Write mobile_contracts/<audience>/REFERENCE.md, a page to read, and documents.graphql, for code generators."""
    folder = contracts.contracts_folder()
    written = [str(file) for file in (*write_pages(folder), *write_bundles(folder))]
    _tell(written, "The pages say what the schemas say.", as_json=as_json)


def _tell(written: list[str], nothing: str, *, as_json: bool) -> None:
    typer.echo(orjson.dumps({"written": written}).decode() if as_json else "\n".join(written) or nothing)


def _say(line: str) -> None:
    _console.print(line, highlight=False, soft_wrap=True)
