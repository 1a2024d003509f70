"""The words of pushes: templates as data, one file a language, filled with names and times only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.lists import format_list

from services.kernel.actors import Audience

FOLDER = Path(__file__).parent / "languages"
DEFAULT_LANGUAGE = "en"
LONGEST_NAME = 60

TEMPLATES: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a template is filled with; `at` is shown by the clocks of `time_zone`."""

    stores: Sequence[str]
    number: str = ""
    at: datetime | None = None
    time_zone: str = "UTC"


def language_of(locale: str) -> str:
    """The language we speak to a device set to `locale` (`sv-FI` gets Swedish, an unknown one English)."""
    language = locale.split("-", 1)[0]
    return language if language in TEMPLATES else DEFAULT_LANGUAGE


def say(audience: Audience, kind: str, said: Said, locale: str) -> tuple[str, str]:
    """Title and body of a push of this kind."""
    language = language_of(locale)
    template = TEMPLATES[language][audience][kind]
    values = {
        "store": format_list([_short(name) for name in said.stores], locale=language) if said.stores else "",
        "number": said.number,
        "time": _clock_time(said, language),
    }
    return template["title"].format(**values), template["body"].format(**values)


def _clock_time(said: Said, language: str) -> str:
    if said.at is None:
        return ""
    # The 24-hour clock of the city, in every language.
    return format_time(said.at.astimezone(ZoneInfo(said.time_zone)), "HH:mm", locale=language)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
