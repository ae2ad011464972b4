# Pixel's developer interface. `make` prints it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := --no-deps --require-hashes --requirement

.DEFAULT_GOAL := help
# The tests start hundreds of processes, each of which would compile Pixel again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup setup-dev demo demo-providers serve studio studio-check studio-fix studio-schema studio-screenshots test check check-newest check-pythons check-kills docker-check check-all mutants fix bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Pixel needs Python 3.11 or later, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12")'
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	@echo "installing what Pixel runs on"
	@$(PIP) install $(LOCKED) requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "installing what Pixel is developed with"
	@$(PIP) install $(LOCKED) requirements-dev.txt
	@touch $@

# The TypeScript compiler and what makes types of /openapi.json, for tests/e2e/test_generated_clients.py.
CLIENTS := tests/e2e/clients
NODE_PATH := PATH="$(abspath $(BIN)):$$PATH" NEXT_TELEMETRY_DISABLED=1
NPM := $(NODE_PATH) npm --loglevel=error

$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json | $(VENV)/.dev
	@$(NPM) --prefix $(CLIENTS) ci

# The studio is built by the Node of a wheel, which is the same on every machine; what npm installs is in its lock.
$(VENV)/.node: requirements-studio.txt | $(BIN)/python
	@echo "installing Node"
	@$(PIP) install $(LOCKED) requirements-studio.txt
	@touch $@

STUDIO_SOURCES = $(shell find studio/src studio/messages studio/public -type f) $(wildcard studio/*.ts studio/*.mjs studio/tsconfig.json)

studio/node_modules/.package-lock.json: studio/package-lock.json $(VENV)/.node
	@echo "installing what the studio is made of"
	@$(NPM) --prefix studio ci
	@touch $@

studio/out/index.html: studio/node_modules/.package-lock.json $(STUDIO_SOURCES)
	@echo "building the studio"
	@$(if $(STUDIO_PATH),STUDIO_PATH=$(STUDIO_PATH)) $(NPM) --prefix studio run --silent build
	@touch $@

setup: $(VENV)/.run ## make .venv and install Pixel with its locked dependencies

setup-dev: $(VENV)/.dev $(CLIENTS)/node_modules/.package-lock.json

demo: $(VENV)/.run ## start everything, make an image, a video and a voice, show how it went
	@$(BIN)/python -m demo

demo-providers: $(VENV)/.dev ## one request of each kind through every provider's simulator, and a table of them
	@$(BIN)/python -m tests.simulators.demo

serve: $(VENV)/.run ## run the service on port 8000
	@$(BIN)/pixel serve

studio: studio/out/index.html ## build the studio, which `make serve` serves at /studio/

OPENAPI := $(BIN)/python -c 'import sys, msgspec; from api.openapi.document import document; sys.stdout.buffer.write(msgspec.json.encode(document()))'

studio-schema: $(VENV)/.run studio/node_modules/.package-lock.json ## write the studio's types anew from what the API says of itself
	@$(OPENAPI) | $(NODE_PATH) node studio/scripts/schema.mjs

studio-check: $(VENV)/.run studio ## lint, types, tests, build and end-to-end tests of the studio
	@$(OPENAPI) | $(NODE_PATH) node studio/scripts/schema.mjs --check
	@$(NPM) --prefix studio run --silent lint
	@$(NPM) --prefix studio run --silent types
	@$(NPM) --prefix studio run --silent test
	@$(NPM) --prefix studio run --silent e2e

studio-screenshots: $(VENV)/.run studio ## take the pictures of docs/studio/ anew (needs Chromium)
	@$(NPM) --prefix studio run --silent screenshots

test: setup-dev ## run all tests
	@$(BIN)/python -m pytest $(ARGS)

check: setup-dev ## what CI runs, but for check-newest: lint, format, types, layers, tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy & mypy=$$!; $(BIN)/basedpyright; pyright=$$?; wait $$mypy && exit $$pyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest $(ARGS)

# What can differ between Pythons: their wheels of the media libraries, and what speaks HTTP.
DIFFERS := tests/adapters/media tests/adapters/outbound tests/api/http tests/api/openai \
	$(addprefix tests/api/routes/test_,asset_list.py asset_upload.py assets.py derivatives.py events.py studio.py webhooks.py) \
	tests/e2e/test_demo.py tests/e2e/test_contract_js.py

check-newest: ## what touches media and HTTP, tested on the newest Python that is here, in a .venv of its own
	@.ci/pythons | tail -n 1 | { read -r version python; $(MAKE) --no-print-directory VENV=.venv-$$version PYTHON=$$python test ARGS="$(DIFFERS)"; }

check-pythons: ## all tests on every Python that is here, from the newest on
	@.ci/pythons | sort -rV | while read -r version python; do \
		echo "Python $$version"; \
		$(MAKE) --no-print-directory VENV=.venv-$$version PYTHON=$$python test < /dev/null || exit 1; \
	done

check-kills: $(VENV)/.dev ## the tests that kill processes, providers and PostgreSQL, for much longer
	@PIXEL_TEST_KILL_ROUNDS=20 PIXEL_TEST_PROVIDER_KILLS=20 PIXEL_TEST_RUN_KILLS=60 PIXEL_TEST_DOWN_SECONDS=60 PIXEL_TEST_RESTART_SECONDS=300 \
		PIXEL_TEST_STREAM_EVENTS=10000 PIXEL_TEST_STREAM_CLIENTS=50 PIXEL_TEST_STREAM_KILLS=6 \
		$(BIN)/python -m pytest tests/e2e/test_kill*.py tests/e2e/test_dependency_outage.py tests/e2e/test_event_streams.py $(ARGS)
	@$(MAKE) --no-print-directory studio
	@PIXEL_TEST_STUDIO_KILLS=200 $(NPM) --prefix studio run --silent e2e -- kills

docker-check: $(VENV)/.dev ## build the image and run the composition on a Docker engine made here (root, Debian)
	@deploy/docker-check

check-all: check check-pythons docker-check check-kills ## everything that can be checked; takes long

MUTANTS_SECONDS ?= 3600

mutants: $(VENV)/.dev ## change domain/ and application/ a little at a time: what does no test notice? Goes on where it stopped
	@PIXEL_TEST_LAWS=mutants nice -n 19 timeout --foreground --signal=INT $(MUTANTS_SECONDS) \
		$(BIN)/mutmut run --max-children 1 $(ARGS) || test $$? -eq 124
	@$(BIN)/mutmut results

fix: $(VENV)/.dev ## repair what lint and format can repair
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

studio-fix: studio/node_modules/.package-lock.json ## the same for the studio
	@$(NPM) --prefix studio run --silent fix

bench: $(VENV)/.dev ## measure speed, write bench/RESULTS.md
	@$(BIN)/python -m bench $(ARGS)

lock: ## compile the lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --upgrade pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --constraint requirements.txt --extra dev --extra bench --group studio pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --constraint requirements-dev.txt --group studio -o requirements-studio.txt

clean: ## remove what make made
	rm -rf studio/node_modules studio/.next studio/out mutants .venv .venv-* demo-output build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
