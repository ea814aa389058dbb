# make report | test | lint | bench | docs | clean
#
# Each target sets up what it needs in $(VENV) once; a stamp named after the content of
# pyproject.toml and the place of this folder remembers it, so that a second run touches no network,
# and a change of either installs anew. An existing environment is used as it is.

PYTHON ?= python3
VENV ?= .venv
PYTEST_WORKERS ?= auto

BIN := $(VENV)/bin
KEY := $(shell { pwd; cat pyproject.toml; } | cksum | tr ' \t' '--')
STAMP = $(VENV)/.installed-$(1)-$(KEY)

REPORT_DATA := examples/data/seattle_weather.csv
REPORT_COLUMN := wind
REPORT := report.html

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report test lint format bench run-benchmarks docs clean

help:
	@echo 'make report   fit distributions to real data; print a table, write $(REPORT)'
	@echo 'make test     set up everything that the tests need, and run them all'
	@echo 'make lint     ruff and mypy'
	@echo 'make format   let ruff format the code'
	@echo 'make bench    the benchmarks, peers beside them'
	@echo 'make docs     build the documentation into site/'
	@echo 'make clean    remove what the other targets made, environments included'

report: $(call STAMP,base)
	@$(BIN)/mlestim fit $(REPORT_DATA) --column $(REPORT_COLUMN) --distribution gamma --by season
	@echo
	@$(BIN)/mlestim report $(REPORT_DATA) --column $(REPORT_COLUMN) -o $(REPORT) --force

test: $(call STAMP,test)
	@tools/install_chromium.sh
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS)

lint: $(call STAMP,lint)
	@status=0; \
	$(BIN)/python -m ruff check . || status=1; \
	$(BIN)/python -m ruff format --check . || status=1; \
	$(BIN)/python -m mypy || status=1; \
	exit $$status

format: $(call STAMP,lint)
	@$(BIN)/python -m ruff check --fix-only .
	@$(BIN)/python -m ruff format .

# The peers stay out of the environment that the tests run in.
bench:
	@$(MAKE) --no-print-directory VENV='$(VENV)-bench' run-benchmarks

run-benchmarks: $(call STAMP,bench)
	@$(BIN)/python benchmarks/run.py

docs: $(call STAMP,docs)
	@$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs site
	@echo 'Open $(CURDIR)/site/index.html in a browser.'

clean:
	rm -rf '$(VENV)' '$(VENV)-bench' build dist site $(REPORT) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("mlestim needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@$(PYTHON) -m venv '$(VENV)'

# The extra's name is the stem: .installed-test-<key> installs mlestim[test].
$(VENV)/.installed-%-$(KEY): | $(BIN)/python
	@echo 'Setting up $(VENV) ($*) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.$(if $(filter-out base,$*),[$*])'
	@rm -f $(VENV)/.installed-$*-*
	@touch '$@'
