# Commands of the project; `make` alone prints them. Each is a thin wrapper over `python -m sim`.

VARIABLES := SCENARIO SCENARIOS DRAWS SEED SAMPLING JOBS SET NAME FIGURES EXCEL ESTIMATE A B FROM WORLD GOAL VARY LOW HIGH OUTCOMES OF BASE INPUTS SWEEP PART SHARD CLUSTER DRY_RUN RUN ENGINE PYTHON
COMMANDS := help run compare report list show diff new new-world validate world backtest target attribution sweep merge reproduce extras fast test check bench docs gallery fuzz mutate coverage audit clean
KNOWN := $(sort $(basename $(notdir $(wildcard scenarios/*.yaml))))
SIM := .venv/bin/python -m sim

# A misspelt variable or command is refused before anything is done.
unknown := $(strip $(foreach v,$(.VARIABLES),$(if $(findstring command,$(origin $(v))),$(filter-out $(VARIABLES),$(v)))))
ifneq (,$(unknown))
$(error no variable $(unknown); there are $(VARIABLES))
endif
unknown := $(filter-out $(COMMANDS),$(MAKECMDGOALS))
ifneq (,$(unknown))
$(error no command $(unknown); there are $(COMMANDS))
endif

# What was typed after VARIABLE= reaches the program through the environment as it was typed: $(value) keeps
# make from expanding it, and no recipe holds its text. Other than PYTHON, a variable counts only where it was
# typed: some systems set NAME for every program.
define take
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach v,$(VARIABLES),$(if $(findstring command,$(origin $(v))),$(eval $(call take,$(v))),$(eval unexport $(v))))
ifneq (,$(findstring environment,$(origin PYTHON)))
$(eval $(call take,PYTHON))
endif

ifneq (,$(filter run,$(MAKECMDGOALS)))
ifeq (,$(if $(findstring override,$(origin SCENARIO)),$(strip $(SCENARIO))))
$(error run which? Say SCENARIO= and one of: $(KNOWN) all)
endif
endif

# one thread per process: results do not depend on the number of cores, and parallel runs do not crowd each other
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
# arrays that are given back are kept for the next ones (glibc alone reads this): to be handed fresh memory by the system
# took up to a sixth of a run
export MALLOC_MMAP_THRESHOLD_ := 134217728
export MALLOC_TRIM_THRESHOLD_ := 268435456

# the tests of one file stay together, since they share what is dear to make
SPREAD := -q -n auto --dist loadfile
# what is tried on the compiled engine, too, which is made ready meanwhile
ON_BOTH := tests/property/test_agreement.py -k 'not random and not cannot'

.PHONY: $(COMMANDS)
.NOTPARALLEL:

help:
	@echo 'Commands:'
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

run: ## solve a scenario and its baseline: SCENARIO= [DRAWS= SEED= SAMPLING=latin JOBS= SET= NAME= FIGURES=no EXCEL=yes]
	@sh tools/setup $(if $(filter yes,$(EXCEL)),extras,run)
	@$(SIM) run

compare: ## finished results side by side: SCENARIOS="a b c" [FIGURES=no]
	@sh tools/setup run
	@$(SIM) compare

report: ## one page over all results, results/index.html
	@sh tools/setup run
	@$(SIM) report

list: ## the scenarios that exist, what each asks, their switches and faults
	@sh tools/setup run
	@$(SIM) list

show: ## every value of a scenario with source, tier, file and line: SCENARIO= [SET=]
	@sh tools/setup run
	@$(SIM) show

diff: ## what a scenario has otherwise than another one: A= B=
	@sh tools/setup run
	@$(SIM) diff

new: ## write a scenario file to start from: SCENARIO= [FROM=baseline]
	@sh tools/setup run
	@$(SIM) new

new-world: ## write a folder of statistics and a baseline to start a metal from: WORLD=
	@sh tools/setup run
	@$(SIM) new-world

validate: ## read all scenario files, or SCENARIO=, and tell every fault
	@sh tools/setup run
	@$(SIM) validate

world: ## build the benchmark worlds, or WORLD=, from their statistics and tell how well they balance
	@sh tools/setup run
	@$(SIM) world

backtest: ## hold the model against history: [SCENARIO=one episode ESTIMATE=yes DRAWS= SEED= SET= FIGURES=no]
	@sh tools/setup run
	@$(SIM) backtest

target: ## seek the value of a number at which a goal is met: SCENARIO= GOAL= VARY= [LOW= HIGH= DRAWS= SEED= SET= NAME= FIGURES=no]
	@sh tools/setup run
	@$(SIM) target

attribution: ## share out the variance of outcomes over inputs and tiers: SCENARIO= [OUTCOMES= OF=level BASE= INPUTS= SEED= JOBS= SET= NAME= FIGURES=no]
	@sh tools/setup extras
	@$(SIM) attribution

sweep: ## solve the points of scenarios/sweeps/: SWEEP= [DRAWS= SEED= SET= NAME= DRY_RUN=yes SHARD=1/4 CLUSTER= JOBS= FIGURES=no]
	@sh tools/setup run
	@$(SIM) sweep

merge: ## fold the shards of a sweep into its result: SWEEP= [DRAWS= SEED= SET= NAME=]
	@sh tools/setup run
	@$(SIM) merge

reproduce: ## make a result again from its folder and tell what differs: RUN=results/sanctions_lifted
	@sh tools/setup run
	@$(SIM) reproduce

extras: ## add what optional commands need: attribution, clusters, spreadsheets
	@sh tools/setup extras

fast: ## add the compiled engine, which all commands then use: several times as fast (ENGINE=numpy leaves it alone)
	@sh tools/setup fast
	@$(SIM) fast

test: ## run the tests, on all cores
	@sh tools/setup dev
	ENGINE=numba $(SIM) fast & .venv/bin/python -m pytest $(SPREAD) && wait $$!
	ENGINE=numba .venv/bin/python -m pytest $(SPREAD) $(ON_BOTH)

check: ## lint, format, types and tests; CI runs this
	@sh tools/setup dev
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	ENGINE=numba $(SIM) fast & .venv/bin/python -m mypy && wait $$!
	.venv/bin/python -m pytest $(SPREAD)
	ENGINE=numba .venv/bin/python -m pytest $(SPREAD) $(ON_BOTH)

bench: ## time both engines against a plain solution of the same equations, their growth, and whole commands
	@sh tools/setup dev
	@.venv/bin/python -m tests.bench.run

docs: ## write the tables of the documentation anew
	@sh tools/setup extras
	@$(SIM) docs

gallery: ## run a few scenarios and show their figures in docs/: [JOBS=]
	@sh tools/setup run
	@$(SIM) gallery

fuzz: ## mutate scenario files and tables, kill and starve commands: hours; writes docs/robustness.md
	@sh tools/setup dev
	@.venv/bin/python -m tests.robustness fuzz --page
	@.venv/bin/python -m tests.robustness crash --page

mutate: ## mutate the equations and see which tests notice: hours; writes docs/robustness.md
	@sh tools/setup dev
	@.venv/bin/python -m tests.robustness mutate --page

coverage: ## which statements and branches of sim/ the tests reach: half an hour; writes docs/robustness.md
	@sh tools/setup dev
	@.venv/bin/python -m tests.robustness reach --page

audit: ## known weaknesses of the pinned packages, where the list can be reached
	@sh tools/setup run
	@sh tools/audit

clean: ## remove caches and build products, never results
	@rm -rf .cache build dist sim.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage
	@find . \( -path ./.venv -o -path ./results -o -path ./.git \) -prune -o -type d -name __pycache__ -prune -exec rm -rf '{}' +
