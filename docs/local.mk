# docs
EXTRA_DIST += docs/testing.md docs/internals/flow.md docs/dakiyad.yaml.5.in
dist_man_MANS += docs/dakiyad.8
