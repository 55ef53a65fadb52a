# The commands of users; all make their own .venv and need nothing but Python 3.11 or newer.
#   make run    judges a shipped snapshot by the storefront policy, and replays a shipped incident
#   make test   installs what the checks need, and runs them all: see noxfile.py
#   make demo   carries a rollout of a shop out on real parts, and breaks one: make demo FAULT=5xx QUICK=1; see examples/demo/
#   make soak   carries out 20 rollouts at once for 10 minutes, with commands at random
#   make bench  measures processor time: whole processes, one decision, and replay in columns
#   make soundness   proves 5,000 random changes of policies, and holds each proof against an exhaustive search
# README.md shows the same for PowerShell.

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
POLICY := policies/storefront/policy.yaml

.PHONY: run test demo soak soundness bench
run: $(VENV)/.installed
	$(BIN)/canarypolicy evaluate $(POLICY) --metrics examples/snapshot/healthy.json --exit-zero
	$(BIN)/canarypolicy replay $(POLICY) examples/errors-at-10/recording.jsonl

test: $(VENV)/.developed
	sh tests/debian-packages.sh
	$(BIN)/python -m nox

FAULT ?= none
demo: $(VENV)/.demonstrable
	@$(BIN)/python examples/demo/demo.py --fault $(FAULT) $(if $(QUICK),--quick)

soak: $(VENV)/.developed
	PYTHONPATH=tests $(BIN)/python -m live.soak $(SOAK)

soundness: $(VENV)/.developed
	PYTHONPATH=tests $(BIN)/python -m review.soundness $(SOUNDNESS)

bench: $(VENV)/.developed
	-$(BIN)/python benchmarks/cold_start.py
	-$(BIN)/python benchmarks/decision.py
	-$(BIN)/python benchmarks/columnar.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "canarypolicy needs Python 3.11 or newer: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || echo "python3-venv no-such-program" | sh tests/debian-packages.sh -
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.demonstrable: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mysql,redis]'
	@touch $@

$(VENV)/.developed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
