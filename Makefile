# The commands of Pannier; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help install run test check bench sockets search hostile overload differ lock
SHELL := /bin/sh
PY := .venv/bin/python
# What else to tell the command: make test ARGS="-k order", make run ARGS="--speed 60".
ARGS ?=
WORKERS ?= logical

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

run: ## start everything and show the city live on a board; Ctrl-C ends it
	@deploy/install run
	@exec .venv/bin/pannier up $(ARGS)

test: install ## the whole suite, in parallel, on databases of its own
	@exec $(PY) -m pytest -n $(WORKERS) $(ARGS)

check: install ## format, lint, types, import contracts, then the tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

bench: install ## measure a real server; a table here and JSON under bench/results
	@exec $(PY) -m bench $(ARGS)

sockets: install ## five thousand sockets beside graphql-ws on Node, and all of them dropped at once (ARGS="--part fan-out")
	@exec $(PY) -m bench.sockets $(ARGS)

search: install ## searches among 50,000 stores and 2 million items, a quarter of an hour (ARGS="--stores 2000 --items 80000")
	@exec $(PY) -m bench.search $(ARGS)

differ: install ## the engine against graphql-core on random documents (ARGS="--cases 1000000 --seed 1")
	@exec $(PY) -m tests.unit.engine.differential $(ARGS)

hostile: install ## what each known attack costs the gateway in CPU; fails beyond ten milliseconds
	@exec $(PY) -m bench.hostile

overload: install ## three times what the gateway can do: goodput by class, as a table and JSON (ARGS="--seconds 20")
	@exec $(PY) -m bench.overload $(ARGS)

lock: install ## write the lock files again from pyproject.toml (ARGS=--upgrade for newer versions)
	@deploy/lock $(ARGS)

install:
	@deploy/install dev
