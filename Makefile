# make all                      the whole pipeline, on params.yaml's archive.inputs (the miniature web by default)
# make all INPUT="a.warc.gz …"  the same on these archives: files, folders, globs, URLs, snapshots (written to params.yaml)
# make test                     lint, types and tests
# make bench                    extract beside other ways to read pages, its memory, two workers against one; describe
# make bench WHAT=memory        one of speed, memory, scaling, describing; ARCHIVES="a/*.warc.gz", ROUNDS=3, MEGABYTES=100
# make recipes                  recipes of the span model side by side: the thesis's, the default, one change each (an hour)
# make compare BASE=main        this working tree's params, metrics and plots against another revision's, as Markdown
# make exp PROFILE=thesis       the pipeline with a profile's settings, as a DVC experiment; of several the last ones count;
#                               with INPUT="…", on these archives
# make foundation               grows the embedded stand-in models anew, by their recorded recipe
# make docs                     README tables, the figure of the pipeline, and dvc.yaml's code deps

PYTHON ?= python3
BASE ?= main
VENV := .venv
export PATH := $(abspath $(VENV))/bin:$(PATH)
export INPUT
export ARCHIVES
export PYTHONHASHSEED := 0

.DEFAULT_GOAL := all
.PHONY: all inputs profile test lint bench recipes compare exp foundation docs

all: inputs
	@dvc repro
	@echo "The report: report/index.html"

test: lint
	@pytest --numprocesses 2 --dist loadscope

lint: $(VENV)/.ready
	@ruff check && ruff format --check && mypy

bench: $(VENV)/.bench
	@python -m bench $(WHAT) --archives "$$ARCHIVES" $(ROUNDS:%=--rounds %) $(MEGABYTES:%=--megabytes %)

recipes: $(VENV)/.ready
	@python -m bench.recipes

compare: $(VENV)/.ready
	@python -m webpairs.pipeline.compare "$(BASE)" compare.md && echo "The comparison with $(BASE): compare.md"

exp: profile inputs
	@dvc exp run $$(cd profiles && sed -e 's/#.*//' -e '/^ *$$/d' -e 's/^/-S /' $(PROFILE))

profile:
	@test -n "$(strip $(PROFILE))" || { echo "Name a profile, PROFILE=…: $$(echo $$(ls profiles))"; exit 1; }
	@for one in $(PROFILE); do test -f "profiles/$$one" || \
		{ echo "There is no profiles/$$one: name one of $$(echo $$(ls profiles))"; exit 1; }; done

# Into params.yaml; files that changed since they were read are read again.
inputs: $(VENV)/.ready
	@if [ -n "$$INPUT" ]; then python -m webpairs.pipeline.inputs "$$INPUT"; fi
	@python -m webpairs.archive.manifest || dvc repro --force --single-item archive

foundation: $(VENV)/.ready
	@python -m webpairs.foundation.grow src/webpairs/foundation/standins

docs: $(VENV)/.ready
	@python -m webpairs.pipeline.closure --write
	@python -m webpairs.pipeline.readme

# torch first and by its exact version: where a CPU build is provided, it is then taken, and nothing replaces it.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "webpairs needs Python 3.11 or newer: set PYTHON="; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned dependencies into $(VENV) (about two minutes)"
	@pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	@pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# What only the benchmark compares with.
$(VENV)/.bench: $(VENV)/.ready
	@pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@touch $@
