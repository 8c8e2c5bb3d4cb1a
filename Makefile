# make run: an environment, then every experiment up to date. PYTHON and VENV can be set: make run VENV=/tmp/venv
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CORES ?= all
STAMP := $(VENV)/.installed
STAMP_DEV := $(VENV)/.installed-dev
# pip says nothing while it works, or too much: a line a package, and how long it took.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt
LINES := awk '/^(Collecting|Processing) / {sub(".*/", "", $$2); print "  " ++n " " $$2} /^Installing collected/ {print "  installing " NF - 3 " packages"} {fflush()}'

.PHONY: help run test lint clean

help:
	@echo "make run    bring every experiment up to date (the same: hcutal run, snakemake -c all)"
	@echo "make test   linters, types and tests"
	@echo "make lint   linters and types alone"
	@echo "make clean  remove results and logs; DVC's cache and MLflow's runs stay"

run: $(STAMP)
	$(BIN)/hcutal run --cores $(CORES)

test: lint
	$(BIN)/pytest -n 2 --dist loadgroup

lint: $(STAMP_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/codespell
	$(BIN)/snakemake --lint

clean:
	rm -rf data features results resolved.json .hcutal .snakemake .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "hcutal needs Python 3.11 to 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			"Name another one: make run PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up $(VENV): some 190 packages, 2 GB on the disk; 2 to 10 minutes, by the network"
	@start=$$(date +%s); $(PIP) -e . | $(LINES) && echo "set up in $$(($$(date +%s) - start)) s"
	@touch $@

$(STAMP_DEV): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up $(VENV): some 210 packages, 2 GB on the disk; 2 to 10 minutes, by the network"
	@start=$$(date +%s); $(PIP) -e '.[dev]' | $(LINES) && echo "set up in $$(($$(date +%s) - start)) s"
	@touch $(STAMP) $@
