# Every target does its own set-up in .venv, the first time and when what it needs changed;
# `benchmark` does it in an environment that holds other libraries besides.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-benchmark
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check lint test-slow docs benchmark clean

demo: $(VENV)/.installed
	$(BIN)/espelho fit autoencoder digits --latent-dim 8 --random-state 0 --run runs/demo --force

test check: lint
	$(BIN)/python -m pytest -n 2 -m "not slow" --cov --cov-report=term:skip-covered

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(VENV)/.development
	$(BIN)/python -m pytest -n 2 -m slow

docs: $(VENV)/.documentation
	$(BIN)/sphinx-build -W --keep-going -b html docs site

benchmark: $(PEERS)/.installed
	$(PEERS)/bin/python -m benchmarks.speed

clean:
	rm -rf $(VENV) $(PEERS) site docs/gallery docs/api/generated .mypy_cache .pytest_cache .ruff_cache

# torch first and alone: then nothing else decides which build of it comes.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch
	$(PIP) --editable .
	touch $@

$(VENV)/.development: $(VENV)/.installed
	$(PIP) --editable ".[dev]"
	touch $@

$(VENV)/.documentation: $(VENV)/.installed
	$(PIP) --editable ".[docs]"
	touch $@

$(PEERS)/.installed: BIN = $(PEERS)/bin
$(PEERS)/.installed: pyproject.toml constraints.txt benchmarks/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PIP) torch
	$(PIP) --editable .
	$(PIP) --requirement benchmarks/peers.txt
	touch $@
