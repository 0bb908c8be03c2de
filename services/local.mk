# Service packs are installed as they are: $(pkgdatadir)/services/<name>/.
packsdir = $(pkgdatadir)
nobase_dist_packs_DATA = \
	services/bihar/en.yaml \
	services/bihar/hi.yaml \
	services/bihar/service.yaml \
	services/common/en.yaml \
	services/common/hi.yaml \
	services/common/service.yaml \
	services/esanjeevani/en.yaml \
	services/esanjeevani/hi.yaml \
	services/esanjeevani/service.yaml \
	services/pmjay/en.yaml \
	services/pmjay/hi.yaml \
	services/pmjay/service.yaml
EXTRA_DIST += \
	services/bihar/conv/call-drop.conv \
	services/bihar/conv/city-en.conv \
	services/bihar/conv/city-hi.conv \
	services/bihar/conv/closing.conv \
	services/bihar/conv/first-status.conv \
	services/bihar/conv/stopped.conv \
	services/bihar/conv/village-en.conv \
	services/bihar/conv/village-hi.conv \
	services/common/conv/cancel.conv \
	services/common/conv/help-who-repeat.conv \
	services/common/conv/language.conv \
	services/common/conv/stop-start.conv \
	services/esanjeevani/conv/age-answers.conv \
	services/esanjeevani/conv/call-refused.conv \
	services/esanjeevani/conv/consent.conv \
	services/esanjeevani/conv/drop-token.conv \
	services/esanjeevani/conv/events-not-told.conv \
	services/esanjeevani/conv/field-refused.conv \
	services/esanjeevani/conv/name-answers.conv \
	services/esanjeevani/conv/register-en.conv \
	services/esanjeevani/conv/register-hi.conv \
	services/esanjeevani/conv/status-states.conv \
	services/esanjeevani/conv/token.conv \
	services/esanjeevani/conv/turn-bare-yes.conv \
	services/esanjeevani/conv/turn-missed.conv \
	services/esanjeevani/conv/wrong-too-often.conv \
	services/pmjay/conv/complaint-en.conv \
	services/pmjay/conv/complaint-hi.conv \
	services/pmjay/conv/estimate-en.conv \
	services/pmjay/conv/estimate-hi.conv \
	services/pmjay/conv/estimate-wrong-en.conv \
	services/pmjay/conv/estimate-wrong-hi.conv \
	services/pmjay/conv/first-time.conv \
	services/pmjay/conv/hospital-en.conv \
	services/pmjay/conv/hospital-hi.conv \
	services/pmjay/conv/know-en.conv \
	services/pmjay/conv/know-hi.conv \
	services/pmjay/conv/record-en.conv \
	services/pmjay/conv/record-hi.conv \
	services/pmjay/conv/ussd-hi.conv
