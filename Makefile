# What people type. `make test` needs Rust, gcc, make and perl; it sets up the rest by itself.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test e2e lint bench image clean-test

help: ## This list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Serve http://localhost:8080
	cargo run

setup: ## Install what the tests need: PostgreSQL, Chromium, Node and Python packages
	@scripts/setup

test: setup ## Every test: Rust, then end to end on SQLite and on PostgreSQL
	@scripts/test

e2e: setup ## End-to-end tests alone; E2E="--engine sqlite browser" chooses
	cargo build
	scripts/with-postgres tests/e2e/run.py $(E2E)

lint: ## Formatting, clippy, docs/conformance.md, and the licences and advisories of the dependencies
	@scripts/lint

bench: ## Benchmarks: each operation beside this machine's limits
	cargo bench
	bench/run

image: ## The container image
	docker build -t tessera .

clean-test: ## Remove what `make setup` put into the source tree
	rm -rf tests/e2e/node_modules tests/e2e/.venv target/e2e target/test
