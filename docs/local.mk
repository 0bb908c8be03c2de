# docs
EXTRA_DIST += docs/testing.md
