# tests/unit/app.mk

check_PROGRAMS += tests/unit/test_otp_code
TESTS += tests/unit/test_otp_code
tests_unit_test_otp_code_SOURCES = tests/unit/test_otp_code.c src/app/otp_code.c
tests_unit_test_otp_code_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_otp_code_LDADD = libengine.a libbase.a $(CRYPTO_LIBS) -lunistring $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_sms_parts
TESTS += tests/unit/test_sms_parts
tests_unit_test_sms_parts_SOURCES = tests/unit/test_sms_parts.c tests/unit/unit.h src/app/fill.c src/app/http_fields.c
tests_unit_test_sms_parts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sms_parts_LDADD = libcodec.a libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CODEC_LIBS) $(UNIT_LIBS)
