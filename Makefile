# `make help` lists what there is. Everything is made inside this folder: .venv, .clients, .fuzz, .peers, node_modules, instance.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env run test test-all lint demo phrasebook bench soak operate image release licences lock

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
CLIENTS_STAMP := .clients/.made
FUZZ_STAMP := .fuzz/.made
PEERS_STAMP := .peers/.made
NPM_STAMP := node_modules/.made
PIP := $(BIN)/pip --disable-pip-version-check
INSTANCE ?= instance
MINUTES ?= 30
ROUNDS ?= 20
AWAY ?= 600
EXAMPLES ?= 40
# The slow tests start the program hundreds of times; without bytecode each start compiles it anew.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	  command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## build the Python environment in .venv, every version and hash locked

run: $(STAMP) ## make your status page in the browser, then serve it on loopback; INSTANCE=DIR keeps it elsewhere than in ./instance
	@exec $(BIN)/statuspage serve --home $(INSTANCE)

test: $(STAMP) ## the quick tests; Python is all they need
	TMPDIR=$$(.ci/scratch 2000000) $(BIN)/pytest -n auto --dist loadfile -m "(unit or integration or contract) and not slow"

test-all: test ## every test: the quick ones, then the others; on Debian as root, first install what they need
	@.ci/machine tests
	@$(MAKE) --no-print-directory $(NPM_STAMP) $(CLIENTS_STAMP) $(FUZZ_STAMP)
	TMPDIR=$$(.ci/scratch 6000000) $(BIN)/pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder -m "e2e or system or slow"  # they often wait

lint: $(STAMP) ## ruff (rules and format), mypy --strict and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

demo: $(STAMP) ## play a whole incident unattended, live and as a drill, and say what happened
	@$(BIN)/python -m tools.demo

phrasebook: $(STAMP) ## print what the sample content says into build/phrasebook.md, build/stories.md and build/trade_stories.md
	@$(BIN)/python -m tools.phrasebook
	@$(BIN)/python -m tools.stories
	@$(BIN)/python -m tools.trade_stories

bench: $(STAMP) ## measure what publishing costs, beside its budgets; SIZE=full with a hundred thousand incidents, SHORT=1 in a minute
	@.ci/machine bench
	@[ -n "$(SHORT)" ] || npm ci --prefix bench --silent || true
	@[ -n "$(SHORT)" ] || $(MAKE) --no-print-directory $(PEERS_STAMP) || true
	@$(BIN)/python -m bench

soak: $(STAMP) ## mixed use with a bad X, every command of both environments, the long kill matrix, killed mailings, ten minutes without a database; MINUTES=… EXAMPLES=… ROUNDS=… AWAY=…
	$(BIN)/python -m tools.soak --minutes $(MINUTES)
	$(BIN)/python -m tests.support.both_environments --examples $(EXAMPLES)
	$(BIN)/python -m tests.support.kill_matrix --rounds $(ROUNDS)
	$(BIN)/python -m tests.support.bulk_sends_killed --kills $(ROUNDS)
	AWAY_SUBSCRIBERS=5000 AWAY_SECONDS=$(AWAY) $(BIN)/pytest -s tests/system/test_database_away.py -k "in_the_middle and fast and not worker-fast"

operate: $(STAMP) ## carry out the quick start and the first hour from first to last, the installed wheel too (as root)
	@.ci/machine tests
	@$(BIN)/python -m tools.operate

image: $(STAMP) ## an image of the program in dist/, made without any registry of images, and run once (as root, on Debian)
	@.ci/machine image
	@$(BIN)/python -m tools.image

release: $(STAMP) ## wheel, source archive, bill of materials and SHA256SUMS in dist/, tried: installed in an empty environment, the demo played from it
	@$(BIN)/python -m tools.release

licences: $(STAMP) ## print the licences of everything the lock names into docs/reference/licences.md
	@$(BIN)/python -m tools.licences

lock: $(STAMP) ## resolve the newest versions that fit pyproject.toml and lock them
	$(eval LOCKER := $(shell mktemp -d))
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/pip install --quiet --disable-pip-version-check uv
	$(LOCKER)/bin/uv $(RESOLVE) --extra dev --output-file constraints-dev.txt >/dev/null
	$(LOCKER)/bin/uv $(RESOLVE) --extra postgres --extra s3 --extra apprise --extra age --extra pdf --extra gunicorn --constraints constraints-dev.txt --output-file constraints.txt >/dev/null
	$(LOCKER)/bin/uv $(LOCKED) tests/clients.in --output-file tests/clients.txt >/dev/null
	$(LOCKER)/bin/uv $(LOCKED) tests/fuzz.in --output-file tests/fuzz.txt >/dev/null
	$(LOCKER)/bin/uv $(LOCKED) bench/peers.in --output-file bench/peers.txt >/dev/null
	rm -rf $(LOCKER)
	npm install --package-lock-only --silent
	npm install --package-lock-only --silent --prefix bench

LOCKED := pip compile --quiet --system-certs --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade
RESOLVE := $(LOCKED) pyproject.toml --group build

$(STAMP): pyproject.toml constraints-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@PYTHON=$(PYTHON) .ci/machine venv
	@echo "Building $(VENV) with $$($(PYTHON) --version)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --require-hashes --requirement constraints-dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(CLIENTS_STAMP): tests/clients.txt
	@echo "Building .clients, programs of others that read what we publish"
	@test -x .clients/bin/pip || $(PYTHON) -m venv .clients
	@.clients/bin/pip --disable-pip-version-check install --quiet --require-hashes --requirement tests/clients.txt
	@touch $@

$(FUZZ_STAMP): tests/fuzz.txt
	@echo "Building .fuzz, which tries the API"
	@test -x .fuzz/bin/pip || $(PYTHON) -m venv .fuzz
	@.fuzz/bin/pip --disable-pip-version-check install --quiet --require-hashes --requirement tests/fuzz.txt
	@touch $@

$(PEERS_STAMP): bench/peers.txt
	@echo "Building .peers, site generators that are measured beside ours"
	@test -x .peers/bin/pip || $(PYTHON) -m venv .peers
	@.peers/bin/pip --disable-pip-version-check install --quiet --require-hashes --requirement bench/peers.txt
	@touch $@

$(NPM_STAMP): package.json package-lock.json
	@npm ci --silent
	@touch $@
