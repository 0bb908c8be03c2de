# A whole link, fed by a message centre that says anything.
FUZZ_TARGETS += tests/fuzz/fuzz_smpp_link
tests_fuzz_fuzz_smpp_link_SOURCES = tests/fuzz/fuzz_smpp_link.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_smpp_link_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_smpp_link_LDADD = libnet.a libcodec.a libbase.a $(EVENT_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/fuzz/corpus/smpp_link
# What HTTP providers bring.
FUZZ_TARGETS += tests/fuzz/fuzz_sms_in
tests_fuzz_fuzz_sms_in_SOURCES = tests/fuzz/fuzz_sms_in.c src/app/fill.c src/app/http_fields.c tests/fuzz/fuzz.h \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_sms_in_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_sms_in_LDADD = libnet.a libcodec.a libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/fuzz/corpus/sms_in
