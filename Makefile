# Every target sets up what it needs; `make help` lists them.
# Apart from Debian packages, nothing is written outside .build/ except by
# `make doc` and `make site`.

ROOT := $(CURDIR)
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
RSCRIPT = Rscript --no-init-file

export ADMLE_JOBS := $(JOBS)
export R_LIBS := $(ROOT)/.build/library:$(ROOT)/.build/deps$(if $(R_LIBS),:$(R_LIBS))
export LC_ALL := C.UTF-8
export TZ ?= UTC

# Folders are listed too (as dir/., since a target is called demo), so that a
# deleted file counts as a change.
SOURCES := $(shell find DESCRIPTION NAMESPACE $(addsuffix /.,R src man inst \
  demo data) ! -name '*.o' ! -name '*.so' 2>/dev/null)
INSTALLED := .build/installed

.DEFAULT_GOAL := help
.PHONY: help demo test check cpp-test asan valgrind coverage lint \
  format doc site install setup bench bench-quick agreement consumers features \
  corpus instruction-counts clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' \
	  Makefile

demo: $(INSTALLED) ## a tour of the package, with plots
	@$(RSCRIPT) tools/demo.R

test: ## everything: generated files, lint, C++ tests, R CMD check
	@$(RSCRIPT) tools/setup.R run test check qpdf mathlib valgrind
	@$(RSCRIPT) tools/test.R

check: ## R CMD build and R CMD check --as-cran, unit tests included
	@$(RSCRIPT) tools/setup.R run test check qpdf
	@$(RSCRIPT) tools/check.R

cpp-test: ## the C++ engine's tests, without R
	@$(RSCRIPT) tools/setup.R run mathlib
	@$(MAKE) --no-print-directory -j$(JOBS) -C tests/cpp test VARIANT=plain

asan: ## the same under the address and undefined-behaviour sanitizers
	@$(RSCRIPT) tools/setup.R run mathlib
	@$(MAKE) --no-print-directory -j$(JOBS) -C tests/cpp test VARIANT=asan

valgrind: ## the same under valgrind
	@$(RSCRIPT) tools/setup.R run mathlib valgrind
	@$(MAKE) --no-print-directory -j$(JOBS) -C tests/cpp test VARIANT=valgrind

instruction-counts: ## record the counts that make test compares with
	@$(RSCRIPT) tools/setup.R valgrind
	@$(RSCRIPT) tools/instruction-counts.R update

coverage: ## lines covered: R by the unit tests, C++ by the C++ tests
	@$(RSCRIPT) tools/setup.R run test check mathlib coverage
	@$(RSCRIPT) tools/coverage.R

lint: ## line lengths, the rooms of src, format, cppcheck if present
	@$(RSCRIPT) tools/lint.R

format: ## format src with clang-format 14
	@$(RSCRIPT) tools/format.R

doc: ## regenerate NAMESPACE, man/, RcppExports and the Makevars lists
	@$(RSCRIPT) tools/setup.R run check
	@$(RSCRIPT) tools/generate.R

site: $(INSTALLED) ## the web site in docs/, if pkgdown is installed
	@$(RSCRIPT) tools/site.R

install: $(INSTALLED) ## install admle into .build/library

setup: ## install what is missing for all of the above
	@$(RSCRIPT) tools/setup.R run test check qpdf mathlib

bench: $(INSTALLED) ## write bench/results.md; ONLY=name prints one scenario
	@$(RSCRIPT) tools/setup.R run bench
	@$(RSCRIPT) bench/run.R $(ONLY)

bench-quick: $(INSTALLED) ## the same on smaller data in two minutes, printed
	@$(RSCRIPT) tools/setup.R run bench
	@ADMLE_BENCH=quick $(RSCRIPT) bench/run.R $(ONLY)

agreement: $(INSTALLED) ## write bench/agreement.md: fits of other packages
	@$(RSCRIPT) tools/setup.R run test bench
	@$(RSCRIPT) bench/agreement.R

features: $(INSTALLED) ## write design/0027-features.md: features together
	@$(RSCRIPT) bench/features.R

consumers: $(INSTALLED) ## write bench/consumers.md: fits in other packages
	@$(RSCRIPT) tools/setup.R run test
	@$(RSCRIPT) bench/consumers.R

corpus: $(INSTALLED) ## write bench/corpus.md: objectives of other packages
	@$(RSCRIPT) tools/setup.R run corpus
	@$(RSCRIPT) bench/corpus.R

clean: ## remove what was built; packages in .build/deps stay
	@if [ -d .build ]; then \
	  find .build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +; fi

$(INSTALLED): $(SOURCES) tools/install.R
	@$(RSCRIPT) tools/setup.R run
	@$(RSCRIPT) tools/install.R
