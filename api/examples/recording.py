"""Recording: the plays are played in a house of their own, and what was answered becomes the examples."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from api.examples.files import Example, example_file, examples_of, frozen_file, is_whole, write
from api.examples.house import opened
from api.examples.scripts import Line, Script, scripts
from mobile_contracts.rehearsal.play import rehearse
from services.adapters.local_texts import local_texts
from services.kernel import clock
from services.settings import Settings

Played = list[tuple[Script, dict[Line, Example]]]


async def played_here(chosen: Settings, url: str, folder: Path, on: date, tell: Callable[[str], None]) -> Played:
    """Every play there is, at the gateway of a running house, with the examples it gave."""

    def texts(phone: str) -> list[str]:
        return [message["text"] for message in local_texts(chosen.data_folder) if message["phone"] == phone]

    plays = []
    for place, script in enumerate(scripts(folder, on)):
        notes = await rehearse(
            url, now=clock.now, tell=tell, texts=texts, script=script, wanted=script.wanted, times_before=place
        )
        plays.append((script, examples_of(notes.exchanges)))
    return plays


async def played(chosen: Settings, folder: Path, on: date, tell: Callable[[str], None]) -> Played:
    """The same in a house that is opened for it."""
    async with opened(chosen, tell) as url:
        return await played_here(chosen, url, folder, on, tell)


def record(plays: Played, folder: Path) -> Iterator[Path]:
    """Write the examples of today's documents where they differ, and those of released documents that have none yet."""
    for place, (script, examples) in enumerate(plays):
        for line, example in examples.items():
            if place == 0 and write(file := example_file(folder, *line), example):
                yield file
            document = script.documents[line].id
            if document in script.registered and is_whole(example):
                frozen = frozen_file(folder, line[0], document)
                if not frozen.exists() and write(frozen, {"operation": line[1]} | example, compact=True):
                    yield frozen


def stale(script: Script, folder: Path) -> Iterator[Path]:
    """Files of operations that are no longer shipped."""
    for file in sorted(folder.glob("*/examples/*.json")):
        if (file.parts[-3], file.stem) not in script.documents:
            yield file
