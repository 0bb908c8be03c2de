# tests/unit/app.mk

UNIT_TESTS += tests/unit/test_otp_code
tests_unit_test_otp_code_SOURCES = tests/unit/test_otp_code.c src/app/otp_code.c
tests_unit_test_otp_code_LDADD = libengine.a libbase.a $(CRYPTO_LIBS) -lunistring $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_sms_parts
tests_unit_test_sms_parts_SOURCES = tests/unit/test_sms_parts.c tests/unit/unit.h src/app/fill.c src/app/http_fields.c
tests_unit_test_sms_parts_LDADD = libcodec.a libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CODEC_LIBS) $(UNIT_LIBS)
