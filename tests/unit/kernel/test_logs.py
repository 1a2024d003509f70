"""Log lines: one JSON object each, named after their request, without anything personal."""

from typing import Any, cast

import orjson
import pytest
import structlog

from services.kernel.logs import configure_logs
from services.kernel.request_context import request_id


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line: dict[str, object] = orjson.loads(capsys.readouterr().out)
    line.pop("timestamp")
    return line


def test_a_line_names_its_request_and_masks_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(readable=False)
    mark = request_id.set("request-1")
    structlog.get_logger().warning("something", phone="+358401234567", token="abc", count=2)
    request_id.reset(mark)
    assert logged(capsys) == {
        "event": "something",
        "level": "warning",
        "request_id": "request-1",
        "phone": "***",
        "token": "***",
        "count": 2,
    }


def stumble(phone: str) -> None:
    raise ValueError(f"no such number {phone}\nDETAIL:  Key (name)=(Aino) exists.")


def test_an_exception_tells_where_and_nothing_about_whom(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(readable=False)
    try:
        stumble("+358401234567")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = logged(capsys)
    assert (line["event"], line["level"]) == ("failed", "error")
    (told,) = cast("list[dict[str, Any]]", line["exception"])
    assert (told["exc_type"], told["exc_value"]) == ("ValueError", "no such number +***")
    assert [frame["name"] for frame in told["frames"]][-1] == "stumble"
    assert "401234567" not in str(line)
    assert "Aino" not in str(line)
