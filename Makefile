# Everything a developer runs. `make help` lists the targets; CI runs `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Cargo shares out its own work: make's tokens are not for it, and its tests could not even reach them.
CARGO := env -u MAKEFLAGS cargo
# Where the wheel is built; outside of what tests import, so that they meet the installed package.
DIST := dist
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help demo test check soak versus docs lint types rust-test rust-lint python-test paths-test wheel generate clean tools \
        rust-checks wheel-for-tests validate asv-quick asv-build instructions

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

tools:
	@command -v cargo >/dev/null || { echo "make: cargo is missing: install the Rust toolchain with rustup (https://rustup.rs)"; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing: install Python 3.11 or newer, or name it with PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11: name a newer one with PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: $(PYTHON) has no venv: install your system's package python3-venv"; exit 1; }
	@command -v cc >/dev/null || { echo "make: cc is missing: install a C compiler (Debian: apt install build-essential); Rust links with it"; exit 1; }

$(BIN)/python: | tools
	$(PYTHON) -m venv $(VENV)

# The demo's environment: the wheel and what it plots with.
$(VENV)/.demo: $(BIN)/python requirements-build.txt
	$(BIN)/pip install -q -r requirements-build.txt "matplotlib>=3.8"
	@touch $@

# The tests' environment on top of it.
$(VENV)/.dev: $(VENV)/.demo requirements-dev.txt
	$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@

SOURCES := $(shell find rust python Cargo.toml Cargo.lock pyproject.toml -name '*.rs' -o -name '*.toml' -o -name '*.py' -o -name '*.pyi' -o -name '*.json' -o -name Cargo.lock 2>/dev/null)

STATES := $(addprefix tests/differential/test_,circuit_language.py dense_states.py noise_pairs.py random_circuits.py stabilizer_stim.py stabilizer_wide.py) tests/statistical/test_sampler.py

# One release wheel, installed: tests, docs and benchmarks meet what a user gets.
$(VENV)/.wheel: $(VENV)/.demo $(SOURCES) README.md LICENSE
	rm -rf $(DIST)
	env -u MAKEFLAGS $(BIN)/maturin build --release --locked -q -o $(DIST)
	$(BIN)/pip install -q --force-reinstall --no-deps $(DIST)/ebit-*.whl
	$(BIN)/pip install -q "numpy>=1.26" "rich>=13" "topohub>=1.5"
	@touch $@

wheel: $(VENV)/.wheel ## build the release wheel and install it

demo: $(VENV)/.wheel ## build, install and run examples/netherlands.toml
	$(BIN)/ebit run examples/netherlands.toml

rust-lint: | tools ## rustfmt and clippy, warnings as errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -q -- -D warnings

rust-test: | tools ## unit, property and doc tests of the crates
	$(CARGO) test --workspace --locked -q

# The default is the best path; a path that the machine lacks falls back to the best one below it.
paths-test: $(VENV)/.dev $(VENV)/.wheel ## the tests of the states once more under each other instruction set
	for path in portable avx2; do \
	  EBIT_CPU=$$path $(CARGO) test -p ebit-bits -p ebit-quantum --tests --locked -q || exit 1; \
	  EBIT_CPU=$$path $(BIN)/pytest -q -n 2 -m "not soak" $(STATES) || exit 1; \
	done

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check python tests benches docs examples
	$(BIN)/ruff format --check -q python tests benches docs examples || { echo "run: $(BIN)/ruff format python tests benches docs examples"; exit 1; }

types: $(VENV)/.dev $(VENV)/.wheel ## mypy on the face, stubtest on the native module
	$(BIN)/mypy
	cd tests && ../$(BIN)/python -m mypy.stubtest ebit._core --allowlist stubtest-allowlist.txt

python-test: $(VENV)/.dev $(VENV)/.wheel ## pytest on the installed wheel
	$(BIN)/pytest -q -n 2 -m "not soak" tests

docs: $(VENV)/.dev $(VENV)/.wheel ## build the documentation, running its examples
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	$(BIN)/sphinx-build -q -W -b doctest docs docs/_build/doctest

asv-quick: $(VENV)/.dev $(VENV)/.wheel
	cd benches && ../$(BIN)/asv machine --yes > /dev/null
	cd benches && ../$(BIN)/asv check -E existing:../$(BIN)/python
	cd benches && ../$(BIN)/asv run -E existing:../$(BIN)/python --quick --show-stderr --dry-run -b Smoke | tee $(CURDIR)/target/asv.log
	@! grep -q failed target/asv.log

asv-build: $(VENV)/.dev
	cd benches && ../$(BIN)/asv machine --yes > /dev/null
	cd benches && CARGO_TARGET_DIR=$(CURDIR)/target/asv ../$(BIN)/asv run --quick --show-stderr --dry-run -b Smoke HEAD^! | tee $(CURDIR)/target/asv.log
	@! grep -q failed target/asv.log

generate: $(VENV)/.dev $(VENV)/.wheel ## regenerate the committed schema and command-line help
	$(BIN)/python tests/contract/generate.py

check: ## the three-minute core: formatting, lints, Rust tests, fast Python tests
	$(MAKE) rust-lint rust-test lint
	$(MAKE) $(VENV)/.wheel $(VENV)/.dev
	$(BIN)/pytest -q -n 2 -m "not soak and not slow" tests

# Side by side: a download, the wheel's link and checks of one thread leave a core idle.
test: ## every check, on the installed wheel; what CI runs
	$(MAKE) -j 2 -O rust-checks wheel-for-tests
	$(MAKE) -j 2 -O lint types docs asv-quick validate
	$(MAKE) python-test
	$(MAKE) paths-test

rust-checks: rust-lint
	$(MAKE) rust-test

# One after the other: both install into one environment.
wheel-for-tests: $(VENV)/.dev
	$(MAKE) $(VENV)/.wheel

validate: $(VENV)/.wheel ## the installed package against closed forms
	$(BIN)/ebit validate

soak: $(VENV)/.dev $(VENV)/.wheel ## the long runs
	PROPTEST_CASES=4000 $(CARGO) test --workspace --locked -q --no-fail-fast
	EBIT_PROPERTY_CASES=20000 $(BIN)/pytest -q -n 2 tests
	$(MAKE) asv-build

.venv-versus/.ready: benches/versus/requirements.txt benches/versus/constraints.txt | tools
	$(PYTHON) -m venv .venv-versus
	.venv-versus/bin/pip install -q -r benches/versus/requirements.txt -c benches/versus/constraints.txt
	@touch $@

versus: $(VENV)/.wheel .venv-versus/.ready ## the peers beside us, same work, same run (about 20 minutes)
	.venv-versus/bin/pip install -q --force-reinstall --no-deps $(DIST)/ebit-*.whl
	.venv-versus/bin/pip install -q "rich>=13" "topohub>=1.5" -c benches/versus/constraints.txt
	.venv-versus/bin/python benches/versus/run.py

instructions: | tools ## what a delivered pair costs at any success probability, counted in instructions
	$(PYTHON) benches/instructions.py

clean: ## remove everything that was built
	rm -rf target dist $(VENV) .venv-versus docs/_build
