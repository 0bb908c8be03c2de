noinst_LIBRARIES += libcodec.a
libcodec_a_SOURCES = \
	src/codec/escape.c \
	src/codec/escape.h \
	src/codec/form.c \
	src/codec/form.h \
	src/codec/gsm7.c \
	src/codec/http_answer.c \
	src/codec/http_answer.h \
	src/codec/json_at.c \
	src/codec/json_at.h \
	src/codec/msisdn.c \
	src/codec/msisdn.h \
	src/codec/national.c \
	src/codec/receipt.c \
	src/codec/receipt.h \
	src/codec/receipt_forms.c \
	src/codec/receipt_forms.h \
	src/codec/smpp_names.c \
	src/codec/smpp_pdu.c \
	src/codec/smpp_pdu.h \
	src/codec/split.c \
	src/codec/text.c \
	src/codec/text.h \
	src/codec/text_decode.c \
	src/codec/text_fold.c \
	src/codec/text_int.h \
	src/codec/text_smart.c \
	src/codec/ussd_pdu.c \
	src/codec/ussd_pdu.h
