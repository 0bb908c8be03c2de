# tests/unit/app.mk

check_PROGRAMS += tests/unit/test_otp_code
TESTS += tests/unit/test_otp_code
tests_unit_test_otp_code_SOURCES = tests/unit/test_otp_code.c src/app/otp_code.c
tests_unit_test_otp_code_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_otp_code_LDADD = libengine.a libbase.a $(CRYPTO_LIBS) -lunistring $(CMOCKA_LIBS)
