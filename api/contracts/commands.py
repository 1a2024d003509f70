"""`pannier contracts`: print the schemas, freeze a release, and ask what phones out there still rely on."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
import orjson
import typer
from graphql import GraphQLError, GraphQLSchema, build_schema

from api.authorisation import print_page
from api.contracts.check import check
from api.contracts.deprecations import without_a_plan
from api.contracts.printing import core_schema, print_schemas
from api.contracts.releasing import ContractProblem, app_version, bears, release
from api.contracts.telling import as_facts, as_sentences, usage_facts, usage_sentences
from api.contracts.usage import Asked, read_counts, still_used, strangers, usage_of
from api.engine.manifest import apollo_form, relay_form
from api.releases.apps import AppVersion
from api.releases.frozen import Release, Unknown
from api.releases.shelf import FOLDER, read_shelf, read_shelves
from services.kernel.actors import Audience
from services.kernel.clock import wall
from services.settings import settings

app = typer.Typer(
    help="What phones rely on: printed schemas, frozen releases, and the check that no phone out there breaks.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]
App = Annotated[Audience, typer.Argument(help="Whose app: consumer, store, courier or support.")]
Platform = Annotated[str, typer.Argument(help="ios, android or web.")]
ItsVersion = Annotated[str, typer.Argument(metavar="VERSION", help="Three numbers, such as 1.0.0.")]


@app.command(name="print")
def print_contracts(as_json: AsJson = False) -> None:
    """Write each audience's schema to mobile_contracts/<audience>/schema.graphql, and who may do what, where they differ."""
    written = [str(file) for file in (*print_schemas(), *print_page())]
    _tell({"written": written}, "\n".join(written) or "The printed schemas are those that are served.", as_json)


