# Everything a developer types. A fresh clone needs Python 3.10 or newer, make and git; the rest
# is made here: `make demo` to see the product, `make test` to check a change.

BIN := .venv/bin
# Heavy packages that only tests/compat needs have an environment of their own.
COMPAT := .venv/compat
# Programs of the environment first: Node may come from there.
export PATH := $(CURDIR)/$(BIN):$(PATH)
STEP := @python .ci/step.py
WEB := npm --prefix dashboards/web run --silent
# Random order, warnings are errors: see [tool.pytest.ini_options]. A test that fails is tried once
# more, after a pause, and listed as one that was: what passes then is late on a busy machine, or
# a race. Budgets get the machine for themselves: what they measure is time.
PYTEST_ALONE := pytest -q -rR --rerun-show-tracebacks --reruns 1 --reruns-delay 2
PYTEST := $(PYTEST_ALONE) -n 2 --dist worksteal
# COVERAGE=1 also measures which lines the tests reach, and fails if it is too few. It takes half
# as long again.
COV := $(if $(COVERAGE),--cov --cov-report=term)

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

$(BIN)/python:
	@sh .ci/prepare.sh venv

$(BIN)/.installed: pyproject.toml | $(BIN)/python
	$(STEP) "Python packages" env TRACKLAB_SKIP_UI=1 \
	    python -m pip install --disable-pip-version-check -e '.[dev]'
	@touch $@

$(BIN)/.node: | $(BIN)/.installed
	$(STEP) "Node" sh .ci/prepare.sh node
	@touch $@

.PHONY: install-dev
install-dev: $(BIN)/.installed ## make .venv with everything that the checks need

.PHONY: ui-packages
ui-packages: $(BIN)/.installed $(BIN)/.node
	$(STEP) "UI packages" python hatch_build.py packages

.PHONY: frontend
frontend: ui-packages ## build the web UI into the package, if its sources changed
	$(STEP) "UI build" python hatch_build.py

.PHONY: test
test: ## run every check there is
	@$(MAKE) --no-print-directory -j 2 check-python check-ui frontend
	$(STEP) "UI bundle size" $(WEB) size
	$(STEP) "strace" sh .ci/prepare.sh strace
	$(STEP) "Python tests" $(PYTEST) $(COV) -m "not compat" --ignore tests/bench
	$(STEP) "budgets" $(PYTEST_ALONE) tests/bench
	@$(MAKE) --no-print-directory journey
	@echo "All checks passed. Logs: test-results/logs"

.PHONY: check-python
check-python: install-dev
	$(STEP) "format" ruff format --check .
	$(STEP) "lint" ruff check .
	$(STEP) "types" mypy
	$(STEP) "import contracts" lint-imports
	$(STEP) "dead code" python .ci/dead_code.py

.PHONY: check-ui
check-ui: ui-packages
	$(STEP) "UI lint" $(WEB) lint
	$(STEP) "UI types" $(WEB) types
	$(STEP) "UI API types" $(WEB) schema:check
	$(STEP) "UI unit tests" $(WEB) test

.PHONY: journey
journey: frontend ## walk through the UI in a browser
	$(STEP) "Chromium" sh .ci/prepare.sh chromium
	@if [ -n "$$TRACKLAB_CHROMIUM" ] || command -v chromium >/dev/null; then \
	    python .ci/step.py "browser journey" $(WEB) e2e; fi

.PHONY: test-unit
test-unit: install-dev ## only tests of one module each
	$(STEP) "unit tests" $(PYTEST) -m unit

.PHONY: test-integration
test-integration: install-dev ## only tests of several modules together
	$(STEP) "integration tests" $(PYTEST) -m integration

.PHONY: test-functional
test-functional: frontend ## only tests of programs as a user runs them
	$(STEP) "functional tests" $(PYTEST) -m functional

.PHONY: test-system
test-system: install-dev ## only tests of load, speed and crashes
	$(STEP) "system tests" $(PYTEST_ALONE) -m system

.PHONY: crash
crash: install-dev ## kill, starve and cut off writers thoroughly: minutes instead of one
	$(STEP) "strace" sh .ci/prepare.sh strace
	$(STEP) "crash tests" env TRACKLAB_CRASH_ROUNDS=200 $(PYTEST_ALONE) tests/crash \
	    tests/storage/test_random_lives.py

.PHONY: test-compat
test-compat: $(COMPAT)/.installed ## only tests with torch, Lightning, transformers and others' LLM spans
	$(STEP) "compat tests" $(COMPAT)/bin/python -m pytest -q -p no:cacheprovider \
	    -m compat tests/compat

# fastai asks for torchvision, which does not run beside a torch for processors alone.
$(COMPAT)/.installed: pyproject.toml | $(BIN)/python
	$(STEP) "compat environment" python -m venv $(COMPAT)
	$(STEP) "compat packages" env TRACKLAB_SKIP_UI=1 $(COMPAT)/bin/python -m pip install \
	    --disable-pip-version-check -e '.[compat]'
	$(STEP) "fastai" $(COMPAT)/bin/python -m pip install --disable-pip-version-check --no-deps \
	    'fastai==2.8.7' 'fastcore<1.9' 'fastprogress==1.0.3' 'fasttransform<0.0.3' fastdownload
	@touch $@

.PHONY: lint
lint: install-dev ## ruff, import contracts and dead code
	ruff check .
	lint-imports
	python .ci/dead_code.py

.PHONY: format
format: install-dev ui-packages ## rewrite Python and UI sources in the one format
	ruff format .
	ruff check --fix-only .
	$(WEB) format

.PHONY: mypy
mypy: install-dev ## strict types
	mypy

.PHONY: build
build: frontend ## wheel and sdist, with the UI, into dist/
	$(STEP) "wheel and sdist" env TRACKLAB_REQUIRE_UI=1 python -m build

.PHONY: serve
serve: frontend ## serve the UI for ./tracklab_logs, or DIR=another
	tracklab ui $(if $(DIR),--data-dir $(DIR))

.PHONY: demo
demo: frontend ## train, serve and watch it live; ONCE=1 checks it all and ends
	@tracklab demo $(if $(ONCE),--once)

.PHONY: bench
bench: install-dev ## print the speed of the write path beside its budgets
	@python -m tests.bench

.PHONY: bench-read
bench-read: install-dev ## print the speed of reading; ROWS=, CALLS= and RUNS= for more of each, DATA= keeps rows
	@python -m tests.bench.reading $(ROWS) $(if $(CALLS),--calls $(CALLS)) $(if $(RUNS),--runs $(RUNS)) $(if $(DATA),--data $(DATA))

.PHONY: bench-import
bench-import: install-dev ## print the speed of importing other tools' files
	@python -m tests.bench.importing

.PHONY: bench-live
bench-live: install-dev ## print the speed of live updates to many clients, of many users, and memory; RUNS= for more runs
	@python -m tests.bench.serving $(if $(RUNS),--runs $(RUNS))

.PHONY: bench-wandb
bench-wandb: $(COMPAT)/.installed ## print what the same script costs with wandb and with TrackLab
	@$(COMPAT)/bin/python -m tests.bench.against_wandb

.PHONY: clean
clean: ## remove what was built; .venv and node_modules stay
	rm -rf dist build tracklab/server/static test-results dashboards/web/test-results \
	    .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -not -path '*/node_modules/*' \
	    -prune -exec rm -rf {} +
