# scripts
EXTRA_DIST += scripts/bootstrap scripts/check-style scripts/install-missing scripts/packages scripts/run scripts/test
