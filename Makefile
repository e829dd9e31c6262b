# make run: set everything up and open the program on its sample story.    make test: set everything up and pass all tests.

BIN := .venv/bin
STORY := resources/samples/absorb-clone-reinject
REPORT := build/run/absorb-clone-reinject.html
LOCK_ENV := build/lock

export PYTHON

.PHONY: run test bench lint types screenshots bundle lock clean setup-run setup-test

# A display may be named and yet be out of reach, where Qt gives up with a core dump: so it is tried first.
TRY_DISPLAY := $(BIN)/python -c 'from PySide6.QtGui import QGuiApplication; QGuiApplication([])'

run: setup-run
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] || [ "$$(uname -s)" = Darwin ]; then \
	    if (ulimit -c 0; $(TRY_DISPLAY) || exit 1) >/dev/null 2>&1; then exec $(BIN)/l2scope; fi; \
	fi; \
	echo "l2scope: there is no display, so the sample story runs without a window"; \
	mkdir -p $(dir $(REPORT)) && \
	$(BIN)/l2scope run $(STORY)/capture.pcapng --policy $(STORY)/policy.json --report $(REPORT) --fail-on never && \
	echo "l2scope: the report is $(CURDIR)/$(REPORT)"

# Every step runs, so one call shows everything that is wrong.
test: setup-test
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/pytest -n auto --dist loadfile || status=1; \
	exit $$status

lint: setup-test
	$(BIN)/ruff check .

types: setup-test
	$(BIN)/mypy

bench: setup-test
	$(BIN)/python -m tests.bench

screenshots: setup-test
	$(BIN)/python -m tests.screenshots

bundle: setup-test
	$(BIN)/pyinstaller --noconfirm --clean --log-level WARN --workpath build/pyinstaller --distpath dist build.spec
	@echo "l2scope: the program is $(CURDIR)/dist/l2scope"

# A clean environment with the newest versions that pyproject.toml allows becomes the new lock file.
lock:
	rm -rf $(LOCK_ENV)
	$(or $(PYTHON),python3.11) -m venv $(LOCK_ENV)
	$(LOCK_ENV)/bin/python -m pip -q install --upgrade ".[dev]"
	$(LOCK_ENV)/bin/python -m pip freeze --all --exclude pip --exclude wheel --exclude l2scope > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm -rf $(LOCK_ENV)

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

setup-run:
	@.ci/setup run

setup-test:
	@.ci/setup test
