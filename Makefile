# `make run` and `make test` do everything on a Debian machine that has a Swift toolchain, and install what they need.

SHELL := /bin/bash
SWIFT ?= swift
PYTHON ?= python3
VENV := .build/venv
VENV_MCP1 := .build/venv-mcp1
VENV_OIDC := .build/venv-oidc
SOURCES := Sources Tests Plugins Examples Package.swift Benchmarks/Sources Benchmarks/Package.swift Fuzz/Sources \
	Fuzz/Package.swift

.PHONY: help build run demo test unit web interop lint format docs release bench fuzz clean

help:
	@echo "make run      build, then serve on the embedded default and print what to try"
	@echo "make demo     build, then replay the incident and its cure"
	@echo "make test     every test: Swift, S3 over HTTP, JavaScript, other people's MCP clients, a browser"
	@echo "make unit     only what needs nothing but the toolchain (swift test)"
	@echo "make web      only the browser's modules: types and tests"
	@echo "make lint     check the format of the tree;  make format  mend it"
	@echo "make docs     write anew what of the documentation a program makes"
	@echo "make fuzz     every parser against libFuzzer: SECONDS=60 each, or one with TARGET=json"
	@echo "make bench    what it costs beside its peers, written into docs/benchmarks.md"
	@echo "make release  an optimised binary in .build/release/vestibule"

build: .build/system-packages
	$(SWIFT) build --product vestibule

run: build
	.build/debug/vestibule serve $(ARGS)

demo: build
	.build/debug/vestibule demo $(ARGS)

release: .build/system-packages
	$(SWIFT) build --configuration release --product vestibule

unit:
	$(SWIFT) test

test: .build/test-packages $(VENV)/ready $(VENV_MCP1)/ready $(VENV_OIDC)/ready web
	$(SWIFT) build --build-tests
	VESTIBULE_PYTHON=$(VENV)/bin/python Interop/s3/with-moto.sh $(SWIFT) test
	$(VENV)/bin/python -m pytest Interop

# Debian 12 has Node 18, which is too old; the tool that drives the browser brings one along.
web: .build/test-packages $(VENV)/ready
	tsc --project Web
	if node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then node=node; \
	    else node=$$(echo $(VENV)/lib/python3*/site-packages/playwright/driver/node); fi; \
	    $$node --test Web/tests/*.test.js

interop: .build/test-packages $(VENV)/ready $(VENV_MCP1)/ready $(VENV_OIDC)/ready
	$(SWIFT) build --product vestibule
	$(SWIFT) build --product everything-server
	$(SWIFT) build --product interop-client
	$(VENV)/bin/python -m pytest Interop

lint:
	$(SWIFT) format lint --recursive --strict $(SOURCES)

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

# The pictures and tables of the documentation that a program makes.
docs: $(VENV)/ready $(VENV_MCP1)/ready build
	.build/debug/vestibule config schema --markdown > docs/configuration.md
	$(PYTHON) Scripts/conformance-page.py
	script -qec "stty cols 120; .build/debug/vestibule demo" /dev/null | tr -d '\r' > .build/demo.ansi
	sed 's/\x1b\[[0-9;]*m//g' .build/demo.ansi > docs/demo.txt
	$(PYTHON) Scripts/terminal-svg.py < .build/demo.ansi > docs/demo.svg
	$(VENV)/bin/python Scripts/troubleshooting-page.py < docs/troubleshooting.md > Web/page/troubleshooting.html
	UPDATE_DOCS=1 $(VENV)/bin/python -m pytest Interop -k documentation
	$(VENV)/bin/python -m pytest Interop/browser/test_page.py -k "replay or reader_walks"
	cp .build/screenshots/incident-light.png docs/images/incident.png
	cp .build/screenshots/denial-dark.png docs/images/denial.png

# BENCH_ARGS=--only=requests measures a part and prints it.
# A file that was removed from Sources is only missed when the manifest is newer than the last build.
bench: .build/bench-packages $(VENV)/ready
	touch Benchmarks/Package.swift
	$(SWIFT) build --package-path Benchmarks --configuration release
	PYTHONPATH=Benchmarks $(VENV)/bin/python -m bench $(BENCH_ARGS)

# What make calls SECONDS is what somebody gave it: bash does not pass its own on.
fuzz: .build/system-packages
	SWIFT=$(SWIFT) Fuzz/run.sh $(or $(SECONDS),60) $(TARGET)

clean:
	rm -rf .build Benchmarks/.build Fuzz/.build

.build/system-packages: Scripts/install-system-packages.sh
	Scripts/install-system-packages.sh
	@mkdir -p .build && touch $@

.build/test-packages: Scripts/install-system-packages.sh
	Scripts/install-system-packages.sh test
	@mkdir -p .build && touch $@ .build/system-packages

.build/bench-packages: Scripts/install-system-packages.sh
	Scripts/install-system-packages.sh bench
	@mkdir -p .build && touch $@ .build/system-packages

$(VENV)/ready: Interop/requirements.txt | .build/system-packages
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

$(VENV_MCP1)/ready: Interop/requirements-mcp1.txt | .build/system-packages
	$(PYTHON) -m venv $(VENV_MCP1)
	$(VENV_MCP1)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

$(VENV_OIDC)/ready: Interop/requirements-oidc.txt | .build/system-packages
	$(PYTHON) -m venv $(VENV_OIDC)
	$(VENV_OIDC)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
