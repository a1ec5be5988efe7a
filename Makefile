# Everything happens in .venv. `make demo` and `make test` set it up; both are quick the second time.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$p; break; }; done)
MB ?= 100
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench clean

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.run  ## Analyse examples/logs and write report.md and report.html
	@$(BIN)/logscope analyze examples/logs --exit-zero -o report.md -o report.html
	@echo
	@echo "The whole plan: $(CURDIR)/report.html (open it in a browser) and $(CURDIR)/report.md"

test: $(VENV)/.dev lint  ## Run linter, type checker and all tests
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: $(VENV)/.dev  ## Run linter, formatter check and type checker
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.run  ## Measure speed and memory on MB (default 100) of made logs, into bench/RESULTS.md
	@$(BIN)/python -m bench.run --mb $(MB) $(BENCH)

clean:  ## Remove .venv, caches, reports and made data
	rm -rf $(VENV) build dist report.md report.html bench/data .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed. Install it" \
		"(on Debian and Ubuntu: apt install python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" \
		>&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON), once ..."
	@$(PYTHON) -m venv --clear $(VENV)

# The stamps say which pyproject.toml was installed: a change to it installs anew.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.run
	@$(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	@$(PIP) install --requirement $(VENV)/dev.txt
	@touch $@
