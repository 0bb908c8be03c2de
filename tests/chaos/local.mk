# Real processes under faults: by hand with make check-chaos ROUNDS=300, in CI as a stage of scripts/test.
EXTRA_DIST += \
	tests/chaos/books.py \
	tests/chaos/faults.py \
	tests/chaos/line.py \
	tests/chaos/overload.py \
	tests/chaos/people.py \
	tests/chaos/rofs.c \
	tests/chaos/run.py \
	tests/chaos/soak.py \
	tests/chaos/steady.py \
	tests/chaos/world.py

check-chaos: all
	DK_SRCDIR='$(abs_top_srcdir)' DK_BUILDDIR='$(abs_top_builddir)' \
	  python3 $(srcdir)/tests/chaos/run.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))
.PHONY: check-chaos
