# The commands of this house. Needed first: Python >= 3.11 with venv, make, and a package index that pip is set up for.
#
# pip does every installation, because the machine's pip configuration (index, certificates, proxy) is the one thing a
# newcomer already has; locks carry hashes and no addresses, so any honest index will do. uv only compiles the locks.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Stamps: each stands for one finished installation and is younger than what it was made from, so that a second
# `make run` installs nothing.
VENV_MADE   := $(VENV)/.made
RUN_READY   := $(VENV)/.ready-to-run
TEST_READY  := $(VENV)/.ready-to-test
NODE_READY  := node_modules/.ready

PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCKED      := --require-hashes --no-deps

CHECKED := src tests $(wildcard bench) $(wildcard examples)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-all check format bench lock clean

help:  ## Show these targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

install: $(TEST_READY) $(NODE_READY)  ## Set up .venv and node_modules; run and test begin with it.

run: $(RUN_READY)  ## Start a server with demo data on http://127.0.0.1:8090.
	@exec $(BIN)/frontdesk serve --demo --data ./frontdesk-data

test: check $(NODE_READY)  ## Everything CI runs: check, then all tests that are not slow.
	$(BIN)/python -m pytest -n auto -m "not slow"

test-all: check $(NODE_READY)  ## The same, with the slow tests (soaks, fifty crashes).
	$(BIN)/python -m pytest -n auto

check: $(TEST_READY)  ## Lint, formatting, strict types, and that imports point down.
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports

format: $(TEST_READY)  ## Let ruff put the code in order.
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: $(TEST_READY)  ## The benchmarks; the table goes to bench/results/latest.json too.
	$(BIN)/python -m bench

# --upgrade is left to the caller: `make lock UPGRADE=--upgrade`.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --system-certs --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header $(UPGRADE)

lock: $(TEST_READY)  ## Compile the locks from pyproject.toml (UPGRADE=--upgrade for newer versions).
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --output-file requirements-dev.lock --group dev --constraint requirements.lock
	$(BIN)/uv pip compile --group build
	$(BIN)/npm install --package-lock-only

clean:  ## Remove what was installed or cached; ./frontdesk-data stays.
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +

# The set-up, in the order in which it happens.

$(VENV_MADE): requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Frontdesk needs Python 3.11 or newer; '$(PYTHON)' is not. Name another one: make PYTHON=/path/to/python3.11 run" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) $(LOCKED) -r requirements-build.lock
	@touch $@

$(RUN_READY): $(VENV_MADE) requirements.lock pyproject.toml
	$(PIP_INSTALL) $(LOCKED) -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_READY): $(RUN_READY) requirements-dev.lock
	$(PIP_INSTALL) $(LOCKED) -r requirements-dev.lock
	@touch $@
