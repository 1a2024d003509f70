"""The files of recorded examples: one for each operation of an audience, and one for each document of a frozen release."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from api.examples.placeholders import Placeholders
from mobile_contracts.rehearsal.notes import Exchange, is_success

Example = dict[str, Any]


def example_file(folder: Path, audience: str, operation: str) -> Path:
    return folder / audience / "examples" / f"{operation}.json"


def frozen_file(folder: Path, audience: str, document_id: str) -> Path:
    """The example that was recorded for a document of a release; it is never written again."""
    return folder / audience / "releases" / "examples" / f"{document_id}.json"


def examples_of(exchanges: Iterable[Exchange]) -> dict[tuple[str, str], Example]:
    """For each audience and operation that was answered: its most telling success, and one of each problem."""
    heard: dict[tuple[str, str], list[Exchange]] = {}
    for exchange in exchanges:
        heard.setdefault((exchange.audience, exchange.operation), []).append(exchange)
    return {key: _example(each) for key, each in heard.items()}


def _example(exchanges: list[Exchange]) -> Example:
    best = max((one for one in exchanges if is_success(one)), key=lambda one: one.weight, default=None)
    problems = {one.problem: one for one in reversed(exchanges) if one.problem}
    made = _written(best) if best else {}
    if problems:
        made["problems"] = {str(name): _written(one) for name, one in sorted(problems.items(), key=str)}
    return made


def _written(exchange: Exchange) -> Example:
    """As the file holds it: an operation has one `answer`, a subscription the first `events`."""
    stand_ins = Placeholders(exchange.variables, exchange.answers)
    variables, answers = stand_ins.plain(exchange.variables), stand_ins.plain(exchange.answers)
    return {"variables": variables} | ({"answer": answers[0]} if len(answers) == 1 else {"events": answers})


def answers_in(example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All answers that an example holds, problems too."""
    own = example.get("events") or ([example["answer"]] if "answer" in example else [])
    return [*own, *(answer for problem in example.get("problems", {}).values() for answer in answers_in(problem))]


def is_whole(example: Mapping[str, Any]) -> bool:
    """Whether it shows a success."""
    return "answer" in example or "events" in example


def read(file: Path) -> Example:
    found: Example = orjson.loads(file.read_bytes())
    return found


def write(file: Path, example: Example, *, compact: bool = False) -> bool:
    """Write it where it differs; answers whether it did."""
    text = orjson.dumps(example, option=0 if compact else orjson.OPT_INDENT_2) + b"\n"
    if file.exists() and file.read_bytes() == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)
    return True
