# Fuzz targets of src/codec and src/base.
CODEC_FUZZ_LIBS = libcodec.a libbase.a $(CODEC_LIBS) $(BASE_LIBS)
CODEC_FUZZ_MAIN = tests/fuzz/fuzz.h $(FUZZ_MAIN)
FUZZ_TARGETS += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_conf_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_msisdn
tests_fuzz_fuzz_msisdn_SOURCES = tests/fuzz/fuzz_msisdn.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_msisdn_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_msisdn_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_receipt
tests_fuzz_fuzz_receipt_SOURCES = tests/fuzz/fuzz_receipt.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_receipt_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_receipt_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_smpp_pdu
tests_fuzz_fuzz_smpp_pdu_SOURCES = tests/fuzz/fuzz_smpp_pdu.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_smpp_pdu_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_smpp_pdu_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_text_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_form
tests_fuzz_fuzz_form_SOURCES = tests/fuzz/fuzz_form.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_form_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_form_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_http_answer
tests_fuzz_fuzz_http_answer_SOURCES = tests/fuzz/fuzz_http_answer.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_http_answer_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_http_answer_LDADD = $(CODEC_FUZZ_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_ussd_pdu
tests_fuzz_fuzz_ussd_pdu_SOURCES = tests/fuzz/fuzz_ussd_pdu.c $(CODEC_FUZZ_MAIN)
tests_fuzz_fuzz_ussd_pdu_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ussd_pdu_LDADD = $(CODEC_FUZZ_LIBS)
EXTRA_DIST += \
	tests/fuzz/corpus/conf \
	tests/fuzz/corpus/form \
	tests/fuzz/corpus/http_answer \
	tests/fuzz/corpus/ussd_pdu \
	tests/fuzz/corpus/msisdn \
	tests/fuzz/corpus/receipt \
	tests/fuzz/corpus/smpp_pdu \
	tests/fuzz/corpus/text
