# Two commands: `make demo` runs the main job on the sample vacancy, `make test` passes the tests.
# Both set everything up first, from nothing or again, and need no network once that is done.

PYTHON ?= python3
VENV   := .venv
STAMP  := $(VENV)/.svar-ready
SAMPLE := projektleder-fjernvarme

.PHONY: setup demo test needles lock clean

setup: .setup/system $(STAMP)

.setup/system: .ci/system-libraries
	@bash .ci/system-libraries
	@mkdir -p .setup && touch $@

$(STAMP): .ci/requirements.lock pyproject.toml | .setup/system
	@echo "svar: making the Python environment in $(VENV) (a few minutes the first time)"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r .ci/requirements.lock
	@$(VENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "svar: ready; the command is $(VENV)/bin/svar"

demo: setup
	@echo "svar: closing the sample vacancy in inputs/$(SAMPLE); nothing is handed over"
	@$(VENV)/bin/svar close $(SAMPLE) || test $$? -eq 1
	@echo "svar: open outputs/$(SAMPLE)/index.html in a browser"

test: setup
	@echo "svar: running all tests"
	@$(VENV)/bin/python -m pytest

# Works out anew what the rules of tone look for first; after a change of templates/rules/tone.*.toml.
needles: setup
	@$(VENV)/bin/python -m flows.tone_rules

# Pins every dependency with its hashes; needs uv on the PATH.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--group dev --all-extras pyproject.toml -o .ci/requirements.lock

clean:
	rm -rf $(VENV) .setup
