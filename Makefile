# Two commands do everything: `make run` starts the service, `make test` proves it.
PYTHON ?= python3
KHAIBAO_HOME ?= var
VENV := .venv
UV := $(VENV)/bin/uv
export KHAIBAO_HOME

.PHONY: run test bench lint types contracts words setup clean

run: setup
	$(VENV)/bin/khaibao serve

test: setup lint types contracts words
	$(VENV)/bin/pytest -n auto --dist worksteal

# BENCH may name some of the benchmarks, or be --short.
bench: setup
	$(VENV)/bin/python -m tests.bench $(BENCH)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: setup
	$(VENV)/bin/mypy

contracts: setup
	$(VENV)/bin/lint-imports

words: setup
	$(VENV)/bin/khaibao words check

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml uv.lock
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet 'uv>=0.9'
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) sync --quiet --active --frozen
	touch $@

clean:
	rm -rf $(VENV)
