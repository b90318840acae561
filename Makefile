# `make help` lists what there is. Everything is made inside this folder: .venv, node_modules, instance.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help env run test lint demo bench lock

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	  command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## the Python environment in .venv, from the locked versions

$(STAMP): pyproject.toml constraints-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
