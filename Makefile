# `make run` starts Linkhold; `make test` runs every check that this machine can run.
# `make lock` renews the locked dependencies; `make help` lists all.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter on the machine that is new enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run setup test lint lock translations clean

help: ## Say what each target does.
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort

run: setup ## Start Linkhold on its embedded PostgreSQL.
	@$(BIN)/linkhold serve

setup: $(VENV)/.installed ## Make the virtual environment with the locked dependencies.

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Linkhold needs Python 3.11 or later: install it, or name it with 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.checks: $(VENV)/.installed requirements/dev.txt
	@echo "Installing what the checks need …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

lint: $(VENV)/.checks ## Formatting, lint, types and the order of rooms.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >$(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

# Held against the clock, so nothing else runs beside it.
ALONE := tests/browser/test_lighthouse.py

test: lint ## Every check that this machine can run; what is missing is said.
	@$(BIN)/pytest $(ALONE)
	@$(BIN)/pytest --numprocesses auto --dist worksteal --ignore tests/install --ignore $(ALONE)

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet

lock: ## Renew the locked dependencies (needs uv).
	$(LOCK) pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(LOCK) pyproject.toml requirements/build.in --extra gunicorn --constraints requirements/run.txt --output-file requirements/gunicorn.txt
	$(LOCK) pyproject.toml --group dev --constraints requirements/run.txt --output-file requirements/dev.txt

PO := src/linkhold/translations
translations: $(VENV)/.checks ## Bring new messages into the catalogues, and compile those.
	@$(BIN)/pybabel --quiet extract --no-location --mapping-file babel.cfg --keyword sentence \
		--sort-output --output $(PO)/linkhold.pot src
	@$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --domain linkhold \
		--input-file $(PO)/linkhold.pot --output-dir $(PO)
	@sed -i '/^"POT-Creation-Date:/d' $(PO)/*/LC_MESSAGES/linkhold.po  # it would differ in every commit
	@$(BIN)/pybabel --quiet compile --domain linkhold --directory $(PO)
	@rm $(PO)/linkhold.pot

clean: ## Remove the virtual environment and the caches; the data directory is not touched.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .coverage* dist
