# The only entry points, for people and for CI: setup, demo, test, check, bench, clean.
SHELL := /bin/bash
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench clean

help:
	@echo "make demo   set up, process the sample calls, open the review app on http://localhost:8501"
	@echo "make test   set up what is missing and run all tests"
	@echo "make check  lint and types"
	@echo "make setup  make or update .venv, system packages and the default models"
	@echo "make bench  speed of each stage beside the bare libraries, and accuracy on the generated calls"
	@echo "make clean  remove .venv and caches (never var/, where recordings and decisions lie)"

setup:
	@./scripts/setup.sh

demo: setup
	@$(PY) -m pipelines.cli demo

test: setup
	@$(PY) -m pytest $(PYTEST_ARGS)

check: setup
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: setup
	@$(PY) -m pipelines.cli bench $(BENCH_ARGS)

clean:
	rm -rf .venv build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
