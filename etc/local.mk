# etc
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/dakiyad.yaml etc/dakiyad.service etc/prometheus-rules.yaml
smsdir = $(pkgdatadir)/sms
dist_sms_DATA = \
	etc/sms/africastalking.yaml etc/sms/bsnl-brps.yaml etc/sms/cdac-mobile-seva.yaml \
	etc/sms/generic-json.yaml etc/sms/gupshup.yaml etc/sms/infobip.yaml etc/sms/kannel.conf \
	etc/sms/kannel.yaml etc/sms/nic-smsgw.yaml etc/sms/twilio.yaml etc/sms/vonage.yaml
ussddir = $(pkgdatadir)/ussd
dist_ussd_DATA = \
	etc/ussd/6d.yaml etc/ussd/africastalking.yaml etc/ussd/airtel-comviva.yaml \
	etc/ussd/comverse.yaml etc/ussd/digitalpulse.yaml etc/ussd/dmark.yaml \
	etc/ussd/generic-json.yaml etc/ussd/generic.yaml etc/ussd/huawei.yaml \
	etc/ussd/imimobile.yaml etc/ussd/infobip.yaml etc/ussd/mica.yaml \
	etc/ussd/mobile-seva.yaml etc/ussd/safaricom.yaml etc/ussd/tata.yaml
