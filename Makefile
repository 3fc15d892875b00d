# plainwiki: `make run` and `make test` do everything, from a bare checkout on.
.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-lowest test-differs test-next test-spark check format lint types accept bench bench-batch soak-batch corpus wiki fidelity quality links catalogue system axe pictures clean bench-preview bench-start bench-ray bench-upload bench-learning soak-upload soak-infoboxes merging soak-attack soak-fidelity growth

# Tests start Python hundreds of times, and workers share the tests: modules are compiled once.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The product alone, and with the tools that tests and checks need.
PRODUCT := $(VENV)/.product
READY := $(VENV)/.ready
LOWEST := $(VENV)-lowest
PIP_OPTIONS := --quiet --disable-pip-version-check
# Workers share the tests; each has a wiki of its own.
WORKERS ?= 2
SHARED = --numprocesses $(WORKERS) --dist worksteal
PYTEST = $(BIN)/python -m pytest $(SHARED)
# Some tests wait for a server's answer, or for its silence: a third worker uses that time.
test-fast: WORKERS := 3
# The MediaWiki of Debian's next release, beside that of the system.
NEXT := $(VENV)/.mediawiki-next
export NEXT_MEDIAWIKI := $(abspath $(NEXT))/usr/share/mediawiki
DIFFERS = MEDIAWIKI=$(NEXT_MEDIAWIKI) $(PYTEST) -m differs
# What differs with the renderer of pages.
SHOWN := tests/wiki tests/infobox/test_pages.py
AXE_VERSION := 4.14.1
COMMONMARK_VERSION := 0.31.2
# What tests need of npm: the checks of accessibility, and the examples of Markdown's specification.
NODE := $(VENV)/.axe-core-$(AXE_VERSION)-commonmark-$(COMMONMARK_VERSION)

help: ## Print this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "plainwiki needs Python 3.11 or later: install it, or name one with 'make PYTHON=python3.12 …'" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tests/system-packages.sh python3-venv
	$(PYTHON) -m venv $(VENV)

$(PRODUCT): pyproject.toml | $(VENV)/bin/pip
	$(BIN)/python -m pip install $(PIP_OPTIONS) --editable .
	@touch $@

$(READY): pyproject.toml | $(VENV)/bin/pip
	$(BIN)/python -m pip install $(PIP_OPTIONS) --editable '.[test]'
	@touch $@ $(PRODUCT)

run: $(PRODUCT) ## Set up the product alone, and convert fixtures/articles into out/ in every format
	@$(BIN)/python -m tests.tools.showcase fixtures/articles out

system: ## Install the system packages that the tests need (Debian, Ubuntu), or say what is missing
	@tests/system-packages.sh

axe: $(NODE)

$(NODE): | $(READY)
	@command -v npm >/dev/null || tests/system-packages.sh npm
	npm install --prefix $(VENV) --no-save --no-package-lock --no-audit --no-fund --silent axe-core@$(AXE_VERSION) commonmark-spec@$(COMMONMARK_VERSION)
	@touch $(NODE)

test: $(READY) $(NODE) system ## Set up, and run every test (ARGS='-k merge' for some, WORKERS=2)
	$(PYTEST) $(ARGS)
	@$(if $(ARGS),:,$(MAKE) --no-print-directory test-differs)

test-differs: $(READY) system ## Run what differs between releases and renderers on the MediaWiki of Debian's next release
	@[ -d $(NEXT) ] || tests/next-mediawiki.sh $(NEXT) || echo "Not tested: what differs on Debian's next MediaWiki" >&2
	@[ ! -d $(NEXT) ] || $(DIFFERS) $(ARGS)
	@[ ! -d $(NEXT) ] || MEDIAWIKI_RENDERER=parsoid $(DIFFERS) tests/wiki $(ARGS)

test-fast: $(READY) ## Run the tests that need a second and no wiki, browser or cluster: all in a minute
	$(PYTEST) -m 'not wiki and not browser and not slow' --hypothesis-profile=fast $(ARGS)

test-next: $(READY) $(NEXT) system ## Run the tests of a wiki on the MediaWiki of Debian's next release, with both renderers
	MEDIAWIKI=$(NEXT_MEDIAWIKI) $(PYTEST) -m wiki $(ARGS)
	MEDIAWIKI=$(NEXT_MEDIAWIKI) MEDIAWIKI_RENDERER=parsoid $(PYTEST) -m wiki $(SHOWN) $(ARGS)

$(NEXT): | $(VENV)/bin/pip
	@tests/next-mediawiki.sh $(NEXT)

test-spark: $(READY) ## Test the rows in Spark, which is half a gigabyte and needs Java
	@tests/system-packages.sh default-jre-headless
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,test-spark]'
	$(BIN)/python -m pytest tests/batch/spark.py

test-lowest: $(NODE) ## Run the tests that need no wiki and no browser with the oldest dependencies that pyproject.toml allows
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --compile-bytecode --editable '.[test]'
	ln -s $(abspath $(VENV))/node_modules $(LOWEST)/node_modules
	$(LOWEST)/bin/python -m pytest $(SHARED) -m 'not wiki and not browser' $(ARGS)

check: $(READY) format lint types test ## Format, lint, check types, test

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

accept: $(READY) ## Rewrite expected results and generated tables; then read `git diff`
	$(BIN)/python -m tests.tools.accept

