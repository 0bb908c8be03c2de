# docs
EXTRA_DIST += docs/services/bihar.md docs/services/cghs.md docs/services/common.md docs/services/niramaya.md docs/services/pmjay.md
EXTRA_DIST += docs/services/README.md docs/services/across.md docs/services/esanjeevani.md
EXTRA_DIST += docs/testing.md docs/text.md docs/reminders.md
EXTRA_DIST += docs/conversations.md
EXTRA_DIST += docs/backend-api.yaml docs/internals/backend.md docs/internals/simulator.md
EXTRA_DIST += docs/internals/flow.md docs/internals/otp.md docs/dakiyad.yaml.5.in
dist_man_MANS += docs/dakiyad.8 docs/dakiyactl.1 docs/dakiyad.yaml.5 docs/dakiya-backend.8 docs/dakiya-sim.1
EXTRA_DIST += docs/internals/packs.md
EXTRA_DIST += docs/internals/net.md docs/internals/performance.md
EXTRA_DIST += docs/links.md
EXTRA_DIST += docs/ussd.md
EXTRA_DIST += docs/sms-http.md docs/kannel.md
