"""What a check found, in words a developer can act on, and as facts for a program."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from api.contracts.breaks import ADVICE, Break
from api.contracts.check import Finding, Report


def as_facts(report: Report, unplanned: Sequence[str]) -> dict[str, Any]:
    """The report as one JSON object."""
    return {
        "releases": [str(release) for release in report.releases],
        "operations": report.operations,
        "breaks": [_fact(finding) for finding in report.findings],
        "deprecationsWithoutPlan": list(unplanned),
    }


def as_sentences(report: Report, unplanned: Sequence[str]) -> str:
    """The report for a person: each break once, then who would meet it, then what to do instead."""
    return "\n".join(_lines(report, unplanned))


def _lines(report: Report, unplanned: Sequence[str]) -> Iterator[str]:
    looked_at = f"{report.operations} operations of {len(report.releases)} releases"
    who_breaks = defaultdict(list)
    for finding in report.findings:
        who_breaks[finding.found].append(finding)
    for found, findings in who_breaks.items():
        yield from _break(found, findings)
    for where in unplanned:
        yield f"{where} does not say what comes after it."
        yield "  Word it `Use X instead; removed after 2028-01-31`."
    if who_breaks:
        changes = "1 change" if len(who_breaks) == 1 else f"{len(who_breaks)} changes"
        yield f"{looked_at}: {changes} would break apps that phones have."
        yield "`pannier contracts usage` says who still asks; mobile_contracts/<app>/minimum.json ends old versions."
    elif not unplanned:
        yield f"{looked_at}: nothing would break."


def _break(found: Break, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"{found.where}: {found.says}"
    for finding in findings:
        yield f"    {finding.release}  {finding.operation}  {finding.found.path}".rstrip()
    until = max(finding.release.served_until for finding in findings)
    yield f"  {ADVICE[found.kind]} The last of these is answered until {until}."
    yield ""


def _fact(finding: Finding) -> dict[str, Any]:
    of = finding.release.of
    return {
        "app": of.app,
        "platform": of.platform,
        "version": str(of.version),
        "operation": finding.operation,
        "path": finding.found.path,
        "where": finding.found.where,
        "kind": finding.found.kind,
        "says": finding.found.says,
        "servedUntil": finding.release.served_until,
        "instead": ADVICE[finding.found.kind],
    }
