# IMMIS: `make demo` shows it, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(VENV)/bin/pip --disable-pip-version-check
VENDOR := immis/web/static/vendor
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run test check prove axe walk bench agent lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install -q --require-hashes -r requirements.lock
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install -q --require-hashes -r requirements-dev.lock
	@touch $@

$(VENDOR)/.done: package-lock.json tools/vendor.py | $(VENV)/.run
	@command -v npm >/dev/null || $(PIP) install -q --require-hashes -r requirements-node.lock
	PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	$(PY) tools/vendor.py
	@touch $@

setup: $(VENV)/.run $(VENDOR)/.done ## the virtual environment and the front-end packages; needs no root
	@$(PY) -m immis.web.i18n compile

setup-dev: setup $(VENV)/.dev

demo: setup ## play a season on the Munger notice at http://127.0.0.1:8000
	$(VENV)/bin/immis demo

run: setup ## run all processes for real, with the settings of the environment
	$(VENV)/bin/immis run

test: setup-dev ## the whole suite on SQLite, then the services again on PostgreSQL
	$(PY) tools/suite.py

check: setup-dev ## formatting, lint, imports, types, migrations, translations
	$(PY) tools/check.py

prove: setup-dev ## every row that works must fail with its rule switched off (minutes; ROWS="E-061 …" for some)
	$(PY) tools/prove.py $(ROWS)

axe: setup-dev ## accessibility of page by post, language and width (restrict by POSTS="district hq" PAGES=lease LANGS=hi WIDTHS=360 TEXT=200)
	@test -e $${IMMIS_DATA:-var/axe}/demo.json || { mkdir -p -m 700 $${IMMIS_DATA:-var/axe}; IMMIS_DATA=$${IMMIS_DATA:-var/axe} $(VENV)/bin/immis demo --headless; }
	IMMIS_DATA=$${IMMIS_DATA:-var/axe} $(PY) tools/axe.py

walk: setup-dev ## the first months of a department in Chromium, from install.md on (RECORDS=postgresql://… HOME_OF=folder)
	$(PY) -m tools.walk --records $(RECORDS) --home $(HOME_OF)

bench: setup-dev ## all benchmarks, as a table; one that lacks something says what, and the others go on
	$(VENV)/bin/immis bench

agent: setup-dev ## the weighbridge agent as one file, dist/immis-agent.pyz (Python 3.8 or newer runs it)
	$(VENV)/bin/vermin -q -t=3.8- --no-tips --violations immis/agent
	$(PY) -m immis.agent.packing

lock: $(VENV)/bin/python ## write the locks anew from the .in files
	$(PIP) install -q pip-tools
	for name in requirements requirements-dev requirements-node requirements-scale; do \
	  $(VENV)/bin/pip-compile -q --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --no-header -o $$name.lock $$name.in; done

clean: ## remove what setup made; keeps var/
	rm -rf $(VENV) node_modules $(VENDOR)
