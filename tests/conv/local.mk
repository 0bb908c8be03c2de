noinst_PROGRAMS += tests/conv/conv_run
tests_conv_conv_run_SOURCES = tests/conv/conv_run.c src/pack_files.c tests/conv/load.c tests/conv/story.c tests/conv/story.h
tests_conv_conv_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/conv
tests_conv_conv_run_LDADD = libsim.a libengine.a libcodec.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lunistring
TESTS += tests/conv/run
EXTRA_DIST += \
	tests/conv/run \
	tests/conv/away-expired.conv \
	tests/conv/away-meanwhile.conv \
	tests/conv/away-recovered.conv \
	tests/conv/backend-odd.conv \
	tests/conv/first-time-en.conv \
	tests/conv/first-time-hi.conv \
	tests/conv/interrupt-en.conv \
	tests/conv/interrupt-hi.conv \
	tests/conv/kept-asks.conv \
	tests/conv/kit.conv \
	tests/conv/kit-pick.conv \
	tests/conv/late.conv \
	tests/conv/meanwhile-away.conv \
	tests/conv/meanwhile.conv \
	tests/conv/nothing-known.conv \
	tests/conv/outside.conv \
	tests/conv/packs-changed-event.conv \
	tests/conv/packs-changed-kept-text.conv \
	tests/conv/packs-changed-kept.conv \
	tests/conv/packs-changed.conv \
	tests/conv/sentence.conv \
	tests/conv/session-damaged.conv \
	tests/conv/unreadable.conv \
	tests/conv/ussd-and-sms.conv \
	tests/conv/ussd-away.conv \
	tests/conv/ussd-back-to-menu.conv \
	tests/conv/ussd-back.conv \
	tests/conv/ussd-drop-token.conv \
	tests/conv/ussd-events.conv \
	tests/conv/ussd-gone-calling.conv \
	tests/conv/ussd-language-words.conv \
	tests/conv/ussd-last-pages.conv \
	tests/conv/ussd-late-away.conv \
	tests/conv/ussd-late-question.conv \
	tests/conv/ussd-late-said.conv \
	tests/conv/ussd-late.conv \
	tests/conv/ussd-menu-pages.conv \
	tests/conv/ussd-nine.conv \
	tests/conv/ussd-nothing-there.conv \
	tests/conv/ussd-packs-changed.conv \
	tests/conv/ussd-register-en.conv \
	tests/conv/ussd-register-hi.conv \
	tests/conv/ussd-resume-afresh.conv \
	tests/conv/ussd-resume-after-sms.conv \
	tests/conv/ussd-resume-not-chosen.conv \
	tests/conv/ussd-resume-too-late.conv \
	tests/conv/ussd-resume-untold.conv \
	tests/conv/ussd-resume-wrong.conv \
	tests/conv/ussd-resume.conv \
	tests/conv/ussd-shortcut-beside.conv \
	tests/conv/ussd-shortcut-wrong.conv \
	tests/conv/ussd-shortcut.conv \
	tests/conv/ussd-sms-between.conv \
	tests/conv/ussd-stray.conv \
	tests/conv/ussd-text-pages.conv \
	tests/conv/ussd-unknown-session.conv \
	tests/conv/ussd-unreadable-keys.conv \
	tests/conv/ussd-words.conv \
	tests/conv/ussd-wrong-answers.conv \
	tests/conv/ussd-wrong-thrice.conv \
	tests/conv/ways/sms-en.conv \
	tests/conv/ways/ussd-en.conv \
	tests/conv/ways/ussd-hi.conv \
	tests/conv/changed/esanjeevani/en.yaml \
	tests/conv/changed/esanjeevani/hi.yaml \
	tests/conv/changed/esanjeevani/service.yaml \
	tests/conv/kit/en.yaml \
	tests/conv/kit/hi.yaml \
	tests/conv/kit/service.yaml