bench: $(READY) system ## Measure speed and memory, each against a peer in the same run (CORPUS=folder)
	@tests/system-packages.sh pandoc
	@$(BIN)/python -m tests.tools.bench.speed $(CORPUS)
	@$(BIN)/python -m tests.tools.bench.markdown $(CORPUS)
	@$(BIN)/python -m tests.tools.bench.preview $(CORPUS)
	@$(BIN)/python -m tests.tools.bench.start

bench-start: $(READY) ## Measure how soon small runs begin and end, against the import of click
	@$(BIN)/python -m tests.tools.bench.start

bench-batch: $(READY) ## Measure batches: growth, memory, two processes, pandoc (CORPUS=folder SIZE=megabytes)
	@tests/system-packages.sh pandoc
	@$(BIN)/python -m tests.tools.bench.batch $(CORPUS) --size $(or $(SIZE),1000)

soak-batch: $(READY) ## Every source to every sink, and fifty kills of each sink (CORPUS=folder SIZE=megabytes)
	@$(BIN)/python -m tests.tools.bench.batch $(CORPUS) --pairs --size $(or $(SIZE),1000)
	PLAINWIKI_KILLS=50 PLAINWIKI_KILL_STEP=1 $(BIN)/python -m pytest tests/batch/test_resume.py -k killed --timeout 0

corpus: $(READY) ## Convert every text under CORPUS=folder and check every law on it
	@$(BIN)/python -m tests.tools.corpus $(CORPUS)

soak-fidelity: $(READY) $(NEXT) system ## Show whole pages drawn from SEED on every release and renderer, shrink what differs (PAGES=200 LINES=file)
	@$(BIN)/python -m tests.tools.soak_fidelity $(LINES) --seed $(or $(SEED),1) --pages $(or $(PAGES),200) $(ARGS)

fidelity: $(READY) $(NEXT) system ## Show markup and articles as text on a real wiki (LINES=file ARTICLES=folder)
	@tests/system-packages.sh pandoc
	@$(BIN)/python -m tests.tools.fidelity $(LINES) $(if $(ARTICLES),--articles $(ARTICLES)) $(ARGS)

quality: $(READY) ## Measure which templates are guessed, five-fold (CORPUS=folder of articles-X.tar.gz and truth-X.jsonl.gz)
	@$(BIN)/python -m tests.tools.quality $(CORPUS)

links: $(READY) ## Measure which links are restored, five-fold (CORPUS=folder of articles, their links and dumps)
	@$(BIN)/python -m tests.tools.links $(CORPUS) $(ARGS)

catalogue: $(READY) ## Learn the shipped catalogue of infoboxes anew (CORPUS=folder of an English dump)
	@$(BIN)/python -m tests.tools.catalogue $(CORPUS)

wiki: $(READY) system ## Serve a local MediaWiki to publish to (ARTICLES=files: with these imported)
	@$(BIN)/python -m tests.servers.wiki $(ARTICLES)

bench-ray: $(READY) ## Measure Ray on one machine against processes, in jobs of a minute
	@$(BIN)/python -m tests.tools.bench.ray

bench-preview: $(READY) system ## Measure how soon the preview shows ten thousand articles (CORPUS=folder)
	@$(BIN)/python -m tests.tools.bench.preview $(CORPUS)

bench-learning: $(READY) ## Measure learning links against reading the same dump, and its memory (CORPUS=folder of dumps, SIZE=megabytes)
	@$(BIN)/python -m tests.tools.bench.learning $(CORPUS) $(SIZE)

bench-upload: $(READY) system ## Measure uploads against a bare loop of edits in the same run, and what plans cost
	@$(BIN)/python -m tests.tools.bench.upload

soak-upload: $(READY) system ## Kill an upload of 500 pages 30 times, with faults, and look whether each is there once
	@$(BIN)/python -m tests.tools.killing

soak-infoboxes: $(READY) system ## Update the infoboxes of 500 real pages, killed and with faults, and have MediaWiki judge (CORPUS=dump PAGES=500)
	@$(BIN)/python -m tests.tools.updating $(CORPUS) --pages $(or $(PAGES),500)

merging: $(READY) system ## Merge infoboxes into the pages of a dump, judged by MediaWiki's own expansion (CORPUS=dump PAGES=1000 SEED=1)
	@$(BIN)/python -m tests.tools.merging $(CORPUS) --pages $(or $(PAGES),1000) --seed $(or $(SEED),1)

soak-attack: $(READY) ## Fuzz archives, manifests, answers, configuration and so on; print seeds (SECONDS=60 a kind, ARGS='--kind …')
	@$(BIN)/python -m tests.tools.attack --seconds $(or $(SECONDS),60) $(ARGS)

growth: $(READY) ## Look for what takes more than linear time (PAIRS=share of pairs of pieces, SECONDS=limit, ARGS='--only …')
	@$(BIN)/python -m tests.tools.growth --pairs $(or $(PAIRS),0.01) $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

pictures: $(READY) system ## Take pictures of the main views into out/pictures, and those of README anew
	@tests/system-packages.sh fonts-noto-core fonts-noto-mono pngquant
	@$(BIN)/python -m tests.tools.pictures out/pictures

clean: ## Remove what the other targets made
	rm -rf out $(VENV) $(LOWEST) .hypothesis .pytest_cache .mypy_cache .ruff_cache
