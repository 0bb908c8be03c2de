# docs
EXTRA_DIST += docs/testing.md
dist_man_MANS += docs/dakiyad.8
