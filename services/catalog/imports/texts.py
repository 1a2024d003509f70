"""Bytes of a file as text or JSON, whatever wrote them; what had to be assumed is told."""

import codecs
from typing import Any

import orjson

from services.catalog.imports.shapes import RemarkCode, Remarks

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(content: bytes, remarks: Remarks, encoding: str = "auto") -> str | None:
    """The file's text: by its byte-order mark, as UTF-8, else as Windows-1252, which is told; None where it is none of these."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], name)
    if encoding != "auto":
        return _decoded(content, encoding)
    text = _decoded(content, "utf-8")
    if text is not None or b"\x00" in content:
        return text
    text = _decoded(content, "windows-1252")
    if text is not None:
        remarks.warn(0, "", RemarkCode.ENCODING_ASSUMED, "The file is not UTF-8; it was read as Windows-1252.")
    return text


def json_of(content: bytes, remarks: Remarks) -> Any | None:
    """The file's JSON value; None where it is none."""
    text = text_of(content, remarks)
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None


def json_fault(content: bytes) -> str:
    """Why this is not JSON, with the line and column where it breaks."""
    text = text_of(content, Remarks())
    if text is None:
        return "The file is not text in a known encoding."
    try:
        orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        return f"This is not JSON: {error}"
    return ""


def looks_like_json(content: bytes, name: str = "") -> bool:
    """Whether a file is meant as JSON, be it broken: by its name, else by how it begins."""
    ending = name.lower().rpartition(".")[2]
    if ending in {"json", "csv", "tsv"}:
        return ending == "json"
    return (text_of(content, Remarks()) or "").lstrip()[:1] in {"{", "["}


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
