# Played by scripts/run on real parts.
EXTRA_DIST += tests/stories/main-en.story tests/stories/main-hi.story
