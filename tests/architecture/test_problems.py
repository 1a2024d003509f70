"""Every refusal of the core has its problem, and every problem its refusal."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import api.schema
import services
from api.problems import PROBLEMS
from api.schema.shared.problems import Problem
from services.kernel.errors import Refusal

# Refusals that no app can meet: they are answered to somebody who is not at a GraphQL door, or never leave the core.
WITHIN_THE_HOUSE: set[str] = {
    # Orders decide the amounts and the moment; an app never names either.
    "CaptureTooLarge",
    "GiveBackTooLarge",
    "PaymentNotAuthorised",
}


def every_subclass(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from every_subclass(below)


def everything_imported() -> None:
    for package in (services, api.schema):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def test_every_refusal_has_its_problem() -> None:
    everything_imported()
    refusals = {kind for kind in every_subclass(Refusal) if kind.__module__.startswith("services.")}
    told = {kind.__name__ for kind in refusals if any(above in PROBLEMS for above in kind.__mro__)}
    assert " ".join(sorted({kind.__name__ for kind in refusals} - told - WITHIN_THE_HOUSE)) == ""
    assert told & WITHIN_THE_HOUSE == set()


def test_every_problem_tells_a_refusal() -> None:
    everything_imported()
    problems = {kind for kind in every_subclass(Problem) if kind.__module__.startswith("api.")}
    told = {problem for several in PROBLEMS.values() for problem in several}
    assert sorted(kind.__name__ for kind in problems - told) == []


def test_no_refusal_has_two_problems_of_one_audience() -> None:
    for refusal, problems in PROBLEMS.items():
        rooms = [problem.__module__.split(".")[2] for problem in problems]
        assert sorted(set(rooms)) == sorted(rooms), refusal.__name__
