# Everything a newcomer needs. `make help` lists the targets; `make` alone sets everything up.
# Each step leaves a stamp, so a second run does nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
UV_VERSION := 0.13.8
TEST_WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.parley

# mosquitto lives in /usr/sbin, which is not on every user's PATH.
export PATH := $(PATH):/usr/sbin:/usr/local/sbin

.PHONY: help setup demo test check clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  make %-7s %s\n' "$$name" "$$text"; done

setup: $(STAMPS)/encoder ## Create .venv with everything Parley needs (the first run compiles llama.cpp: minutes)
	@echo "Parley is set up. Next: make demo"

demo: $(STAMPS)/encoder ## Ask four robots of four brands for vacant shelf spaces
	@$(BIN)/parley demo warehouse --robots 4

test: $(STAMPS)/encoder ## Run every test: unit, property, integration, end to end
	@$(BIN)/pytest -n $(TEST_WORKERS) --dist loadgroup

check: $(STAMPS)/packages ## Lint, types, import directions, generated diagrams
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m fsm.diagram --check

clean: ## Remove the environment and the caches of the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(STAMPS)/python:
	@scripts/system-packages $(PYTHON)
	@echo "==> Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> Installing uv $(UV_VERSION) into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/python uv.lock pyproject.toml
	@echo "==> Installing the packages of uv.lock"
	@scripts/install-packages
	@touch $@

$(STAMPS)/encoder: $(STAMPS)/packages inference/encoder_setup.py
	@echo "==> Preparing the sentence encoder"
	@$(BIN)/python -m inference.encoder_setup
	@touch $@
