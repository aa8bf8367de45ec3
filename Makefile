# Targets for people; `make` alone lists them. Everything is installed into $(VENV), nothing else on the machine changes.
VENV ?= .venv
PYTHON ?=
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
PYTEST_ARGS ?=
# What Python runs the tests under; see coverage.
COVER ?=

LOWEST ?= $(VENV)-lowest

# Containers often tell Python to keep nothing that it has compiled. Tests, notebooks and checks start hundreds of
# Pythons, and each of them would compile the libraries anew, which takes three times as long as to load them.
export PYTHONDONTWRITEBYTECODE :=

BIN := $(VENV)/bin
# Python compiles what it imports anyway; compiling all of it at once takes about half of the time to install.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --no-compile --disable-pip-version-check
PACKAGING := setup.cfg pyproject.toml setup.py $(wildcard sim/engine/kernel/*.[ch] sim/compiled/loops/*.[ch])
# What a stamp of a larger set stands for: the smaller sets are in it.
CORE := $(VENV)/.stamp-core
WEB := $(VENV)/.stamp-web
TEST := $(VENV)/.stamp-test
DEV := $(VENV)/.stamp-dev

.DEFAULT_GOAL := help
.PHONY: help demo app test lint format types coverage covered lowest check notebooks docs docs-fresh site site-builds tables determinism wheel bom bench dev clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(WEB) ## install, then compare the advice strategies on one scenario and write a report
	$(BIN)/peakshift compare scenarios/xiamen_brt2_surge.yaml --replications 10 --jobs $(JOBS)
	@echo; echo "Look at it: make app, which is $(BIN)/peakshift serve runs/xiamen_brt2_surge"

app: $(WEB) ## serve the app on the run of the demo, on this machine alone
	@[ -d runs/xiamen_brt2_surge ] || $(MAKE) demo
	$(BIN)/peakshift serve runs/xiamen_brt2_surge

test: $(TEST) ## install, then run all tests
	$(BIN)/python $(COVER) -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: $(DEV) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## ruff: mend what can be mended by machine, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## mypy: strict on sim/, studies/ and the support of tests; the tests a little less
	$(BIN)/mypy

coverage: $(DEV) ## all tests, failing where they run less of sim/ than before
	$(BIN)/coverage erase
	$(MAKE) test COVER="-m coverage run"
	$(MAKE) covered

covered: $(DEV) ## what the tests just run under coverage have run of sim/
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# New neighbours of old libraries warn of what the old ones still do; only that is let pass.
lowest: $(DEV) ## unit tests but for long ones, and one run, with the lowest versions that setup.cfg allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct -e '.[test]'
	$(LOWEST)/bin/python -m pytest -n auto -W default::DeprecationWarning -m "not long" tests/unit $(PYTEST_ARGS)
	scratch=$$(mktemp -d) && $(LOWEST)/bin/peakshift run two_lines_lesson --out "$$scratch/run" && rm -r "$$scratch"

check: lint types docs-fresh site-builds determinism wheel notebooks lowest ## everything CI checks besides the tests

notebooks: $(DEV) ## run every notebook on a small scenario; none may hold stored output
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	SIM_FAST=1 $(BIN)/python -m pytest --nbmake notebooks/ -n auto $(PYTEST_ARGS)

docs: $(CORE) ## write the generated pages of docs/ again
	$(BIN)/python -m sim.loading.scenario_reference
	$(BIN)/python -m sim.records.reference
	$(BIN)/python -m sim.metrics.reference
	$(BIN)/python -m sim.advisor.reference
	$(BIN)/python -m studies.incentive_presets
	$(BIN)/python -m studies.interval_coverage
	$(BIN)/python -m studies.licences
	$(BIN)/python -m studies.operations
	$(BIN)/python -m studies.quality
	$(BIN)/python -m studies.advice_worth
	$(BIN)/python -m studies.settling
	$(BIN)/python -m studies.everybody_asks
	$(BIN)/python -m studies.off_time

tables: $(CORE) ## run the commands of the tables of docs/ and write them anew; takes long
	$(BIN)/python -m studies.page_tables

pictures: $(TEST) ## take the pictures of the app in docs/ anew; needs Chromium
	$(BIN)/python -m studies.app_pictures

docs-fresh: $(CORE) ## fail if a generated page of docs/ is out of date
	$(BIN)/python .ci/docs_fresh.py

# A warning fails it: a link that leads nowhere, a page that no list names.
SPHINX := $(BIN)/sphinx-build -W -n --keep-going -q -c docs/site .

site: $(DEV) ## build the documentation as pages in build/site, with every notebook run
	$(SPHINX) build/site
	@echo "open build/site/docs/index.html"

# Notebooks are run by their own target.
site-builds: $(DEV) ## build the documentation without running notebooks, and throw it away
	scratch=$$(mktemp -d) && $(SPHINX) -D nb_execution_mode=off "$$scratch/site" && rm -r "$$scratch"

determinism: $(CORE) ## same seed, same bytes, whatever the number of processes
	$(BIN)/python .ci/determinism.py

wheel: $(CORE) ## build a wheel and look whether scenarios, networks and templates are in it
	$(BIN)/python .ci/wheel.py

# With all that the libraries themselves bring along; docs/licences.md names those that setup.cfg asks for.
bom: $(DEV) ## bill of materials of an installation with its app, as CycloneDX in build/bom.json
	mkdir -p build
	scratch=$$(mktemp -d) && $(BIN)/uv venv --quiet --python $(BIN)/python "$$scratch/venv" \
		&& $(BIN)/uv pip install --quiet --python "$$scratch/venv/bin/python" '.[web,notebook]' \
		&& $(BIN)/uv tool run --quiet --from 'cyclonedx-bom>=6,<8' cyclonedx-py environment --of JSON \
			--output-reproducible -o build/bom.json "$$scratch/venv/bin/python" && rm -r "$$scratch"

bench: $(CORE) ## measure the engines beside a lower bound in C, and beside SUMO where it is installed
	$(BIN)/python benchmarks/bench.py

dev: $(DEV) ## install everything a developer needs

clean: ## remove the environment, builds and caches; runs/ stays
	rm -rf $(VENV) $(LOWEST) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@PYTHON="$(PYTHON)" .ci/venv "$(VENV)"

$(CORE): $(BIN)/python $(PACKAGING)
	@echo "Installing peakshift into $(VENV)"
	@$(PIP_INSTALL) -e .
	@touch $@

$(WEB): $(BIN)/python $(PACKAGING)
	@echo "Installing peakshift and its app into $(VENV)"
	@$(PIP_INSTALL) -e '.[web]'
	@touch $(CORE) $@

$(TEST): $(BIN)/python $(PACKAGING)
	@echo "Installing peakshift and what its tests need into $(VENV)"
	@$(PIP_INSTALL) -e '.[test]'
	@touch $(CORE) $(WEB) $@

$(DEV): $(BIN)/python $(PACKAGING)
	@echo "Installing peakshift and its development tools into $(VENV)"
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $(CORE) $(WEB) $(TEST) $@
