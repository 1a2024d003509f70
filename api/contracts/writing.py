"""Files that are made from what is true now: written where they differ, and told."""

from collections.abc import Iterator
from pathlib import Path


def write_where_it_differs(file: Path, text: str) -> Iterator[Path]:
    """Write the file unless it says this already; yields it if it was written."""
    if file.exists() and file.read_text("utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    yield file
