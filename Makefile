# The two commands are `make run` and `make test`; both make the environment first, from the hashed lock.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE :=
export DO_NOT_TRACK := 1

.PHONY: run test tests lint types bench lock demo clean

# The evaluation on the labelled reports comes first, since the run report tells it.
run: .venv/installed
	$(BIN)/nianbao evaluate --no-errors
	$(BIN)/nianbao run

# A synthetic county of 16 townships and six years, in a home of its own.
demo: .venv/installed
	$(BIN)/python -m seeds.demo data/demo

# Each benchmark prints ratios to references measured in the same run; its docstring tells more.
bench: .venv/installed
	for name in extract read identify similar overhead startup validate run_report "questions --townships 4100"; do \
	  set -- $$name; file=$$1; shift; echo "== bench/$$file.py $$*"; $(BIN)/python bench/$$file.py $$* || exit 1; done

# Files are shared by one process more than the smallest machine has cores, since tests now and then wait for a clock
# or a server, in the order of tests/conftest.py; WORKERS=8 for more, and a plain `pytest` works as well.
# Types are checked beside the tests.
WORKERS ?= 3
test: .venv/installed lint
	$(MAKE) --jobs 2 types tests

tests: .venv/installed
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

# --no-deps: the lock is whole, and older pips cannot match extras against hashes; `pip check` proves it.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "nianbao needs Python 3.11 to 3.13; set PYTHON=python3.12, say")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@

# Needs uv, which only whoever changes the dependencies needs.
lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --no-strip-extras --upgrade --quiet -o requirements.lock

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
