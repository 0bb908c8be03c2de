# scripts
EXTRA_DIST += scripts/bootstrap scripts/check-style scripts/install-missing scripts/packages scripts/run scripts/test

# The manual page follows the option table.
EXTRA_DIST += scripts/check-options
TESTS += scripts/check-options

EXTRA_DIST += scripts/fuzz

# The layers' arrows, from the objects and the sources.
EXTRA_DIST += scripts/check-layers
TESTS += scripts/check-layers

# Each fact of the sources has its row, and each row's texts, rules, routes and tests exist.
EXTRA_DIST += scripts/check-facts
TESTS += scripts/check-facts