@app.command(name="release")
def release_app(
    whose: App,
    platform: Platform,
    version: ItsVersion,
    manifest: Annotated[
        Path | None, typer.Option(help="The manifest that the app's own build wrote, in Apollo's form or in Relay's (SHA-256).")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day it ships, such as 2026-12-01; today by default.")
    ] = None,
    *,
    bears_unknown: Annotated[
        bool | None,
        typer.Option(
            "--bears-unknown/--breaks-on-unknown",
            help="Whether it survives enum values and types that it does not know. Native apps do by default, web apps do not.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Freeze what a version of an app sends, so that it is answered for 18 months and no change may break it.

    Without --manifest these are mobile_contracts/<app>/operations/*.graphql as Apollo Client for web sends them. A release is
    never changed: one that exists is refused, as is a document that the door would not run.
    """
    of = app_version(whose, platform, version)
    borne = bears(platform) if bears_unknown is None else frozenset(Unknown if bears_unknown else ())
    frozen, files = release(of, contracts_folder(), on=_day(on), manifest=manifest, bears_unknown=borne)
    facts = _facts(frozen) | {"files": [str(file) for file in files]}
    sentence = (
        f"{frozen}: {len(frozen.operations)} operations, answered until {frozen.served_until}. "
        f"Commit {files[-1].parent} and deploy it before the app ships."
    )
    _tell(facts, sentence, as_json)


@app.command(name="list")
def list_releases(as_json: AsJson = False) -> None:
    """List the releases there are, and whether each is still answered."""
    today = wall().date()
    rows = [
        (shelf.is_served(frozen, today), frozen)
        for shelf in read_shelves(contracts_folder()).values()
        for frozen in shelf.releases
    ]
    lines = [
        f"{frozen!s:28} {len(frozen.operations):3} operations, {'answered until' if served else 'ended;'} {frozen.served_until}"
        for served, frozen in rows
    ]
    _tell({"releases": [_facts(frozen) | {"served": served} for served, frozen in rows]}, "\n".join(lines), as_json)


@app.command()
def export(
    whose: App,
    platform: Platform,
    version: ItsVersion,
    form: Annotated[str, typer.Option(help="apollo: as the file is; relay: an object of id and document.")] = "apollo",
) -> None:
    """Print a release's manifest in the form that a client's tools read."""
    of = app_version(whose, platform, version)
    forms = {"apollo": apollo_form, "relay": relay_form}
    if form not in forms:
        raise ContractProblem(f"There is no form {form!r}: it is apollo or relay.")
    write: Any = forms[form]
    typer.echo(orjson.dumps(write(_found(of).operations), option=orjson.OPT_INDENT_2))


@app.command(name="check")
def check_contracts(
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Check as of this day; today by default.")] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(
            metavar="APP=FILE", help="Try this schema of an app's, as it is printed, instead of today's; again for others."
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare the schemas as they are with every operation of every release still answered: would a phone out there break?

    Exit code 0: nobody would. 1: somebody would, and each line says who, where, and what to do instead.
    """
    day, folder = _day(on), contracts_folder()
    schemas = {audience: core_schema(audience) for audience in Audience} | dict(map(tried_schema, schema or ()))
    report = check(read_shelves(folder), schemas, folder, day)
    unplanned = [where for schema in schemas.values() for where in without_a_plan(schema)]
    _tell(as_facts(report, unplanned), as_sentences(report, unplanned), as_json)
    raise typer.Exit(1 if report.findings or unplanned else 0)


def tried_schema(told: str) -> tuple[Audience, GraphQLSchema]:
    """An app and the schema that is proposed for it, told as `consumer=changed.graphql`. Raises ContractProblem."""
    name, _, file = told.partition("=")
    audience = next((one for one in Audience if one == name), None)
    if audience is None or not file:
        raise ContractProblem(f"A schema to try is told as consumer=FILE, not {told!r}.")
    try:
        return audience, build_schema(Path(file).read_text("utf-8"))
    except (OSError, UnicodeError, GraphQLError, TypeError) as wrong:
        raise ContractProblem(f"{file} is no schema: {wrong}") from wrong


def tell_usage(asked: Asked, *, as_json: bool) -> None:
    """Tell who asked for what: by release, and what of it is deprecated."""
    shelves = read_shelves(contracts_folder())
    usages = usage_of([release for shelf in shelves.values() for release in shelf.releases], asked)
    old = [one for each in usages for one in still_used(each, core_schema(Audience(each.release.of.app)))]
    _tell(usage_facts(usages, old, strangers(asked)), usage_sentences(usages, old, strangers(asked)), as_json)


def counts_at(urls: Iterable[str]) -> Asked:
    """What these gateways' metrics count together. Raises ContractProblem where there are none."""
    return read_counts(_page(url) for url in urls)


def _page(url: str) -> str:
    token = settings().metrics_token.get_secret_value()
    try:
        answer = httpx.get(url, headers={"authorization": f"Bearer {token}"} if token else {}, timeout=10).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as away:
        raise ContractProblem(f"No metrics at {url}: {away}.") from away
    return answer.text


def contracts_folder() -> Path:
    """Where the contracts are kept: the house's own folder unless a setting names another."""
    return settings().contracts_folder or FOLDER


def _found(of: AppVersion) -> Release:
    found = read_shelf(Audience(of.app), contracts_folder()).release_of(of)
    if found is None:
        raise ContractProblem(f"There is no release {of}; `pannier contracts list` shows those there are.")
    return found


def _day(text: str | None) -> date:
    if text is None:
        return wall().date()
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise ContractProblem(f"A day is written as 2026-12-01, not {text!r}.") from wrong


def _facts(frozen: Release) -> dict[str, Any]:
    return {
        "app": frozen.of.app,
        "platform": frozen.of.platform,
        "version": str(frozen.of.version),
        "releasedOn": frozen.released_on,
        "servedUntil": frozen.served_until,
        "operations": len(frozen.operations),
    }


def _tell(facts: dict[str, Any], sentence: str, as_json: bool) -> None:
    typer.echo(orjson.dumps(facts, default=str, option=orjson.OPT_INDENT_2).decode() if as_json else sentence)
