# docs
EXTRA_DIST += docs/testing.md
EXTRA_DIST += docs/backend-api.yaml docs/internals/backend.md docs/internals/simulator.md
