# Node with npm, or Bun, and make are all that a machine needs; `make help` lists the targets.

BIN := node_modules/.bin
# npm writes this file last, so it is newer than both manifests exactly when they are installed.
INSTALLED := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help install servers tools run cluster test test-fast mutants check format docs bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do \
	  printf '  make %-9s %s\n' "$$name" "$$text"; done

install: $(INSTALLED) ## install the locked packages, when they are not there yet
	@sh deploy/local/link-bun.sh

$(INSTALLED): package.json package-lock.json
	@if command -v npm >/dev/null; then \
	  echo 'Installing the locked packages with npm: once, about half a minute ...'; \
	  npm ci --loglevel=error --progress=true; \
	elif command -v bun >/dev/null; then \
	  echo 'Installing the packages with bun: once, about half a minute ...'; \
	  bun install --no-save --ignore-scripts; \
	else \
	  echo 'Gavel needs Node.js 20 or newer with npm, or Bun: install one of them.' >&2; exit 1; \
	fi
	@touch $@

run: install ## serve both faces on port 8080
	@exec bin/gavel serve

cluster: install servers ## serve as many nodes with Redis, NATS and PostgreSQL on this machine
	@exec $(BIN)/bun deploy/local/run-cluster.ts

servers: install ## install the servers that the tests start, when they are not there yet
	@$(BIN)/bun deploy/local/install.ts servers

tools: install ## install what the checks run, when it is not there yet
	@$(BIN)/bun deploy/local/install.ts tools

test: install servers ## run every test; ONLY=live those with live in their path
	@exec $(BIN)/bun test/run/run.ts $(ONLY)

test-fast: install ## run the tests that start no server, in under a minute; ONLY=live too
	@exec $(BIN)/bun test/run/run.ts --without-servers $(ONLY)

mutants: install ## whether the tests see faults of one line, a few minutes; ONLY=core a room
	@exec $(BIN)/bun test/mutants/run.ts $(ONLY)

check: install tools ## types, format, lint with the walls, dead code, Lua
	$(BIN)/bun $(BIN)/tsc -p .
	$(BIN)/bun $(BIN)/biome ci .
	$(BIN)/bun $(BIN)/knip
	luacheck --quiet src/driver/redis/script bench/lua

format: install ## write the format and the safe fixes of the linter
	$(BIN)/bun $(BIN)/biome check --write .

docs: install ## write the settings into docs/operating.md
	@exec $(BIN)/bun test/house/settings-table.ts

bench: install ## measure, print the tables and keep them in bench/results
	@exec $(BIN)/bun bench/bench.ts $(ONLY)

clean: ## remove the installed packages and the coverage report, never the data
	rm -rf node_modules coverage
