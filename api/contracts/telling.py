"""What a check found, in words a developer can act on, and as facts for a program."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from api.contracts.breaks import ADVICE, Break
from api.contracts.check import Finding, Report
from api.contracts.usage import ReleaseUsage, StillUsed


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


def usage_facts(usages: Sequence[ReleaseUsage], old: Sequence[StillUsed], unnamed: int) -> dict[str, Any]:
    """Who still uses what, as one JSON object."""
    return {
        "releases": [
            {
                "app": usage.release.of.app,
                "platform": usage.release.of.platform,
                "version": str(usage.release.of.version),
                "servedUntil": usage.release.served_until,
                "asked": usage.total,
                "operations": dict(usage.asked),
                "neverAsked": usage.never,
            }
            for usage in usages
        ],
        "deprecated": [
            {"where": one.where, "reason": one.reason, "by": str(one.of), "operations": dict(one.operations)} for one in old
        ],
        "askedWithoutRelease": unnamed,
    }


def usage_sentences(usages: Sequence[ReleaseUsage], old: Sequence[StillUsed], unnamed: int) -> str:
    """Who still uses what, for a person."""
    lines = []
    for usage in usages:
        asked = len(usage.release.operations) - len(usage.never)
        seen = (
            f"asked {usage.total} times for {asked} of {len(usage.release.operations)} operations" if usage.total else "not seen"
        )
        lines.append(f"{usage.release!s:26} {seen}; answered until {usage.release.served_until}")
        if usage.total and usage.never:
            lines.append(f"    never: {', '.join(usage.never)}")
    for one in old:
        asking = ", ".join(f"{name} {times} times" for name, times in sorted(one.operations.items()))
        lines.append(f"{one.where} is deprecated ({one.reason}), and {one.of} still relies on it: {asking}")
    if not old:
        lines.append("Nothing deprecated was asked for.")
    lines.append(f"{unnamed} requests named no release.")
    return "\n".join(lines)
