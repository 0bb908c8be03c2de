# Service packs are installed as they are: $(pkgdatadir)/services/<name>/.
packsdir = $(pkgdatadir)
nobase_dist_packs_DATA = \
	services/common/en.yaml \
	services/common/hi.yaml \
	services/common/service.yaml \
	services/esanjeevani/en.yaml \
	services/esanjeevani/hi.yaml \
	services/esanjeevani/service.yaml
EXTRA_DIST += \
	services/esanjeevani/conv/register-hi.conv
