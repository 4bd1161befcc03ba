# make demo   a made-up platform, its suspected fleets, a report to open
# make test   everything that must hold
#
# Both need Python 3.11 or newer and a package index, and set up the rest in .venv.

VENV := .venv
BIN := $(VENV)/bin
ACCOUNTS ?= 8000
DAYS ?= 7
EVASION ?= 1
SEED ?= 1
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint docs bench quality peers clean

help:  ## say what there is
	@echo "make demo      simulate a platform, find its fleets, name the report to open"
	@echo "               (ACCOUNTS=$(ACCOUNTS) DAYS=$(DAYS) EVASION=$(EVASION) SEED=$(SEED) may be set)"
	@echo "make test      formatting, types, layers, tests, documentation"
	@echo "make lint      the part of it that needs no run"
	@echo "make docs      write the generated pages of docs/ again"
	@echo "make quality   figures of quality on made-up and real logs (ARGS=...)"
	@echo "make peers     the same worlds for other detectors, side by side (ARGS=...)"
	@echo "make bench     figures of speed (ARGS=...)"
	@echo "make setup     .venv with all that development needs"
	@echo "make clean     remove .venv and what runs left behind"
	@echo "PYTHON=python3.12 names the Python to use."

# The stamps are as old as the last set-up for this pyproject.toml.
$(VENV)/.for-use: pyproject.toml scripts/set_up.sh
	@PYTHON="$(PYTHON)" scripts/set_up.sh $(VENV) .
	@touch $@

$(VENV)/.for-development: pyproject.toml scripts/set_up.sh
	@PYTHON="$(PYTHON)" scripts/set_up.sh $(VENV) '.[dev]'
	@touch $@ $(VENV)/.for-use

setup: $(VENV)/.for-development

demo: $(VENV)/.for-use
	@BIN=$(BIN) scripts/demo.sh --accounts $(ACCOUNTS) --days $(DAYS) --evasion $(EVASION) --seed $(SEED)

lint: $(VENV)/.for-development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@scripts/system_packages.sh
	$(BIN)/pytest -n auto -rfEs $(ARGS)

docs: $(VENV)/.for-development
	$(BIN)/python -m scripts.write_docs

bench quality: $(VENV)/.for-development
	$(BIN)/python benchmarks/$@.py $(ARGS)

peers: $(VENV)/.for-development
	$(BIN)/python benchmarks/side_by_side.py $(ARGS)

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -prune -exec rm -rf {} +
